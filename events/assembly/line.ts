/**
 * Finds the texts of an audit event's line in the API server's own form, 16 bytes at a time. It is AssemblyScript, which compiles
 * to WebAssembly with SIMD; `lineMemory.ts` has it run, and `compactLine.ts` says what of a line is found.
 */

import { BACKSLASH, C, CLOSE, COMMA, O, QUOTE, R, U, equal, hasAt, isDigit } from "./bytes";
import { hasDamage, haveSoundEscapes, isSound } from "./damage";
import {
    LEVEL,
    AUDIT_ID,
    STAGE,
    REQUEST_URI,
    VERB,
    USERNAME,
    USER_AGENT,
    OBJECT,
    OBJECT_MEMBERS,
    REQUEST_RECEIVED,
    STAGE_REACHED,
    OBJECT_REF,
    RESPONSE_STATUS,
    CODE,
    END_OF_HEAD,
    TIMES,
    numberAt,
    setNumber,
    setText,
} from "./results";

export { keepText } from "./keptTexts";
export { results } from "./results";

/** How every line begins that the API server writes to its log: Go's `encoding/json` of `audit.k8s.io/v1`, no space. */
const BEGINNING = '{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"';
/** What is behind the bodies. */
const RECEIVED = ',"requestReceivedTimestamp":"';
const STAGE_TIME = '","stageTimestamp":"';
const ANNOTATIONS = '","annotations":{';
/** The length of a time in Go's `metav1.MicroTime`, which always has six digits and Z. */
const TIME: usize = 27;

/** The place where a block belongs. 128 bytes behind it are read, too. */
export function blockStart(): usize {
    return (__heap_base + 63) & ~63;
}

/**
 * Finds the texts of a line.
 *
 * @param end - the place of its newline
 * @returns false where the line is damaged or in another form
 */
export function readLine(start: usize, end: usize): bool {
    const level = start + BEGINNING.length;
    if (end < level + 2 * TIME || !hasAt(start, BEGINNING) || load<u8>(end - 1) != CLOSE) {
        return false;
    }
    let at = readText(LEVEL, level, end);
    at = readNext(AUDIT_ID, at, end, '","auditID":"');
    at = readNext(STAGE, at, end, '","stage":"');
    at = readNext(REQUEST_URI, at, end, '","requestURI":"');
    at = readNext(VERB, at, end, '","verb":"');
    at = readUser(at, end);
    const head = at == 0 ? <usize>0 : readHead(at, end);
    if (head == 0) {
        return false;
    }
    const times = hasAt(head, RECEIVED) ? head : findTimes(head, end);
    if (times == 0 || !areTimes(times, end)) {
        return false;
    }
    setNumber(END_OF_HEAD, <i32>head);
    setNumber(TIMES, <i32>times);
    const received = times + RECEIVED.length;
    setText(REQUEST_RECEIVED, received, received + TIME, false);
    const stage = received + TIME + STAGE_TIME.length;
    setText(STAGE_REACHED, stage, stage + TIME, false);
    return isSound(level, head) && haveSoundEscapes(times, end) && !hasDamage(head, end);
}

function readUser(at: usize, end: usize): usize {
    setNumber(2 * USERNAME, 0);
    if (at == 0 || !hasAt(at, '","user":{')) {
        return 0;
    }
    const member = at + '","user":{'.length;
    return hasAt(member, '"username":"') ? readText(USERNAME, member + '"username":"'.length, end) : member;
}

/**
 * Reads what is between the user's name and the bodies. Members come in the order of Go's struct, and what looks like one is it:
 * a text's quotes would have backslashes, and the maps with free keys have lists as values.
 *
 * @returns where the bodies or, without them, the times are; 0 where they are not, or another event begins
 */
function readHead(from: usize, end: usize): usize {
    setNumber(2 * USER_AGENT, 0);
    setNumber(OBJECT_REF, 0);
    setNumber(RESPONSE_STATUS, 0);
    setNumber(CODE, -1);
    let at = nextMember(from, end);
    while (at != 0) {
        switch (load<u8>(at, 2)) {
            case U:
                at = hasAt(at, ',"userAgent":"') ? readText(USER_AGENT, at + ',"userAgent":"'.length, end) : at + 1;
                break;
            case O:
                at = hasAt(at, ',"objectRef":{') ? readObject(at + ',"objectRef":{'.length, end) : at + 1;
                break;
            case C:
                readCode(at);
                at++;
                break;
            default:
                if (hasAt(at, ',"requestObject":') || hasAt(at, ',"responseObject":') || hasAt(at, RECEIVED)) {
                    return at;
                }
                if (hasAt(at, ',"requestURI":"')) {
                    return 0; // Of another event.
                }
                if (hasAt(at, ',"responseStatus":{')) {
                    setNumber(RESPONSE_STATUS, 1);
                    at += ',"responseStatus":'.length;
                    readCode(at);
                } else {
                    at++;
                }
        }
        at = at == 0 ? 0 : nextMember(at, end);
    }
    return 0;
}

/** @returns where the next member begins that has a first letter of one that {@link readHead} looks for; 0 where there is none */
function nextMember(from: usize, end: usize): usize {
    for (let at = from; at < end; at += 16) {
        const begin = v128.and(equal(v128.load(at), COMMA), equal(v128.load(at, 1), QUOTE));
        const letters = v128.load(at, 2);
        const wanted = v128.or(
            v128.or(equal(letters, C), equal(letters, O)),
            v128.or(equal(letters, R), equal(letters, U)),
        );
        const members = i8x16.bitmask(v128.and(begin, wanted));
        if (members != 0) {
            const member = at + ctz(members);
            return member < end ? member : 0;
        }
    }
    return 0;
}

/** @returns the end of the object; 0 where it has something else, or a text has no end */
function readObject(from: usize, end: usize): usize {
    setNumber(OBJECT_REF, 1);
    for (let member = OBJECT; member < OBJECT + OBJECT_MEMBERS; member++) {
        setNumber(2 * member, 0);
    }
    let at = readMember(OBJECT, from, end, '"resource":"');
    at = readMember(OBJECT + 1, at, end, '"namespace":"');
    at = readMember(OBJECT + 2, at, end, '"name":"');
    at = readMember(OBJECT + 3, at, end, '"uid":"');
    at = readMember(OBJECT + 4, at, end, '"apiGroup":"');
    at = readMember(OBJECT + 5, at, end, '"apiVersion":"');
    at = readMember(OBJECT + 6, at, end, '"resourceVersion":"');
    at = readMember(OBJECT + 7, at, end, '"subresource":"');
    return at != 0 && load<u8>(at) == CLOSE ? at : 0;
}

/** @returns what is behind the member and its comma or, where there is no such member, `from`; 0 where the text has no end */
function readMember(field: usize, from: usize, end: usize, key: string): usize {
    if (from == 0 || !hasAt(from, key)) {
        return from;
    }
    const quote = readText(field, from + key.length, end);
    return quote == 0 ? 0 : quote + (load<u8>(quote, 1) == COMMA ? 2 : 1);
}

/**
 * Reads the status code, if it is this member.
 *
 * @param before - the place of what is before a member, a comma or brace
 */
function readCode(before: usize): void {
    if (numberAt(RESPONSE_STATUS) == 0 || !hasAt(before + 1, '"code":')) {
        return;
    }
    const first = before + 1 + '"code":'.length;
    let at = first;
    let code = 0;
    for (; at < first + 9 && isDigit(load<u8>(at)); at++) {
        code = 10 * code + (load<u8>(at) - 0x30);
    }
    if (at > first && load<u8>(at) == CLOSE) {
        setNumber(CODE, code);
    }
}

/** @returns where the times are behind the bodies; 0 where they are not */
function findTimes(bodies: usize, end: usize): usize {
    for (let at = end - RECEIVED.length; at > bodies; at--) {
        if (load<u8>(at) == COMMA && areTimes(at, end)) {
            return at;
        }
    }
    return 0;
}

/** Whether the two times are at a place, with nothing but the annotations behind them. */
function areTimes(at: usize, end: usize): bool {
    const stage = at + RECEIVED.length + TIME;
    const behind = stage + STAGE_TIME.length + TIME;
    if (behind + 2 > end || !hasAt(at, RECEIVED) || !hasAt(stage, STAGE_TIME)) {
        return false;
    }
    return behind + 2 == end
        ? load<u8>(behind) == QUOTE
        : hasAt(behind, ANNOTATIONS) && load<u8>(end - 3) == QUOTE && load<u8>(end - 2) == CLOSE;
}

/** @returns the closing quote of a member's text; 0 where the member is not at the closing quote before it, or has no end */
function readNext(field: usize, at: usize, end: usize, key: string): usize {
    return at != 0 && hasAt(at, key) ? readText(field, at + key.length, end) : 0;
}

/** @returns the closing quote; 0 where there is none */
function readText(field: usize, from: usize, end: usize): usize {
    let isEncoded = false;
    for (let at = from; at < end;) {
        const bytes = v128.load(at);
        // The highest bit is what a character beyond ASCII has, and what equality gives.
        const encoded = v128.or(bytes, equal(bytes, BACKSLASH));
        const ends = i8x16.bitmask(v128.or(encoded, equal(bytes, QUOTE)));
        if (ends == 0) {
            at += 16;
            continue;
        }
        at += ctz(ends);
        const byte = load<u8>(at);
        if (byte == QUOTE) {
            if (at >= end) {
                return 0;
            }
            setText(field, from, at, isEncoded);
            return at;
        }
        isEncoded = true;
        at += byte == BACKSLASH ? 2 : 1;
    }
    return 0;
}
