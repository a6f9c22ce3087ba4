import { GoYamlError } from "./error";
import type { Comment } from "./cursor";
import { Scanner } from "./scanner";
import type { Mark, Token, TokenKind } from "./token";

/** A part of a document. */
export type Node = ScalarNode | SequenceNode | MappingNode | AliasNode;

interface Located {
    /** Where it begins, with its tag and its anchor. Counted from 0. */
    line: number;
    /** Where its content begins, in UTF-16 units. */
    offset: number;
    /** The whole tag; `""` when there is none. */
    tag: string;
}

/** A text, number, truth value or null, not yet told apart. */
export interface ScalarNode extends Located {
    kind: "scalar";
    value: string;
    /** Whether its characters say what it is. */
    implicit: boolean;
}

/** A list. */
export interface SequenceNode extends Located {
    kind: "sequence";
    items: Node[];
}

/** A mapping, as it is written: keys may repeat. */
export interface MappingNode extends Located {
    kind: "mapping";
    pairs: [key: Node, value: Node][];
}

/** `*name` */
export interface AliasNode extends Located {
    kind: "alias";
    name: string;
    target: Node;
}

/** A YAML text of which the first document was read. */
export interface ParsedYaml {
    /** Absent when there is no document at all. */
    root: Node | undefined;
    /** The offsets of what begins with `%`. */
    directives: readonly number[];
    comments: readonly Comment[];
    /** The offset of what follows the document, if anything does. */
    rest: number | undefined;
}

/**
 * Reads the first document of a YAML text as the API server does; what follows may be anything.
 *
 * @throws GoYamlError
 */
export function parseFirstDocument(bytes: Uint8Array): ParsedYaml {
    const parser = new Parser(bytes.length === 0 ? Buffer.from("\n") : bytes);
    const root = parser.parseDocument();
    const rest = parser.findRest();
    return { root, rest, directives: parser.directives, comments: parser.comments };
}

interface Properties {
    start: Mark;
    tag: string;
    anchor: string | undefined;
}

class Parser {
    private readonly scanner: Scanner;
    readonly directives: number[] = [];
    private readonly tagPrefixes = new Map<string, string>();
    private readonly anchors = new Map<string, Node>();

    constructor(bytes: Uint8Array) {
        this.scanner = new Scanner(bytes);
    }

    get comments(): readonly Comment[] {
        return this.scanner.comments;
    }

    parseDocument(): Node | undefined {
        this.scanner.peek();
        this.scanner.skip();
        if (this.at("stream-end")) {
            return undefined;
        }
        const directives = this.at("version-directive", "tag-directive", "document-start");
        this.parseDirectives();
        if (directives) {
            if (!this.at("document-start")) {
                throw this.error("did not find expected <document start>");
            }
            this.scanner.skip();
        }
        const absent =
            directives && this.at("version-directive", "tag-directive", "document-start", "document-end", "stream-end");
        const root = absent ? this.emptyScalar(this.scanner.peek().start) : this.parseNode(true, false);
        this.scanner.peek();
        return root;
    }

    /** Looks behind the first document, where the API server does not. */
    findRest(): number | undefined {
        try {
            while (this.at("document-end")) {
                this.scanner.skip();
            }
            const { kind, start } = this.scanner.peek();
            return kind === "stream-end" ? undefined : start.offset;
        } catch (problem) {
            if (problem instanceof GoYamlError) {
                return problem.offset;
            }
            throw problem;
        }
    }

    private parseDirectives(): void {
        let versions = 0;
        while (this.at("version-directive", "tag-directive")) {
            const { kind, start, value = "", suffix = "" } = this.scanner.peek();
            this.directives.push(start.offset);
            if (kind === "version-directive") {
                if (++versions > 1) {
                    throw this.error("found duplicate %YAML directive");
                }
                if (value !== "1.1") {
                    throw this.error("found incompatible YAML document");
                }
            } else {
                if (this.tagPrefixes.has(value)) {
                    throw this.error("found duplicate %TAG directive");
                }
                this.tagPrefixes.set(value, suffix);
            }
            this.scanner.skip();
        }
        for (const [handle, prefix] of [
            ["!", "!"],
            ["!!", "tag:yaml.org,2002:"],
        ] as const) {
            if (!this.tagPrefixes.has(handle)) {
                this.tagPrefixes.set(handle, prefix);
            }
        }
    }

    private parseNode(block: boolean, indentlessSequence: boolean): Node {
        if (this.at("alias")) {
            return this.parseAlias();
        }
        const properties = this.parseProperties();
        const { start, tag, anchor } = properties;
        const token = this.scanner.peek();
        if (indentlessSequence && token.kind === "block-entry") {
            return this.parseSequence(properties, (node) => {
                this.parseIndentlessSequence(node);
            });
        }
        if (token.kind === "scalar") {
            const implicit = (tag === "" && token.plain === true) || tag === "!";
            this.scanner.skip();
            return this.register(anchor, {
                kind: "scalar",
                line: start.line,
                offset: token.start.offset,
                value: token.value ?? "",
                tag,
                implicit,
            });
        }
        if (token.kind === "flow-sequence-start") {
            return this.parseSequence(properties, (node) => {
                this.parseFlowSequence(node);
            });
        }
        if (token.kind === "flow-mapping-start") {
            return this.parseMapping(properties, (node) => {
                this.parseFlowMapping(node);
            });
        }
        if (block && token.kind === "block-sequence-start") {
            return this.parseSequence(properties, (node) => {
                this.parseBlockSequence(node);
            });
        }
        if (block && token.kind === "block-mapping-start") {
            return this.parseMapping(properties, (node) => {
                this.parseBlockMapping(node);
            });
        }
        if (anchor !== undefined || tag !== "") {
            const implicit = tag === "";
            const { offset } = token.start;
            return this.register(anchor, { kind: "scalar", line: start.line, offset, value: "", tag, implicit });
        }
        throw this.error("did not find expected node content", start);
    }

    private parseAlias(): AliasNode {
        const { start, value: name = "" } = this.scanner.peek();
        this.scanner.skip();
        const target = this.anchors.get(name);
        if (!target) {
            throw new GoYamlError(`unknown anchor '${name}' referenced`, start.offset);
        }
        return { kind: "alias", line: start.line, offset: start.offset, tag: "", name, target };
    }

    private parseProperties(): Properties {
        const { start } = this.scanner.peek();
        let anchor: string | undefined;
        let tag: Token | undefined;
        for (let i = 0; i < 2; i++) {
            if (anchor === undefined && this.at("anchor")) {
                anchor = this.take().value;
            } else if (!tag && this.at("tag")) {
                tag = this.take();
            } else {
                break;
            }
        }
        return { start, anchor, tag: tag ? this.resolveTag(tag, start) : "" };
    }

    private resolveTag({ value: handle = "", suffix = "", start: mark }: Token, start: Mark): string {
        const tag = handle === "" ? suffix : this.tagPrefixes.has(handle) ? this.tagPrefixes.get(handle)! + suffix : "";
        if (handle !== "" && tag === "") {
            throw parserError("found undefined tag handle", mark, start);
        }
        return tag;
    }

    private register<T extends Node>(anchor: string | undefined, node: T): T {
        if (anchor !== undefined) {
            this.anchors.set(anchor, node);
        }
        return node;
    }

    private parseSequence(properties: Properties, parseItems: (node: SequenceNode) => void): SequenceNode {
        const { start, tag, anchor } = properties;
        const { offset } = this.scanner.peek().start;
        const node = this.register(anchor, { kind: "sequence", line: start.line, offset, tag, items: [] });
        parseItems(node);
        return node;
    }

    private parseMapping(properties: Properties, parsePairs: (node: MappingNode) => void): MappingNode {
        const { start, tag, anchor } = properties;
        const { offset } = this.scanner.peek().start;
        const node = this.register(anchor, { kind: "mapping", line: start.line, offset, tag, pairs: [] });
        parsePairs(node);
        return node;
    }

    private parseBlockSequence({ items }: SequenceNode): void {
        const { start } = this.take();
        while (this.at("block-entry")) {
            const { end } = this.take();
            const absent = this.at("block-entry", "block-end");
            items.push(absent ? this.emptyScalar(end) : this.parseNode(true, false));
        }
        if (!this.at("block-end")) {
            throw this.error("did not find expected '-' indicator", start);
        }
        this.scanner.skip();
    }

    private parseIndentlessSequence({ items }: SequenceNode): void {
        while (this.at("block-entry")) {
            const { end } = this.take();
            const absent = this.at("block-entry", "key", "value", "block-end");
            items.push(absent ? this.emptyScalar(end) : this.parseNode(true, false));
        }
    }

    private parseBlockMapping({ pairs }: MappingNode): void {
        const { start } = this.take();
        while (this.at("key")) {
            const key = this.parseBlockMappingPart();
            const value = this.at("value") ? this.parseBlockMappingPart() : this.emptyScalar(this.scanner.peek().start);
            pairs.push([key, value]);
        }
        if (!this.at("block-end")) {
            throw this.error("did not find expected key", start);
        }
        this.scanner.skip();
    }

    private parseBlockMappingPart(): Node {
        const { end } = this.take();
        return this.at("key", "value", "block-end") ? this.emptyScalar(end) : this.parseNode(true, true);
    }

    private parseFlowSequence({ items }: SequenceNode): void {
        const { start } = this.take();
        for (let first = true; !this.at("flow-sequence-end"); first = false) {
            if (!first) {
                if (!this.at("flow-entry")) {
                    throw this.error("did not find expected ',' or ']'", start);
                }
                this.scanner.skip();
            }
            if (this.at("key")) {
                items.push(this.parseFlowPair());
            } else if (!this.at("flow-sequence-end")) {
                items.push(this.parseNode(false, false));
            } else {
                break;
            }
        }
        this.scanner.skip();
    }

    /** `a: b` or `? a : b` as an item of a list, which is a mapping of one entry. */
    private parseFlowPair(): MappingNode {
        const { start } = this.take();
        let key: Node;
        if (this.at("value", "flow-entry", "flow-sequence-end")) {
            // The API server's reader takes the token here that says that there is no key, too.
            key = this.emptyScalar(this.take().end);
        } else {
            key = this.parseNode(false, false);
        }
        let value: Node | undefined;
        if (this.at("value")) {
            this.scanner.skip();
            if (!this.at("flow-entry", "flow-sequence-end")) {
                value = this.parseNode(false, false);
            }
        }
        value ??= this.emptyScalar(this.scanner.peek().start);
        this.scanner.peek();
        return { kind: "mapping", line: start.line, offset: start.offset, tag: "", pairs: [[key, value]] };
    }

    private parseFlowMapping({ pairs }: MappingNode): void {
        const { start } = this.take();
        for (let first = true; !this.at("flow-mapping-end"); first = false) {
            if (!first) {
                if (!this.at("flow-entry")) {
                    throw this.error("did not find expected ',' or '}'", start);
                }
                this.scanner.skip();
            }
            if (this.at("key")) {
                this.scanner.skip();
                const absent = this.at("value", "flow-entry", "flow-mapping-end");
                const key = absent ? this.emptyScalar(this.scanner.peek().start) : this.parseNode(false, false);
                pairs.push([key, this.parseFlowMappingValue()]);
            } else if (!this.at("flow-mapping-end")) {
                const key = this.parseNode(false, false);
                pairs.push([key, this.emptyScalar(this.scanner.peek().start)]);
            } else {
                break;
            }
        }
        this.scanner.skip();
    }

    private parseFlowMappingValue(): Node {
        if (this.at("value")) {
            this.scanner.skip();
            if (!this.at("flow-entry", "flow-mapping-end")) {
                return this.parseNode(false, false);
            }
        }
        return this.emptyScalar(this.scanner.peek().start);
    }

    private emptyScalar({ line, offset }: Mark): ScalarNode {
        return { kind: "scalar", line, offset, value: "", tag: "", implicit: true };
    }

    private at(...kinds: TokenKind[]): boolean {
        return kinds.includes(this.scanner.peek().kind);
    }

    private take(): Token {
        const token = this.scanner.peek();
        this.scanner.skip();
        return token;
    }

    /** What is wrong with the next token. */
    private error(problem: string, context?: Mark): GoYamlError {
        return parserError(problem, this.scanner.peek().start, context);
    }
}

function parserError(problem: string, mark: Mark, context?: Mark): GoYamlError {
    const line = mark.line === 0 ? (context?.line ?? 0) : mark.line;
    return new GoYamlError(line === 0 ? problem : `line ${line}: ${problem}`, mark.offset);
}
