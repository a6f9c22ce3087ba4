import assert from "node:assert/strict";
import fc from "fast-check";
import { ControlCharacters } from "../../events/controlCharacters";

describe("ControlCharacters", () => {
    it("finds each of the bytes 0 to 0x1f, wherever it is, and nothing else", () => {
        const byte = fc.oneof(
            { weight: 40, arbitrary: fc.integer({ min: 0x20, max: 0xff }) },
            fc.integer({ max: 0xff, min: 0 }),
        );
        const bytes = fc.array(byte, { maxLength: 80 });
        fc.assert(
            fc.property(bytes, fc.nat(5), fc.nat(80), fc.nat(80), (all, before, one, other) => {
                // In a larger piece of memory, as a block is, and not always at a multiple of four.
                const block = Buffer.from([...Array<number>(before).fill(0), ...all]).subarray(before);
                const [start, end] = [Math.min(one, other, all.length), Math.min(Math.max(one, other), all.length)];
                const controls = new ControlCharacters();
                controls.begin(block);
                assert.equal(
                    controls.areIn(start, end),
                    all.slice(start, end).some((value) => value < 0x20),
                );
            }),
            { numRuns: 2000 },
        );
    });
});
