import { CompactLine } from "./compactLine";
import type { AuditEvent } from "./event";
import type { BlockReader } from "./lineBuffer";
import { LineFilter } from "./lineFilter";
import { PrettyDocument } from "./prettyDocument";
import type { Needles } from "./query/needles";
import { readLine } from "./readLine";
import type { EventSink } from "./unwrap";

/**
 * How much of an event is read, in increasing order: the common texts and the status code (see `CompactLine`); everything
 * but the bodies; everything. A deeper one is always allowed.
 */
export type Depth = "texts" | "head" | "whole";

/** Which events are wanted, and how much of them. */
export interface Selection {
    /** Finds the lines that can have a wanted event. Default: all lines. */
    readonly prefilter?: Prefilter;
    /** Decides about an event. Default: all events. */
    readonly matches?: (event: AuditEvent) => boolean;
    /** What `matches` looks at. Default `whole`. */
    readonly matchDepth?: Depth;
    /** What the visitor looks at. Default `whole`. */
    readonly depth?: Depth;
}

/** A look at the bytes of lines in the API server's own form. */
export interface Prefilter {
    /** By which another thread can make one of these. Default: none can. */
    readonly needles?: readonly Needles[];
    begin(block: Buffer): void;
    /** Whether a line can have a wanted event. The lines of a block come in their order. */
    canMatch(start: number, end: number): boolean;
}

/** Takes what is found in one file. */
export interface Visitor {
    /** @param event - at the depth `texts` valid during the call */
    event(event: AuditEvent, line: number): void;
    /** @param reason - as in `Damage` */
    damaged(line: number, reason: string): void;
}

/** Finds the wanted events in the lines of one file. */
export class Scanner implements BlockReader {
    readonly #visitor: Visitor;
    readonly #selection: Selection;
    readonly #filter: LineFilter;
    readonly #compact = new CompactLine();
    readonly #sink: EventSink;
    #line = 0;
    #document: PrettyDocument | undefined;
    #isFirst: boolean;

    /** @param isBeginning - false for the later parts of a file */
    constructor(visitor: Visitor, selection: Selection = {}, isBeginning = true) {
        this.#visitor = visitor;
        this.#selection = selection;
        this.#filter = new LineFilter(selection.prefilter);
        this.#isFirst = isBeginning;
        const { matches } = selection;
        this.#sink = {
            event: (event) => {
                if (matches === undefined || matches(event)) {
                    this.#visitor.event(event, this.#line);
                }
            },
            damaged: (reason) => {
                this.#visitor.damaged(this.#line, reason);
            },
        };
    }

    /** How many lines there were. */
    get lines(): number {
        return this.#line;
    }

    /** Where the next block is best put. It is there until any scanner reads another one. */
    room(length: number): Buffer {
        return this.#compact.room(length);
    }

    block(block: Buffer): void {
        this.#filter.begin(block);
        this.#compact.begin(block);
        for (let start = 0; start < block.length;) {
            const newline = block.indexOf(10, start);
            const end = newline < 0 ? block.length : newline;
            this.#line++;
            if (this.#document !== undefined || (this.#isFirst && this.#beginsDocument(block, start, end))) {
                this.#readDocument(block.toString("utf8", start, end));
            } else if (this.#filter.wants(start, end)) {
                this.#readLine(block, start, end);
            }
            start = end + 1;
        }
    }

    /** Lines that somebody else has looked at are left out. */
    pass(lines: number): void {
        this.#line += lines;
    }

    tooLong(): void {
        this.#line++;
        this.#visitor.damaged(this.#line, "the line is too long to be an event");
    }

    /** Says what is missing at the end of the file. */
    end(): void {
        if (this.#document?.isOpen) {
            this.#visitor.damaged(this.#line, "the document is cut");
        }
    }

    #beginsDocument(block: Buffer, start: number, end: number): boolean {
        const line = block.toString("utf8", start, Math.min(end, start + 100));
        this.#isFirst = line.trim() === "";
        this.#document = PrettyDocument.begins(line) && end - start < 100 ? new PrettyDocument() : undefined;
        return this.#document !== undefined;
    }

    #readDocument(line: string): void {
        for (const text of this.#document!.push(line)) {
            readLine(Buffer.from(text), this.#sink);
        }
    }

    #readLine(block: Buffer, start: number, end: number): void {
        const { matches, matchDepth = "whole", depth = "whole" } = this.#selection;
        if (!this.#filter.isText || (matchDepth === "whole" && depth === "whole") || !this.#compact.read(start, end)) {
            readLine(block.subarray(start, end), this.#sink);
            return;
        }
        const found = matches === undefined ? this.#compact : this.#readTo(matchDepth, block, start, end);
        if (found === undefined || (matches !== undefined && !matches(found))) {
            return;
        }
        const event = depth === "texts" || depth === matchDepth ? found : this.#readTo(depth, block, start, end);
        if (event !== undefined) {
            this.#visitor.event(event, this.#line);
        }
    }

    /** @returns undefined where the line was damaged, which the visitor has been told then */
    #readTo(depth: Depth, block: Buffer, start: number, end: number): AuditEvent | undefined {
        const event = depth === "texts" ? this.#compact : depth === "head" ? this.#compact.head() : undefined;
        if (event === undefined) {
            readLine(block.subarray(start, end), this.#sink);
        }
        return event;
    }
}
