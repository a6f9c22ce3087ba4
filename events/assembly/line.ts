/**
 * Finds the texts of an audit event's line in the API server's own form, 16 bytes at a time. It is AssemblyScript, which compiles
 * to WebAssembly with SIMD; `lineMemory.ts` has it run, and `compactLine.ts` says what of a line is found.
 */

/** How every line begins that the API server writes to its log: Go's `encoding/json` of `audit.k8s.io/v1`, no space. */
const BEGINNING = '{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"';
/** The end of {@link BEGINNING} from its capital on, which few texts have. */
const END_OF_BEGINNING = 'Event","apiVersion":"audit.k8s.io/v1","level":"';
/** What is behind the bodies. */
const RECEIVED = ',"requestReceivedTimestamp":"';
const STAGE_TIME = '","stageTimestamp":"';
const ANNOTATIONS = '","annotations":{';
/** The length of a time in Go's `metav1.MicroTime`, which always has six digits and Z. */
const TIME: usize = 27;

const QUOTE: u8 = 0x22;
const COMMA: u8 = 0x2c;
const SLASH: u8 = 0x2f;
const BACKSLASH: u8 = 0x5c;
const CLOSE: u8 = 0x7d;
const CAPITAL_E: u8 = 0x45;
const B: u8 = 0x62;
const C: u8 = 0x63;
const F: u8 = 0x66;
const N: u8 = 0x6e;
const O: u8 = 0x6f;
const R: u8 = 0x72;
const T: u8 = 0x74;
const U: u8 = 0x75;

// What is found are numbers of 32 bits, in an order that `lineMemory.ts` has, too. First the texts, each as the place of its first
// byte, 0 where there is no such text, and of its closing quote, negative where it has to be decoded.
const LEVEL: usize = 0;
const AUDIT_ID: usize = 1;
const STAGE: usize = 2;
const REQUEST_URI: usize = 3;
const VERB: usize = 4;
const USERNAME: usize = 5;
const USER_AGENT: usize = 6;
/** The first member of `objectRef`; all are texts. */
const OBJECT: usize = 7;
const OBJECT_MEMBERS: usize = 8;
const REQUEST_RECEIVED: usize = 15;
const STAGE_REACHED: usize = 16;
const TEXTS: usize = 17;
/** 0 where there is none. */
const OBJECT_REF: usize = 2 * TEXTS;
/** 0 where there is none. */
const RESPONSE_STATUS: usize = OBJECT_REF + 1;
/** Negative where there is none. */
const CODE: usize = OBJECT_REF + 2;
/** The place of the bodies or, where there are none, of the times. */
const END_OF_HEAD: usize = OBJECT_REF + 3;
/** The place of the comma before them. */
const TIMES: usize = OBJECT_REF + 4;

/** Four bytes for each of 39 numbers. */
const found = memory.data(156, 16);

/** The place of what is found. */
export function results(): usize {
    return found;
}

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
    if (load<i32>(found + 4 * RESPONSE_STATUS) == 0 || !hasAt(before + 1, '"code":')) {
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

/** Whether there are no control characters, and no escapes that JSON has not. */
function isSound(from: usize, end: usize): bool {
    let controls = v128.splat<u8>(0);
    let backslashes = v128.splat<u8>(0);
    for (let at = from; at < end; at += 16) {
        const bytes = v128.load(min(at, end - 16)); // The last ones may be some of those before again.
        controls = v128.or(controls, controlsOf(bytes));
        backslashes = v128.or(backslashes, equal(bytes, BACKSLASH));
    }
    return !v128.any_true(controls) && (!v128.any_true(backslashes) || haveSoundEscapes(from, end));
}

/** @returns 0 for each byte that is no control character */
function controlsOf(bytes: v128): v128 {
    return v128.sub_sat<u8>(v128.splat<u8>(0x20), bytes);
}

/** Whether every escape is one of JSON, and the last one before the end of a text. */
function haveSoundEscapes(from: usize, end: usize): bool {
    let behind = from;
    for (let at = from; at < end;) {
        const backslashes = i8x16.bitmask(equal(v128.load(at), BACKSLASH));
        if (backslashes == 0) {
            at += 16;
            continue;
        }
        at += ctz(backslashes);
        if (at < end) {
            at = behindEscape(at);
            if (at == 0) {
                return false;
            }
            behind = at;
        }
    }
    for (let at = behind; at < end; at++) {
        if (load<u8>(at) == QUOTE) {
            return true;
        }
    }
    return false;
}

/** @returns what is behind an escape; 0 where it is none of JSON */
function behindEscape(at: usize): usize {
    switch (load<u8>(at, 1)) {
        case QUOTE:
        case SLASH:
        case BACKSLASH:
        case B:
        case F:
        case N:
        case R:
        case T:
            return at + 2;
        case U:
            for (let digit = at + 2; digit < at + 6; digit++) {
                if (!isHexDigit(load<u8>(digit))) {
                    return 0;
                }
            }
            return at + 6;
        default:
            return 0;
    }
}

/** Whether there are control characters or the beginning of another event. */
function hasDamage(from: usize, end: usize): bool {
    for (let at = from; at < end; at += 64) {
        // One question for 64 bytes, since almost none have anything. The last ones may be some of those before again.
        const first = min(at, end - 64);
        const doubts = v128.or(
            v128.or(doubtsAt(first), doubtsAt(first + 16)),
            v128.or(doubtsAt(first + 32), doubtsAt(first + 48)),
        );
        if (v128.any_true(doubts) && isDamaged(first, first + 64)) {
            return true;
        }
    }
    return false;
}

/** Which of 16 bytes are control characters or begin {@link END_OF_BEGINNING}, as far as two of its letters say. */
function doubtsAt(at: usize): v128 {
    const bytes = v128.load(at);
    const events = v128.and(equal(bytes, CAPITAL_E), equal(v128.load(at, 5), QUOTE));
    return v128.or(events, controlsOf(bytes));
}

function isDamaged(from: usize, end: usize): bool {
    for (let at = from; at < end; at++) {
        if (load<u8>(at) < 0x20 || hasAt(at, END_OF_BEGINNING)) {
            return true;
        }
    }
    return false;
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

function setText(field: usize, start: usize, end: usize, isEncoded: bool): void {
    setNumber(2 * field, <i32>start);
    setNumber(2 * field + 1, isEncoded ? -(<i32>end) : <i32>end);
}

function setNumber(index: usize, value: i32): void {
    store<i32>(found + 4 * index, value);
}

function equal(bytes: v128, byte: u8): v128 {
    return v128.eq<u8>(bytes, v128.splat<u8>(byte));
}

/** Whether a text of ASCII is at a place. AssemblyScript keeps texts in UTF-16. */
function hasAt(at: usize, text: string): bool {
    const wanted = changetype<usize>(text);
    const length = text.length;
    for (let i = 0; i < length; i += 16) {
        const units = wanted + 2 * i;
        const bytes = v128.narrow<i16>(v128.load(units), v128.load(units, 16));
        const all = length - i < 16 ? (1 << (length - i)) - 1 : 0xffff;
        if ((i8x16.bitmask(v128.eq<u8>(v128.load(at + i), bytes)) & all) != all) {
            return false;
        }
    }
    return true;
}

function isDigit(byte: u8): bool {
    return byte >= 0x30 && byte <= 0x39;
}

function isHexDigit(byte: u8): bool {
    const letter = byte | 0x20;
    return isDigit(byte) || (letter >= 0x61 && letter <= F);
}

/** How many texts are kept, those of as many hashes. */
const SLOTS: usize = 8192;
/** The bytes of a slot: eight for the length of its text and one more, 0 before there is one, and then the text. */
const SLOT: usize = 64;

/** {@link SLOTS} of them. */
const slots = memory.data(524288, 16);

/**
 * Keeps a text of up to 56 bytes, instead of the one before it with the same hash.
 *
 * @returns the number of its slot, 0 to 8191, where that has had this text already; otherwise the number's complement
 */
export function keepText(start: usize, end: usize): i32 {
    const length = end - start;
    let hash: u64 = 0;
    for (let i: usize = 0; i < length; i += 8) {
        hash = (hash ^ wordAt(start + i, length - i)) * 0x9e3779b97f4a7c15; // 2^64 by the golden ratio, as Knuth hashes.
        hash ^= hash >> 32;
    }
    const slot = <usize>((hash * 0x9e3779b97f4a7c15) >> 51); // Its highest 13 bits.
    const kept = slots + slot * SLOT;
    let difference: u64 = load<u64>(kept) ^ (length + 1);
    for (let i: usize = 0; i < length; i += 8) {
        difference |= load<u64>(kept + i, 8) ^ wordAt(start + i, length - i);
    }
    if (difference == 0) {
        return <i32>slot;
    }
    store<u64>(kept, length + 1);
    for (let i: usize = 0; i < length; i += 8) {
        store<u64>(kept + i, wordAt(start + i, length - i), 8);
    }
    return ~(<i32>slot);
}

/** @returns up to eight bytes, zeros for those that are beyond the length */
function wordAt(at: usize, length: usize): u64 {
    const word = load<u64>(at);
    return length >= 8 ? word : word & (((<u64>1) << (8 * <u64>length)) - 1);
}
