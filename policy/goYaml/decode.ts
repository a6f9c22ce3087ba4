import { joinPath } from "../value";
import { GoYamlError } from "./error";
import { GoMap, goSyntax, type GoItem, type GoValue } from "./goValue";
import {
    parseFirstDocument,
    type AliasNode,
    type MappingNode,
    type Node,
    type ParsedYaml,
    type ScalarNode,
} from "./parser";
import { resolveScalar } from "./resolve";

/** A YAML text as the API server's YAML reader hands it on. */
export interface DecodedYaml extends Omit<ParsedYaml, "root"> {
    /** Absent when there is no document at all. */
    root: GoItem | undefined;
    /** The keys that were set already. */
    duplicates: DuplicateKey[];
    /** The tags that say of a value that it is something else than it looks like. */
    tags: Tagged[];
}

/** A key that was set already. */
export interface DuplicateKey {
    path: string;
    /** Where the key is, in UTF-16 units. */
    offset: number;
    /** What the reader says of it when it is asked to mind. */
    message: string;
}

/** A value with a tag. */
export interface Tagged {
    path: string;
    /** Where the value is, in UTF-16 units. */
    offset: number;
    /** The whole tag. */
    tag: string;
}

/**
 * Reads the first document of a YAML text as the API server's YAML reader does.
 *
 * @throws GoYamlError in the reader's words
 */
export function decodeYaml(bytes: Uint8Array): DecodedYaml {
    const { root, ...rest } = parseFirstDocument(bytes);
    const decoder = new Decoder();
    const decoded = root && decoder.decodeDocument(root);
    return { ...rest, root: decoded, duplicates: decoder.duplicates, tags: decoder.tags };
}

const yaml = "tag:yaml.org,2002:";
const usualTags = { sequence: `${yaml}seq`, mapping: `${yaml}map`, scalar: `${yaml}str`, alias: "" } as const;

class Decoder {
    readonly duplicates: DuplicateKey[] = [];
    readonly tags: Tagged[] = [];
    private decoded = 0;
    private aliased = 0;
    private readonly open = new Set<AliasNode>();

    decodeDocument(root: Node): GoItem {
        this.count(root);
        return this.decode(root, "");
    }

    private decode(node: Node, path: string): GoItem {
        this.count(node);
        this.noteTag(node, path);
        return { value: this.valueOf(node, path), node };
    }

    private valueOf(node: Node, path: string): GoValue {
        switch (node.kind) {
            case "alias":
                return this.follow(node, () => this.decode(node.target, path).value);
            case "scalar":
                return decodeScalar(node);
            case "sequence":
                return node.items.map((item, i) => this.decode(item, `${path}[${i}]`));
            case "mapping": {
                const map = new GoMap();
                this.decodeInto(map, node, path);
                return map;
            }
        }
    }

    /** A document of which nearly all comes from repeating itself is refused. */
    private count({ offset }: Node): void {
        this.decoded++;
        this.aliased += this.open.size > 0 ? 1 : 0;
        if (this.aliased > 100 && this.decoded > 1000 && this.aliased / this.decoded > allowedRatio(this.decoded)) {
            throw new GoYamlError("document contains excessive aliasing", offset);
        }
    }

    private noteTag({ kind, tag, offset }: Node, path: string): void {
        if (tag !== "" && tag !== usualTags[kind] && this.open.size === 0) {
            this.tags.push({ path, offset, tag });
        }
    }

    private follow<T>(alias: AliasNode, goOn: () => T): T {
        if (this.open.has(alias)) {
            throw new GoYamlError(`anchor '${alias.name}' value contains itself`, alias.offset);
        }
        this.open.add(alias);
        const result = goOn();
        this.open.delete(alias);
        return result;
    }

    private decodeInto(map: GoMap, { pairs }: MappingNode, path: string): void {
        for (const [keyNode, valueNode] of pairs) {
            if (isMergeKey(keyNode)) {
                this.merge(map, valueNode, path);
                continue;
            }
            const key = this.decode(keyNode, path);
            const { value: name } = key;
            if (name instanceof GoMap || Array.isArray(name)) {
                throw new GoYamlError(`invalid map key: ${goSyntax(name)}`, keyNode.offset);
            }
            const inside = joinPath(path, writtenKey(keyNode));
            const item = this.decode(valueNode, inside);
            if (map.has(name)) {
                const message = `line ${valueNode.line + 1}: key ${goSyntax(name)} already set in map`;
                this.duplicates.push({ path: inside, offset: keyNode.offset, message });
            }
            map.set(key, item);
        }
    }

    /** Takes over what another mapping has, or several of which the first has precedence. */
    private merge(map: GoMap, node: Node, path: string): void {
        if (node.kind === "sequence") {
            for (const item of node.items.toReversed()) {
                this.mergeOne(map, item, path);
            }
        } else {
            this.mergeOne(map, node, path);
        }
    }

    private mergeOne(map: GoMap, node: Node, path: string): void {
        const source = node.kind === "alias" ? node.target : node;
        if (source.kind !== "mapping") {
            throw new GoYamlError("map merge requires map or sequence of maps as the value", node.offset);
        }
        this.count(node);
        if (node.kind === "alias") {
            this.follow(node, () => {
                this.count(node);
                this.decodeInto(map, source, path);
            });
        } else {
            this.decodeInto(map, source, path);
        }
    }
}

function decodeScalar({ tag, implicit, value, offset }: ScalarNode): GoValue {
    if (tag === "" && !implicit) {
        return value;
    }
    return resolveScalar(tag, value, offset);
}

function writtenKey(node: Node): string {
    const { target } = node.kind === "alias" ? node : { target: node };
    return target.kind === "scalar" ? target.value : "";
}

function isMergeKey(node: Node): boolean {
    return node.kind === "scalar" && node.value === "<<" && (node.implicit || node.tag === `${yaml}merge`);
}

const few = 400_000;
const many = 4_000_000;

function allowedRatio(decoded: number): number {
    if (decoded <= few) {
        return 0.99;
    }
    return decoded >= many ? 0.1 : 0.99 - (0.89 * (decoded - few)) / (many - few);
}
