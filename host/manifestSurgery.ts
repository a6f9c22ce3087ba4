import { isMap, isScalar, isSeq, type Pair, type ParsedNode, type YAMLMap, type YAMLSeq } from "yaml";
import type { ListChange } from "./manifestChanges";
import type { DisplaceOperation, EditOperation } from "./manifestEdit";
import { renderItem } from "./manifestItems";
import { dashOffset, lastLine, unshared } from "./manifestPlaces";
import { ManifestError, type ManifestSource } from "./manifestSource";

/** A mapping that holds one of the lists to change, and its path for messages. */
interface Owner {
    readonly node: YAMLMap.Parsed;
    readonly path: string;
}

/**
 * Finds the lines that carry out changes: which to displace, and where to insert which.
 *
 * Only the lists named by the changes are touched. A list in flow style (`[a, b]`) is displaced as a whole and inserted
 * again in block style, as a line can be commented out only as a whole.
 *
 * @throws ManifestError where lines cannot do it: flow style around a list; an anchor, alias or merge key in the way
 */
export function planOperations(
    source: ManifestSource,
    containerIndex: number,
    changes: readonly ListChange[],
): EditOperation[] {
    const root = owner(source.root, "the pod");
    const spec = owner(find(root, "spec")?.value, "spec");
    const containers = unshared(find(spec, "containers")?.value, "spec.containers");
    const item = isSeq(containers) ? containers.items[containerIndex] : undefined;
    const container = owner(item, `spec.containers[${containerIndex}]`);
    return changes
        .flatMap((change) => listOperations(source, change.list === "volumes" ? spec : container, change))
        .sort((a, b) => lineOf(a) - lineOf(b));
}

function listOperations(source: ManifestSource, owner: Owner, change: ListChange): EditOperation[] {
    const path = `${owner.path}.${change.list}`;
    const pair = find(owner, change.list);
    const added = change.added.flatMap(renderItem);
    if (!pair) {
        const indent = indentation(source, owner.node.items[0]!.key.range[0]);
        return insert(lastLine(source, owner.node), indent, [`${change.list}:`, ...added]);
    }
    const node = unshared(pair.value, path);
    const [start, end] = node.range;
    if (isSeq(node) && !node.flow) {
        const displaced = change.displaced.map((index) => itemLines(source, node, index, `${path}[${index}]`));
        return [...joined(displaced), ...insert(lastLine(source, node), indentation(source, start), added)];
    }
    if (isScalar(node) && start === end) {
        return insert(source.lineAt(start), indentation(source, pair.key.range[0]), added);
    }
    return replaceFlow(source, pair.key, node, path, change);
}

function itemLines(source: ManifestSource, list: YAMLSeq.Parsed, index: number, path: string): DisplaceOperation {
    const item = unshared(list.items[index], path);
    return { kind: "displace", first: source.lineAt(dashOffset(list, index)), last: lastLine(source, item) };
}

/** Ranges that touch, as one. */
function joined(ranges: readonly DisplaceOperation[]): DisplaceOperation[] {
    return ranges.reduce<DisplaceOperation[]>((done, range) => {
        const before = done.at(-1);
        return before?.last === range.first - 1
            ? [...done.slice(0, -1), { ...before, last: range.last }]
            : [...done, range];
    }, []);
}

/** Displaces all lines of a list in flow style, or of a written-out null, and inserts the list in block style. */
function replaceFlow(
    source: ManifestSource,
    key: ParsedNode,
    node: ParsedNode,
    path: string,
    { displaced, added }: ListChange,
): EditOperation[] {
    const [start, end] = node.range;
    if (!/^\s*(#.*)?$/.test(/^.*/.exec(source.text.slice(end))![0])) {
        throw new ManifestError(
            `${path} in the manifest shares a line with something else. Write it on its own lines.`,
        );
    }
    const values = isSeq(node) ? (node.toJS(source.document) as unknown[]) : [];
    const items = [...values.filter((_, index) => !displaced.includes(index)), ...added].flatMap(renderItem);
    const [first, last] = [source.lineAt(start), source.lineAt(end - 1)];
    const displace = { kind: "displace", first, last } as const;
    const head = source.prefixAt(start).trimEnd();
    const indent = indentation(source, head === "" ? start : key.range[0]);
    const lines = items.map((item) => indent + item);
    const inserted = { kind: "insert", after: last, lines: head === "" ? lines : [head, ...lines] } as const;
    return [displace, values.length > 0 ? { ...inserted, copies: path } : inserted];
}

function insert(after: number, indent: string, lines: readonly string[]): EditOperation[] {
    return lines.length === 0 ? [] : [{ kind: "insert", after, lines: lines.map((line) => indent + line) }];
}

/** A list's items, and a mapping's keys, are all as far to the right as the first. */
function indentation(source: ManifestSource, offset: number): string {
    return " ".repeat(source.prefixAt(offset).length);
}

function lineOf(operation: EditOperation): number {
    return operation.kind === "insert" ? operation.after : operation.first;
}

function owner(node: ParsedNode | null | undefined, path: string): Owner {
    const map = unshared(node, path);
    if (!isMap(map)) {
        throw new ManifestError(`${path} in the manifest is not a mapping. Write it as a mapping of keys to values.`);
    }
    if (map.flow) {
        throw new ManifestError(
            `${path} in the manifest is in flow style ({ … }), where lines cannot be added. Write it in block style, one key a line.`,
        );
    }
    if (map.items.some(({ key }) => isScalar(key) && key.source === "<<")) {
        throw new ManifestError(`${path} in the manifest has a merge key (<<). Write out what it stands for.`);
    }
    return { node: map, path };
}

function find({ node }: Owner, name: string): Pair<ParsedNode, ParsedNode | null> | undefined {
    return node.items.find(({ key }) => isScalar(key) && key.value === name);
}
