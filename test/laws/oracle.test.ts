import assert from "node:assert/strict";
import { usualMinors } from "../oracle/program";
import { run } from "../oracle/run";

/** Fixed, so that a run can be repeated. */
const seed = 20251121;

describe("the API server's own code", function () {
    this.timeout(1_800_000); // it may have to be built

    it("says the same of 10,000 generated policies and 60,000 requests", async () => {
        const figures = await run({ minors: usualMinors, policies: 10_000, pairs: 60_000, seed });
        assert.equal(figures.differences, 0, figures.firstDifferences.join("\n"));
        const { policies, accepted, refused, logged, otherWords, pairs, resolved } = figures;
        assert.ok(policies >= 10_000 && pairs >= 60_000, JSON.stringify(figures));
        assert.ok(accepted > 5000 && refused > 2500 && logged > 100 && resolved > 20_000, JSON.stringify(figures));
        assert.ok(otherWords < 0.01 * refused, JSON.stringify(figures));
    });
});
