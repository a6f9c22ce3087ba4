import assert from "node:assert/strict";
import fc from "fast-check";
import { LineBuffer } from "../../events/lineBuffer";
import { Scanner, type Selection } from "../../events/scanner";
import { fates, makeLog } from "./damagedLog";
import { lineOf, sampleEvent } from "./sampleEvent";

function scan(bytes: Buffer, sizes: readonly number[], selection: Selection) {
    const found: string[] = [];
    const damaged: number[] = [];
    const scanner = new Scanner(
        { event: ({ auditID }) => found.push(auditID), damaged: (line) => damaged.push(line) },
        selection,
    );
    const buffer = new LineBuffer(scanner);
    for (let at = 0, piece = 0; at < bytes.length; piece++) {
        const size = sizes[piece % sizes.length]!;
        buffer.write(bytes.subarray(at, at + size));
        at += size;
    }
    buffer.end();
    return { found, damaged };
}

const sizes = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 5 });

describe("damaged logs", () => {
    it("lose no whole event, and say where they are damaged", () => {
        fc.assert(
            fc.property(fates, sizes, fc.constantFrom("texts", "head", "whole"), (lines, pieces, depth) => {
                const { bytes, whole, damages } = makeLog(lines);
                const { found, damaged } = scan(bytes, pieces, { depth });
                assert.deepEqual(found, whole);
                assert.equal(damaged.length, damages);
            }),
            { numRuns: 300 },
        );
    });

    it("are told also where a search passes over lines", () => {
        fc.assert(
            fc.property(fates, (lines) => {
                const { bytes, damages } = makeLog(lines.filter(([fate]) => fate !== "joined"));
                const nothing = { begin: () => undefined, canMatch: () => false };
                const { damaged } = scan(bytes, [4000], { prefilter: nothing, matches: () => false });
                assert.equal(damaged.length, damages);
            }),
        );
    });

    it("are read whatever they hold", () => {
        fc.assert(
            fc.property(fc.uint8Array({ maxLength: 400 }), fates, sizes, (noise, lines, pieces) => {
                const { bytes } = makeLog(lines);
                const at = (noise[0] ?? 0) % bytes.length;
                scan(Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]), pieces, { depth: "texts" });
            }),
        );
    });

    it("are damaged where a text has an escape that is none, and are read on behind it", () => {
        const lines = ["\\M", "\\u00g0", "\t\\n"].map((text, index) =>
            lineOf(sampleEvent({ auditID: `${index}-here` })).replace("-here", text),
        );
        const log = Buffer.from([...lines, lineOf(sampleEvent({ auditID: "a\\b" })), ""].join("\n"));
        assert.deepEqual(scan(log, [4000], { depth: "texts" }), { found: ["a\\b"], damaged: [1, 2, 3] });
    });

    it("are read on behind a line that is too long to be held", () => {
        const found: string[] = [];
        const damages: string[] = [];
        const scanner = new Scanner({
            event: ({ auditID }) => found.push(auditID),
            damaged: (line, reason) => damages.push(`${line}: ${reason}`),
        });
        const buffer = new LineBuffer(scanner, 1 << 20);
        const line = (auditID: string) => `${lineOf(sampleEvent({ auditID }))}\n`;
        buffer.write(Buffer.from(`${line("1")}${"x".repeat(5 << 20)}\n${line("2")}`));
        buffer.end();
        assert.deepEqual(
            { found, damages },
            { found: ["1", "2"], damages: ["2: the line is too long to be an event"] },
        );
    });
});
