import { isAlias, isMap, isScalar, isSeq, type ParsedNode, type YAMLSeq } from "yaml";
import { ManifestError, type ManifestSource } from "./manifestSource";

/**
 * A node that stands for itself alone.
 *
 * @throws ManifestError when it is missing, or when an anchor or alias ties it to another place, which an edit would
 * change too
 */
export function unshared(node: ParsedNode | null | undefined, path: string): ParsedNode {
    if (!node) {
        throw new ManifestError(`${path} in the manifest has no value. Write one.`);
    }
    if (isAlias(node) || node.anchor !== undefined) {
        const mark = isAlias(node) ? `is the alias *${node.source}` : `has the anchor &${node.anchor!}`;
        throw new ManifestError(`${path} in the manifest ${mark}, so another place shares it. Write it out.`);
    }
    return node;
}

/** Where the dash of a block list's item stands; its value can begin on a later line. */
export function dashOffset(list: YAMLSeq.Parsed, index: number): number {
    const token = list.srcToken;
    const start = token?.type === "block-seq" ? token.items[index]?.start : undefined;
    return start?.find(({ type }) => type === "seq-item-ind")?.offset ?? list.range[0];
}

/**
 * The last line that a node's value takes up, not counting comments behind it.
 *
 * @throws ManifestError where a line cannot be added behind it without changing it
 */
export function lastLine(source: ManifestSource, node: ParsedNode): number {
    const leaf = lastLeaf(node);
    const [start, end] = leaf.range;
    if (isBlockScalar(leaf) && end === source.text.length && !source.text.endsWith("\n")) {
        throw new ManifestError(
            "The manifest ends in a block of text without a line end, which a line after it would add. End the last line.",
        );
    }
    return source.lineAt(end > start ? end - 1 : start);
}

/** A collection in block style ends where the last of what is in it ends; an empty value stands behind its key. */
function lastLeaf(node: ParsedNode): ParsedNode {
    if (isMap(node) && !node.flow) {
        const last = node.items.at(-1);
        return last ? lastLeaf(last.value ?? last.key) : node;
    }
    if (isSeq(node) && !node.flow) {
        const last = node.items.at(-1);
        return last ? lastLeaf(last) : node;
    }
    return node;
}

function isBlockScalar(node: ParsedNode): boolean {
    return isScalar(node) && node.srcToken?.type === "block-scalar";
}
