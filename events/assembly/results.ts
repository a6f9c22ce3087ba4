/** What was found in a line, for whoever has asked. */

// What is found are numbers of 32 bits, in an order that `lineMemory.ts` has, too. First the texts, each as the place of its first
// byte, 0 where there is no such text, and of its closing quote, negative where it has to be decoded.
export const LEVEL: usize = 0;
export const AUDIT_ID: usize = 1;
export const STAGE: usize = 2;
export const REQUEST_URI: usize = 3;
export const VERB: usize = 4;
export const USERNAME: usize = 5;
export const USER_AGENT: usize = 6;
/** The first member of `objectRef`; all are texts. */
export const OBJECT: usize = 7;
export const OBJECT_MEMBERS: usize = 8;
export const REQUEST_RECEIVED: usize = 15;
export const STAGE_REACHED: usize = 16;
const TEXTS: usize = 17;
/** 0 where there is none. */
export const OBJECT_REF: usize = 2 * TEXTS;
/** 0 where there is none. */
export const RESPONSE_STATUS: usize = OBJECT_REF + 1;
/** Negative where there is none. */
export const CODE: usize = OBJECT_REF + 2;
/** The place of the bodies or, where there are none, of the times. */
export const END_OF_HEAD: usize = OBJECT_REF + 3;
/** The place of the comma before them. */
export const TIMES: usize = OBJECT_REF + 4;

/** Four bytes for each of 39 numbers. */
const found = memory.data(156, 16);

/** The place of what is found. */
export function results(): usize {
    return found;
}

export function setText(field: usize, start: usize, end: usize, isEncoded: bool): void {
    setNumber(2 * field, <i32>start);
    setNumber(2 * field + 1, isEncoded ? -(<i32>end) : <i32>end);
}

export function setNumber(index: usize, value: i32): void {
    store<i32>(found + 4 * index, value);
}

export function numberAt(index: usize): i32 {
    return load<i32>(found + 4 * index);
}
