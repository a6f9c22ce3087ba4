import assert from "node:assert/strict";
import { countOf, formatBounds, formatBytes, formatCount, formatSeconds } from "../../events/units";

describe("units", () => {
    const cases: [string, string][] = [
        [formatBytes(0), "0 B"],
        [formatBytes(1023), "1023 B"],
        [formatBytes(1024), "1 KiB"],
        [formatBytes(1_300_000_000), "1.21 GiB"],
        [formatBytes(2 ** 62), "4096 PiB"],
        [formatBytes(Infinity), "no limit"],
        [formatCount(0.123456), "0.123"],
        [formatCount(1_234_567.8), "1,234,568"],
        [countOf(1, "event"), "1 event"],
        [countOf(1000, "event"), "1,000 events"],
        [formatSeconds(59), "59 s"],
        [formatSeconds(90), "1.5 min"],
        [formatSeconds(5 * 3600), "5 h"],
        [formatSeconds(400 * 86_400), "400 d"],
        [formatSeconds(Infinity), "for ever"],
        [formatBounds({ min: 1, max: 1 }, formatCount), "1"],
        [formatBounds({ min: 1, max: 2 }, formatCount), "1 to 2"],
        [formatBounds({ min: 0, max: 2 }, formatCount), "up to 2"],
        [formatBounds({ min: 1, max: Infinity }, formatCount), "at least 1"],
        [formatBounds({ min: 1.0001, max: 1.0002 }, formatCount), "1"],
    ];
    for (const [written, expected] of cases) {
        it(expected, () => {
            assert.equal(written, expected);
        });
    }
});
