/**
 * Go's strings, which may hold any bytes, as JavaScript's: a byte that is not part of UTF-8 text is half a surrogate pair,
 * U+DC80 to U+DCFF, which no UTF-8 text holds.
 */
const sequences =
    /[\0-\x7f]+|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[^]/g;

/** A byte outside of UTF-8 text, in the form that {@link decodeBytes} gives it. */
const strayByte = /[\udc80-\udcff]/gu;

/** Decodes bytes, each of those that are not UTF-8 on its own. */
export function decodeBytes(bytes: Uint8Array): string {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const decoded = buffer.toString("utf8");
    if (!decoded.includes("\ufffd")) {
        return decoded;
    }
    return buffer
        .toString("latin1")
        .replace(sequences, (sequence) =>
            sequence.length === 1 && sequence > "\x7f"
                ? String.fromCharCode(0xdc00 + sequence.charCodeAt(0))
                : Buffer.from(sequence, "latin1").toString("utf8"),
        );
}

/** A text with U+FFFD for each byte that is not UTF-8, which is how Go writes it as JSON. */
export function replaceStrayBytes(text: string): string {
    return text.replace(strayByte, "\ufffd");
}

/** Orders texts by their bytes, as Go does. */
export function compareBytes(a: string, b: string): number {
    return Buffer.compare(encodeBytes(a), encodeBytes(b));
}

function encodeBytes(text: string): Buffer {
    const parts = text.split(/([\udc80-\udcff])/u);
    return Buffer.concat(
        parts.map((part, i) => (i % 2 === 0 ? Buffer.from(part) : Buffer.of(part.charCodeAt(0) - 0xdc00))),
    );
}
