import assert from "node:assert/strict";
import { closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { LineFinder } from "../../events/findLines";
import { LineBuffer } from "../../events/lineBuffer";
import { selectionOf } from "../../events/query/query";
import { readInParts, readPart, type Search } from "../../events/readInParts";
import { readRange } from "../../events/readRange";
import { Scanner } from "../../events/scanner";
import { fates, makeLog } from "./damagedLog";
import { withFiles } from "./temporaryLogs";

/** A search whose texts are in some of the lines. */
const query = { filters: [{ field: "auditID", wanted: ["event-1*", "event-7"], excluded: [] }] } as const;
const { needles = [] } = selectionOf(query).prefilter ?? {};

/** What a search finds in a file, read by a function. */
function searched(file: number, read: (search: Search) => void | Promise<void>): Promise<string[]> {
    const found: string[] = [];
    const visitor = {
        event: ({ auditID }: { auditID: string }, line: number) => found.push(`${line}: ${auditID}`),
        damaged: (line: number, reason: string) => found.push(`${line}: ${reason}`),
    };
    const scanner = new Scanner(visitor, selectionOf(query, "head"));
    const buffer = new LineBuffer(scanner);
    return Promise.resolve(read({ file, needles, scanner, buffer })).then(() => {
        buffer.end();
        return [...found, `${scanner.lines} lines`];
    });
}

function withLog(bytes: Buffer, check: (file: number) => Promise<void>): Promise<void> {
    return withFiles({}, async (directory) => {
        const path = join(directory, "audit.log");
        writeFileSync(path, bytes);
        const file = openSync(path, "r");
        try {
            await check(file);
        } finally {
            closeSync(file);
        }
    });
}

/** Where the lines of a log begin, and its end. */
function lineStarts(bytes: Buffer): number[] {
    return [0, ...[...bytes.entries()].filter(([, byte]) => byte === 10).map(([at]) => at + 1)];
}

describe("reading a log in parts", () => {
    it("finds the lines that have to be read", () =>
        fc.assert(
            fc.asyncProperty(fates, fc.nat(), (lines, place) => {
                // Whether what is joined to another event is told depends on what else is in the block.
                const { bytes } = makeLog(lines.filter(([fate]) => fate !== "joined"));
                const starts = lineStarts(bytes);
                const middle = starts[place % starts.length]!;
                return withLog(bytes, async (file) => {
                    const finder = new LineFinder(file, needles);
                    const atOnce = await searched(file, ({ buffer }) => {
                        readRange(file, 0, bytes.length, buffer);
                    });
                    const inParts = await searched(file, (search) => {
                        readPart(search, { start: 0, end: middle });
                        const rest = { start: middle, end: bytes.length };
                        readPart(search, rest, finder.find(rest));
                    });
                    assert.deepEqual(inParts, atOnce);
                });
            }),
            { numRuns: 200 },
        ));

    it("finds with threads what is found without, up to one of the last lines", () => {
        const { bytes } = makeLog(Array.from({ length: 300 }, (_, index) => [index % 50 === 9 ? "cut" : "whole", 0.5]));
        return withLog(bytes, async (file) => {
            const atOnce = await searched(file, ({ buffer }) => {
                readRange(file, 0, bytes.length, buffer);
            });
            const inParts = await searched(file, async (search) => {
                const steps = readInParts(search, 1000);
                let step = await steps.next();
                while (step.done !== true) {
                    step = await steps.next();
                }
                assert.ok(step.value > bytes.length - 5000);
                readRange(file, step.value, bytes.length, search.buffer);
            });
            assert.deepEqual(inParts, atOnce);
        });
    });
});
