import { positionAt, type Finding, type Remark } from "./finding";

/** Where each field and list item of a text is, by its path; offsets in UTF-16 units. */
export type Offsets = ReadonlyMap<string, number>;

/** Where a field is, or else the nearest thing around it that is there. */
export function nearestOffset(path: string, offsets: Offsets): number | undefined {
    for (let at = path; at !== ""; at = at.replace(/(\.[^.[]*|\[\d+\]|^[^.[]*)$/, "")) {
        const offset = offsets.get(at);
        if (offset !== undefined) {
            return offset;
        }
    }
    return offsets.get("");
}

/** Puts remarks in the order of the text, with their positions. */
export function locateAll(remarks: readonly Remark[], text: string | undefined): Finding[] {
    return [...remarks].sort((a, b) => (a.offset ?? 0) - (b.offset ?? 0)).map((remark) => locate(remark, text));
}

function locate({ offset, code, severity, path, ...words }: Remark, text: string | undefined): Finding {
    const place = text === undefined || offset === undefined ? {} : positionAt(text, offset);
    return { code, severity, path, ...place, ...words };
}
