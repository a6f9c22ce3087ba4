const sequences =
    /[\0-\x7f]+|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[^]/g;

/** Decodes what of the bytes is UTF-8, and writes U+FFFD for each byte that is not, as Go does. */
export function decodeLenientUtf8(bytes: Uint8Array): string {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const decoded = buffer.toString("utf8");
    if (!decoded.includes("\ufffd")) {
        return decoded;
    }
    return buffer
        .toString("latin1")
        .replace(sequences, (sequence) =>
            sequence.length === 1 && sequence > "\x7f" ? "\ufffd" : Buffer.from(sequence, "latin1").toString("utf8"),
        );
}

/** Orders texts by their bytes in UTF-8, as Go does. */
export function compareBytes(a: string, b: string): number {
    return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
