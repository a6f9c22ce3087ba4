import type { Cursor } from "./cursor";
import { utf8Width } from "./reader";
import type { Mark, Token } from "./token";

/** Scans `%YAML 1.1` or `%TAG ! tag:example.com:`. */
export function scanDirective(cursor: Cursor): Token {
    const start = cursor.mark();
    cursor.skip();
    const name = cursor.readWord();
    if (name === "") {
        throw cursor.error("could not find expected directive name", start);
    }
    if (!cursor.isBlankOrEnd(0)) {
        throw cursor.error("found unexpected non-alphabetical character", start);
    }
    if (name !== "YAML" && name !== "TAG") {
        throw cursor.error("found unknown directive name", start);
    }
    const token = name === "YAML" ? scanVersion(cursor, start) : scanTagDirective(cursor, start);
    cursor.skipRestOfLine(start);
    return token;
}

function scanVersion(cursor: Cursor, start: Mark): Token {
    cursor.skipBlanks();
    const major = scanVersionNumber(cursor, start);
    if (cursor.character() !== ".") {
        throw cursor.error("did not find expected digit or '.' character", start);
    }
    cursor.skip();
    const minor = scanVersionNumber(cursor, start);
    return { kind: "version-directive", start, end: cursor.mark(), value: `${major}.${minor}` };
}

function scanVersionNumber(cursor: Cursor, start: Mark): number {
    let digits = "";
    cursor.need(1);
    while (/[0-9]/.test(cursor.character())) {
        if (digits.length === 2) {
            throw cursor.error("found extremely long version number", start);
        }
        digits += cursor.read();
        cursor.need(1);
    }
    if (digits === "") {
        throw cursor.error("did not find expected version number", start);
    }
    return Number(digits);
}

function scanTagDirective(cursor: Cursor, start: Mark): Token {
    cursor.skipBlanks();
    const value = scanHandle(cursor, true, start);
    cursor.need(1);
    if (!cursor.isBlank(0)) {
        throw cursor.error("did not find expected whitespace", start);
    }
    cursor.skipBlanks();
    const suffix = scanUri(cursor, "", start);
    cursor.need(1);
    if (!cursor.isBlankOrEnd(0)) {
        throw cursor.error("did not find expected whitespace or line break", start);
    }
    return { kind: "tag-directive", start, end: cursor.mark(), value, suffix };
}

/** Scans `!local`, `!!str`, `!handle!suffix` or `!<verbatim>`. */
export function scanTag(cursor: Cursor): Token {
    const start = cursor.mark();
    cursor.need(2);
    const { value, suffix } = cursor.character(1) === "<" ? scanVerbatim(cursor, start) : scanShorthand(cursor, start);
    cursor.need(1);
    if (!cursor.isBlankOrEnd(0)) {
        throw cursor.error("did not find expected whitespace or line break", start);
    }
    return { kind: "tag", start, end: cursor.mark(), value, suffix };
}

function scanVerbatim(cursor: Cursor, start: Mark): { value: string; suffix: string } {
    cursor.skip();
    cursor.skip();
    const suffix = scanUri(cursor, "", start);
    if (cursor.character() !== ">") {
        throw cursor.error("did not find the expected '>'", start);
    }
    cursor.skip();
    return { value: "", suffix };
}

function scanShorthand(cursor: Cursor, start: Mark): { value: string; suffix: string } {
    const handle = scanHandle(cursor, false, start);
    if (handle.length > 1 && handle.endsWith("!")) {
        return { value: handle, suffix: scanUri(cursor, "", start) };
    }
    const suffix = scanUri(cursor, handle, start);
    return suffix === "" ? { value: "", suffix: "!" } : { value: "!", suffix };
}

function scanHandle(cursor: Cursor, directive: boolean, start: Mark): string {
    cursor.need(1);
    if (cursor.character() !== "!") {
        throw cursor.error("did not find expected '!'", start);
    }
    const handle = cursor.read() + cursor.readWord();
    if (cursor.character() === "!") {
        return handle + cursor.read();
    }
    if (directive && handle !== "!") {
        throw cursor.error("did not find expected '!'", start);
    }
    return handle;
}

/** @param head - what was scanned of it already, with a leading `!` that is not part of it */
function scanUri(cursor: Cursor, head: string, start: Mark): string {
    const octets = [...Buffer.from(head.slice(1))];
    let found = head !== "";
    cursor.need(1);
    while (/[0-9A-Za-z_;/?:@&=+$,.!~*'()[\]%-]/.test(cursor.character())) {
        if (cursor.character() === "%") {
            scanUriEscapes(cursor, octets, start);
        } else {
            octets.push(cursor.read().charCodeAt(0));
        }
        cursor.need(1);
        found = true;
    }
    if (!found) {
        throw cursor.error("did not find expected tag URI", start);
    }
    return Buffer.from(octets).toString("utf8");
}

/** Scans the escapes of one character. */
function scanUriEscapes(cursor: Cursor, octets: number[], start: Mark): void {
    let width = 0;
    do {
        cursor.need(3);
        const digits = cursor.character(1) + cursor.character(2);
        if (cursor.character() !== "%" || !/^[0-9A-Fa-f]{2}$/.test(digits)) {
            throw cursor.error("did not find URI escaped octet", start);
        }
        const octet = parseInt(digits, 16);
        if (width === 0) {
            width = utf8Width(octet);
            if (width === 0) {
                throw cursor.error("found an incorrect leading UTF-8 octet", start);
            }
        } else if ((octet & 0xc0) !== 0x80) {
            throw cursor.error("found an incorrect trailing UTF-8 octet", start);
        }
        octets.push(octet);
        cursor.skip();
        cursor.skip();
        cursor.skip();
        width--;
    } while (width > 0);
}
