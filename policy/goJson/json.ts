/** A JSON text's content; an object keeps the order of its keys, and those that repeat. */
export type Json = null | boolean | string | JsonNumber | readonly Json[] | JsonObject;

/** A number as it is written. */
export class JsonNumber {
    constructor(readonly text: string) {}
}

/** An object as it is written. */
export class JsonObject {
    constructor(readonly entries: readonly (readonly [key: string, value: Json])[]) {}
}
