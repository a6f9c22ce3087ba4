import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The texts that are found in a line, in the order of `assembly/results.ts`. */
export enum Text {
    level,
    auditID,
    stage,
    requestURI,
    verb,
    username,
    userAgent,
    resource,
    namespace,
    name,
    uid,
    apiGroup,
    /** That of `objectRef`. */
    apiVersion,
    resourceVersion,
    subresource,
    requestReceivedTimestamp,
    stageTimestamp,
}

/** What else is found, behind the two numbers of each text. */
export enum Found {
    objectRef = 34,
    responseStatus,
    code,
    endOfHead,
    times,
}

/** What `assembly/line.ts` exports; places are in the memory. */
interface Exports {
    readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
    results(): number;
    blockStart(): number;
    readLine(start: number, end: number): number;
    keepText(start: number, end: number): number;
}

/** The part of the global that is used; its types are with those of browsers. */
declare const WebAssembly: {
    readonly Module: new (bytes: Uint8Array) => object;
    readonly Instance: new (module: object) => { readonly exports: unknown };
};

const PAGE = 1 << 16;
/** What is read behind a block. */
const BEHIND = 128;
/** The bytes of the longest text that `keepText` takes. */
const LONGEST_KEPT = 56;

/** The memory of `assembly/line.ts` with the block whose lines it reads. */
export class LineMemory {
    readonly #exports: Exports;
    readonly #start: number;
    #bytes: Buffer;
    #results: DataView;
    /** The texts in the slots. */
    readonly #kept: string[] = [];

    constructor() {
        const module = new WebAssembly.Module(readFileSync(join(__dirname, "assembly", "line.wasm")));
        this.#exports = new WebAssembly.Instance(module).exports as Exports;
        this.#start = this.#exports.blockStart();
        [this.#bytes, this.#results] = this.#views();
    }

    /** Where a block can be put, which need not be copied then. */
    room(length: number): Buffer {
        const end = this.#start + length;
        const missing = end + BEHIND - this.#bytes.length;
        if (missing > 0) {
            this.#exports.memory.grow(Math.ceil(missing / PAGE));
            [this.#bytes, this.#results] = this.#views();
        }
        return this.#bytes.subarray(this.#start, end);
    }

    /** Takes a copy of a block, unless it is here. */
    load(block: Buffer): void {
        if (block.buffer !== this.#bytes.buffer) {
            this.room(block.length).set(block);
        }
    }

    /** Finds the texts of a line of the block; false where it is damaged or not in the API server's own form. */
    readLine(start: number, end: number): boolean {
        return this.#exports.readLine(this.#start + start, this.#start + end) !== 0;
    }

    /** A number of the line. */
    number(found: Found): number {
        return this.#numberAt(found);
    }

    /** A number of the line that is a place, in the block. */
    place(found: Found.endOfHead | Found.times): number {
        return this.#numberAt(found) - this.#start;
    }

    /** A text of the line. */
    text(text: Text): string | undefined {
        const start = this.#numberAt(2 * text);
        const end = this.#numberAt(2 * text + 1);
        if (start === 0) {
            return undefined;
        }
        return end < 0
            ? (JSON.parse(`"${this.#bytes.toString("utf8", start, -end)}"`) as string)
            : this.#bytes.toString("latin1", start, end);
    }

    /** A text of the line that most likely came before: it is the same string then, which takes less time than a new one. */
    repeatedText(text: Text): string | undefined {
        const start = this.#numberAt(2 * text);
        const end = this.#numberAt(2 * text + 1);
        if (start === 0 || end - start > LONGEST_KEPT || end < 0) {
            return this.text(text);
        }
        const slot = this.#exports.keepText(start, end);
        return slot >= 0 ? this.#kept[slot] : (this.#kept[~slot] = this.#bytes.toString("latin1", start, end));
    }

    #numberAt(index: number): number {
        return this.#results.getInt32(4 * index, true); // WebAssembly is little-endian on every machine.
    }

    #views(): [Buffer, DataView] {
        const { buffer } = this.#exports.memory;
        return [Buffer.from(buffer), new DataView(buffer, this.#exports.results())];
    }
}
