import { GoYamlError } from "./error";
import { GoMap, goSyntax, type GoValue } from "./goValue";
import { parseFirstDocument, type AliasNode, type MappingNode, type Node, type ScalarNode } from "./parser";
import { resolveScalar } from "./resolve";

/** A YAML text as the API server's YAML reader hands it on. */
export interface DecodedYaml {
    value: GoValue;
    /** The keys that were set already, as the reader reports them when it is asked to mind. */
    duplicates: string[];
}

/**
 * Reads the first document of a YAML text as the API server's YAML reader does.
 *
 * @throws GoYamlError in the reader's words
 */
export function decodeYaml(bytes: Uint8Array): DecodedYaml {
    const root = parseFirstDocument(bytes);
    const decoder = new Decoder();
    return { value: root ? decoder.decodeDocument(root) : null, duplicates: decoder.duplicates };
}

const mergeTag = "tag:yaml.org,2002:merge";

class Decoder {
    readonly duplicates: string[] = [];
    private decoded = 0;
    private aliased = 0;
    private readonly open = new Set<AliasNode>();

    decodeDocument(root: Node): GoValue {
        this.count();
        return this.decode(root);
    }

    private decode(node: Node): GoValue {
        this.count();
        switch (node.kind) {
            case "alias":
                return this.follow(node, () => this.decode(node.target));
            case "scalar":
                return decodeScalar(node);
            case "sequence":
                return node.items.map((item) => this.decode(item));
            case "mapping": {
                const map = new GoMap();
                this.decodeInto(map, node);
                return map;
            }
        }
    }

    /** A document of which nearly all comes from repeating itself is refused. */
    private count(): void {
        this.decoded++;
        this.aliased += this.open.size > 0 ? 1 : 0;
        if (this.aliased > 100 && this.decoded > 1000 && this.aliased / this.decoded > allowedRatio(this.decoded)) {
            throw new GoYamlError("document contains excessive aliasing");
        }
    }

    private follow<T>(alias: AliasNode, goOn: () => T): T {
        if (this.open.has(alias)) {
            throw new GoYamlError(`anchor '${alias.name}' value contains itself`);
        }
        this.open.add(alias);
        const result = goOn();
        this.open.delete(alias);
        return result;
    }

    private decodeInto(map: GoMap, { pairs }: MappingNode): void {
        for (const [keyNode, valueNode] of pairs) {
            if (isMergeKey(keyNode)) {
                this.merge(map, valueNode);
                continue;
            }
            const key = this.decode(keyNode);
            if (key instanceof GoMap || Array.isArray(key)) {
                throw new GoYamlError(`invalid map key: ${goSyntax(key)}`);
            }
            const value = this.decode(valueNode);
            if (map.has(key)) {
                this.duplicates.push(`line ${valueNode.line + 1}: key ${goSyntax(key)} already set in map`);
            }
            map.set(key, value);
        }
    }

    /** Takes over what another mapping has, or several of which the first has precedence. */
    private merge(map: GoMap, node: Node): void {
        if (node.kind === "sequence") {
            for (const item of node.items.toReversed()) {
                this.mergeOne(map, item);
            }
        } else {
            this.mergeOne(map, node);
        }
    }

    private mergeOne(map: GoMap, node: Node): void {
        const source = node.kind === "alias" ? node.target : node;
        if (source.kind !== "mapping") {
            throw new GoYamlError("map merge requires map or sequence of maps as the value");
        }
        this.count();
        if (node.kind === "alias") {
            this.follow(node, () => {
                this.count();
                this.decodeInto(map, source);
            });
        } else {
            this.decodeInto(map, source);
        }
    }
}

function decodeScalar({ tag, implicit, value }: ScalarNode): GoValue {
    return tag === "" && !implicit ? value : resolveScalar(tag, value);
}

function isMergeKey(node: Node): boolean {
    return node.kind === "scalar" && node.value === "<<" && (node.implicit || node.tag === mergeTag);
}

const few = 400_000;
const many = 4_000_000;

function allowedRatio(decoded: number): number {
    if (decoded <= few) {
        return 0.99;
    }
    return decoded >= many ? 0.1 : 0.99 - (0.89 * (decoded - few)) / (many - few);
}
