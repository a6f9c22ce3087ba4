import assert from "node:assert/strict";
import fc from "fast-check";
import { parse } from "yaml";
import { applyEdit, patchManifest, planEdit, stripManifest } from "../../host/kubeadmManifest";
import { tapes } from "./choices";
import { manifestFixtures } from "./fixtures";
import { generateManifest, generateSettings } from "./generatedManifest";

/** Fixed, so that a run can be repeated; fast-check prints it, and the path of the case, on a failure. */
const SEED = 20251121;

describe("patching and stripping", function () {
    this.timeout(300_000);

    it("gives the old pod with the settings, and strips back byte for byte", () => {
        fc.assert(
            fc.property(tapes(), (tape) => {
                const { text, settings, original, expected } = generateManifest(tape);
                const patched = patchManifest(text, settings);
                assert.equal(stripManifest(patched), text);
                assert.deepEqual(parse(patched), expected);
                // That the manifest is what it was meant to be is the generator's own law; some are enough.
                if (tape[0]! % 8 === 0) {
                    assert.deepEqual(parse(text), original);
                }
            }),
            { seed: SEED, numRuns: 9_000 },
        );
    });

    it("depends on what is theirs and on the settings alone, whatever was patched before", () => {
        fc.assert(
            fc.property(tapes(), tapes(), (tape, other) => {
                const { text, settings } = generateManifest(tape);
                const patched = patchManifest(text, settings);
                assert.equal(patchManifest(patched, settings), patched);
                assert.equal(patchManifest(patchManifest(text, generateSettings(other)), settings), patched);
                assert.equal(applyEdit(text, planEdit(text, settings)), patched);
            }),
            { seed: SEED, numRuns: 1_000 },
        );
    });

    for (const { name, text } of manifestFixtures("kubeadm")) {
        it(`holds for ${name} under all settings`, () => {
            fc.assert(
                fc.property(tapes(), (tape) => {
                    const settings = generateSettings(tape);
                    const patched = patchManifest(text, settings);
                    assert.equal(stripManifest(patched), text);
                    assert.equal(patchManifest(patched, settings), patched);
                }),
                { seed: SEED, numRuns: 25 },
            );
        });
    }
});
