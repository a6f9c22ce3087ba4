/** What is not as the API server writes it. */

import { B, BACKSLASH, CAPITAL_E, F, N, QUOTE, R, SLASH, T, U, equal, hasAt, isHexDigit } from "./bytes";

/** How an event begins, from the capital of its kind on, which few texts have. */
const END_OF_BEGINNING = 'Event","apiVersion":"audit.k8s.io/v1","level":"';

/** Whether there are no control characters, and no escapes that JSON has not. */
export function isSound(from: usize, end: usize): bool {
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
export function haveSoundEscapes(from: usize, end: usize): bool {
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
export function hasDamage(from: usize, end: usize): bool {
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
