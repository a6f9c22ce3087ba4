import assert from "node:assert/strict";
import fc from "fast-check";
import { LineBuffer } from "../../events/lineBuffer";
import { Scanner, type Selection } from "../../events/scanner";
import { lineOf, sampleEvent } from "./sampleEvent";

/** What happens to a line of a log, or instead of one. */
type Fate = "whole" | "cut" | "joined" | "NULs" | "noise" | "not UTF-8" | "twice";

const fates = fc.array(
    fc.tuple(
        fc.constantFrom<Fate>("whole", "whole", "whole", "cut", "joined", "NULs", "noise", "not UTF-8", "twice"),
        fc.double({ min: 0.02, max: 0.98, noNaN: true }),
    ),
    { minLength: 1, maxLength: 30 },
);

interface Log {
    readonly bytes: Buffer;
    /** The audit IDs of the events that are whole. */
    readonly whole: string[];
    readonly damages: number;
}

function makeLog(lines: [Fate, number][]): Log {
    const pieces: Buffer[] = [];
    const whole: string[] = [];
    let damages = 0;
    lines.forEach(([fate, place], index) => {
        const auditID = `event-${index}`;
        const level = index % 3 === 0 ? "Metadata" : "RequestResponse";
        const body = level === "Metadata" ? {} : { responseObject: { data: `${"é".repeat(index)}{"kind":"Event` } };
        const line = Buffer.from(lineOf(sampleEvent({ auditID, level, ...body })));
        const part = line.subarray(0, 1 + Math.floor(place * (line.length - 2)));
        damages += fate === "whole" || fate === "twice" ? 0 : 1;
        if (fate !== "cut" && fate !== "noise") {
            whole.push(...(fate === "twice" ? [auditID, auditID] : [auditID]));
        }
        const bytes = {
            whole: [line],
            twice: [line, Buffer.from("\n"), line],
            cut: [part],
            joined: [part, line],
            NULs: [Buffer.alloc(1 + Math.floor(place * 50)), line],
            noise: [Buffer.from([0x7b, 0xff, 0x22, 0x20 + Math.floor(place * 0x5f), 0x5c])],
            "not UTF-8": [Buffer.from(line.toString("latin1").replace("jane", "\xfc"), "latin1")],
        }[fate];
        pieces.push(...bytes, Buffer.from("\n"));
    });
    return { bytes: Buffer.concat(pieces), whole, damages };
}

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
