import { isAlias, isMap, isNode, isScalar, isSeq } from "yaml";
import type { Alias, Document, Pair, Scalar as YamlScalar, YAMLMap } from "yaml";
import { error, type Remark } from "./finding";
import { resolvePlainScalar } from "./plainScalar";
import type { MapEntry, Scalar, Value } from "./value";

/** How many nodes a document may have by repeating itself; a policy has no use for more. */
const mostAliased = 10_000;

/**
 * Resolves what the `yaml` package composed, without a schema, into values as the API server has them.
 *
 * @param text - the whole text, in which the nodes' ranges count
 * @param remarks - where to put what is wrong
 * @throws Error when aliases multiply the document beyond reason
 */
export function convertYaml(document: Document.Parsed, text: string, remarks: Remark[]): Value {
    return new Converter(text, document, remarks).convert(document.contents, "");
}

class Converter {
    private nodes = 0;
    private aliased = 0;
    private flowDepth = 0;
    private readonly openTargets: unknown[] = [];
    private readonly targets = new Map<Alias, unknown>();

    constructor(
        private readonly text: string,
        private readonly document: Document.Parsed,
        private readonly remarks: Remark[],
    ) {}

    /** @param node - anything the `yaml` package has in a document; `null` is a value that was left out */
    convert(node: unknown, path: string): Value {
        this.countNode();
        if (isAlias(node)) {
            const target = this.follow(node, path, (found) => this.convert(found, path));
            return target ?? { kind: "null", value: null, source: "" };
        }
        const offset = this.offsetOf(node);
        this.refuseDoubtfulAnchor(node, path, offset);
        if (isMap(node)) {
            this.refuseTag(node.tag, "map", path, offset);
            return this.inside(node, () => ({ kind: "map", offset, entries: this.convertEntries(node, path) }));
        }
        if (isSeq(node)) {
            this.refuseTag(node.tag, "seq", path, offset);
            const items = () => node.items.map((item, i) => this.convert(item, `${path}[${i}]`));
            return this.inside(node, () => ({ kind: "list", offset, items: items() }));
        }
        if (isScalar(node)) {
            this.refuseTag(node.tag, "str", path, offset);
            this.refuseSurrogateEscapes(node, path);
            this.refuseDoubtfulFlowScalar(node, path);
            const text = typeof node.value === "string" ? node.value : "";
            const quoted = node.type !== "PLAIN" || node.tag !== undefined;
            const resolved = quoted ? ({ kind: "string", value: text } as const) : resolvePlainScalar(text);
            this.refuseInfinity(resolved, path, offset);
            return { ...resolved, offset };
        }
        return { kind: "null", value: null, offset, source: "" };
    }

    private convertEntries(map: YAMLMap, path: string): MapEntry[] {
        const entries = new Map<string, MapEntry>();
        for (const pair of map.items) {
            for (const entry of this.convertPair(pair, path)) {
                if (entries.has(entry.key)) {
                    this.remarks.push(
                        error("duplicate-key", join(path, entry.key), `key "${entry.key}" already set in map`, {
                            offset: entry.keyOffset,
                            reason: "The API server silently uses the last of them.",
                            fix: "Remove or merge one of them.",
                        }),
                    );
                }
                entries.set(entry.key, entry);
            }
        }
        return [...entries.values()];
    }

    private convertPair(pair: Pair, path: string): MapEntry[] {
        const { key, value } = pair;
        const keyOffset = this.offsetOf(key);
        if (isScalar(key) && key.type === "PLAIN" && key.value === "<<" && key.tag === undefined) {
            return this.convertMerge(value, path, keyOffset);
        }
        const converted = this.convert(key, path);
        if (converted.kind === "list" || converted.kind === "map" || converted.kind === "null") {
            const what = { list: "a list", map: "a mapping", null: "empty" }[converted.kind];
            this.remarks.push(
                error("key-type", path, `a key is ${what}; keys must be texts`, {
                    offset: keyOffset ?? this.offsetOf(value),
                }),
            );
            return [];
        }
        const name =
            "source" in converted && converted.source !== undefined ? converted.source : String(converted.value);
        return [{ key: name, keyOffset, value: this.convert(value, join(path, name)) }];
    }

    /** The entries that `<<` brings in, from one mapping or several, of which the first has precedence. */
    private convertMerge(value: unknown, path: string, offset: number | undefined): MapEntry[] {
        if (isAlias(value)) {
            return this.follow(value, path, (target) => this.convertMerge(target, path, offset)) ?? [];
        }
        if (isMap(value)) {
            return this.convertEntries(value, path);
        }
        if (isSeq(value) && value.items.every((item) => isMap(isAlias(item) ? this.targetOf(item) : item))) {
            return value.items.toReversed().flatMap((item) => this.convertMerge(item, path, offset));
        }
        const message = "failed decoding: yaml: map merge requires map or sequence of maps as the value";
        this.remarks.push(error("yaml-merge", path, message, { offset }));
        return [];
    }

    /** Goes on with the node that an alias stands for; nothing, and a remark, when there is none or it is inside itself. */
    private follow<T>(alias: Alias, path: string, goOn: (target: unknown) => T): T | undefined {
        const target = this.targetOf(alias);
        if (!target || this.openTargets.includes(target)) {
            const problem = target ? "value contains itself" : "is not defined before it is used";
            this.remarks.push(
                error("yaml-syntax", path, `anchor '${alias.source}' ${problem}`, { offset: this.offsetOf(alias) }),
            );
            return undefined;
        }
        this.openTargets.push(target);
        try {
            return goOn(target);
        } finally {
            this.openTargets.pop();
        }
    }

    private targetOf(alias: Alias): unknown {
        if (!this.targets.has(alias)) {
            this.targets.set(alias, alias.resolve(this.document));
        }
        return this.targets.get(alias);
    }

    private countNode(): void {
        this.nodes++;
        if (this.openTargets.length > 0) {
            this.aliased++;
        }
        if (this.aliased > mostAliased || (this.aliased > 100 && this.aliased > 0.9 * this.nodes)) {
            throw new Error("the document contains excessive aliasing");
        }
    }

    private refuseTag(tag: string | undefined, own: "map" | "seq" | "str", path: string, offset?: number): void {
        if (tag !== undefined && tag !== `tag:yaml.org,2002:${own}`) {
            this.remarks.push(
                error("yaml-tag", path, `the tag ${tag} is of no use in a policy`, { offset, fix: "Remove the tag." }),
            );
        }
    }

    private inside<T>(collection: { flow?: boolean }, goOn: () => T): T {
        const depth = collection.flow === true ? 1 : 0;
        this.flowDepth += depth;
        const result = goOn();
        this.flowDepth -= depth;
        return result;
    }

    private refuseDoubtfulAnchor(node: unknown, path: string, offset?: number): void {
        const anchor = isNode(node) && !isAlias(node) ? node.anchor : undefined;
        if (anchor !== undefined && !/^[\w-]+$/.test(anchor)) {
            this.remarks.push(
                error("yaml-syntax", path, `the anchor ${anchor} is not read the same by every YAML reader`, {
                    offset,
                    fix: "Use only letters, digits, _ and - in it.",
                }),
            );
        }
    }

    /** Between brackets, the API server's YAML reader has its own ideas of ? and of : before a bracket or comma. */
    private refuseDoubtfulFlowScalar({ type, range }: YamlScalar, path: string): void {
        if (type !== "PLAIN" || !range || this.flowDepth === 0) {
            return;
        }
        const source = this.text.slice(range[0], range[1]);
        if (/[?]|^:/.test(source) || /^:[,[\]{}]/.test(this.text.slice(range[1]))) {
            this.remarks.push(
                error("yaml-syntax", path, `between brackets, ${source} is not read the same by every YAML reader`, {
                    offset: range[0],
                    fix: "Put it in quotes, and a space after the colon of a key.",
                }),
            );
        }
    }

    /** The API server goes from YAML to its types by way of JSON, which has no such numbers. */
    private refuseInfinity({ kind, value }: Omit<Scalar, "offset">, path: string, offset?: number): void {
        if (kind === "number" && !Number.isFinite(value)) {
            const name = String(value).replace("Infinity", "Inf").replace(/^Inf/, "+Inf");
            this.remarks.push(error("infinity", path, `failed decoding: json: unsupported value: ${name}`, { offset }));
        }
    }

    /** JSON writes a character beyond U+FFFF as two escapes; the API server's YAML reader refuses these. */
    private refuseSurrogateEscapes({ type, range }: YamlScalar, path: string): void {
        if (type !== "QUOTE_DOUBLE" || !range) {
            return;
        }
        const source = this.text.slice(range[0], range[1]);
        const escape = /(?<!\\)(?:\\\\)*(\\u[dD][89a-fA-F]|\\U(?!00(?:0|10)))/.exec(source);
        if (escape) {
            this.remarks.push(
                error("yaml-syntax", path, "failed decoding: yaml: found invalid Unicode character escape code", {
                    offset: range[0] + escape.index,
                    fix: "Write the character itself.",
                }),
            );
        }
    }

    private offsetOf(node: unknown): number | undefined {
        return isNode(node) ? node.range?.[0] : undefined;
    }
}

function join(path: string, key: string): string {
    return path === "" ? key : `${path}.${key}`;
}
