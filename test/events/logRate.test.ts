import assert from "node:assert/strict";
import { lineSize } from "../../events/lineSize";
import { measureLog } from "../../events/logRate";
import { event } from "./event";

describe("measureLog", () => {
    it("measures bytes, time and compression", async () => {
        const at = (second: number) =>
            event("GET /version by bob", { stageTimestamp: `2026-01-01T10:00:0${second}.500000Z` });
        const { compressedShare, ...rate } = await measureLog([at(3), at(1), at(9)]);
        assert.deepEqual(rate, {
            events: 3,
            bytes: 3 * lineSize(at(1)),
            window: { from: "2026-01-01T10:00:01.500Z", to: "2026-01-01T10:00:09.500Z", seconds: 8 },
        });
        assert.ok(compressedShare > 0.1 && compressedShare < 0.5, String(compressedShare));
    });

    it("has nothing to say about an empty log", async () => {
        assert.deepEqual(await measureLog([]), { events: 0, bytes: 0, compressedShare: 1 });
    });
});
