import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { parse } from "yaml";
import { applyEdit, patchManifest, planEdit, stripManifest } from "../../host/kubeadmManifest";
import { runWithAwk, type Awk, type Shell } from "../host/awks";
import { tapes } from "../host/choices";
import { manifestFixtures } from "../host/fixtures";
import { generateManifest, generateSettings } from "../host/generatedManifest";

/** Fixed, so that a run can be repeated; fast-check prints it, and the path of the case, on a failure. */
const SEED = 20251121;

/** What ends each of the stripped texts in one file. No manifest has it. */
const SEPARATOR = "\0";

/** Strips every text of a directory, one after another, into one file. */
const STRIP_ALL = `
set -eu
cd "$1"
for number in $(seq 0 $(($2 - 1))); do
    strip_manifest <"$number"
    printf '\\0'
done >"$3"
`;

describe("patching and stripping", function () {
    this.timeout(600_000);

    let directory: string;
    /** The manifests that the laws were seen to hold for, one of them with the settings, both as bytes. */
    const seen: { text: string; patched: string }[] = [];

    before(() => {
        directory = mkdtempSync(join(tmpdir(), "laws-"));
    });

    after(() => {
        rmSync(directory, { recursive: true });
    });

    it("follows the four laws on 10,000 generated manifests", () => {
        fc.assert(
            fc.property(tapes(), tapes(), (tape, other) => {
                const { text, settings, original, expected } = generateManifest(tape);
                const patched = patchManifest(text, settings);
                assert.equal(stripManifest(patched), text);
                assert.equal(patchManifest(patched, settings), patched);
                assert.equal(patchManifest(patchManifest(text, generateSettings(other)), settings), patched);
                assert.deepEqual(parse(patched), expected);
                // What is carried out on a host.
                assert.equal(applyEdit(text, planEdit(text, settings)), patched);
                // That the manifest is what it was meant to be is the generator's own law; some are enough.
                if (tape[0]! % 8 === 0) {
                    assert.deepEqual(parse(text), original);
                }
                seen.push({ text, patched });
            }),
            { seed: SEED, numRuns: 10_000 },
        );
    });

    for (const { name, text } of manifestFixtures("kubeadm")) {
        it(`follows them on ${name} under all settings`, () => {
            fc.assert(
                fc.property(tapes(), tapes(), (tape, other) => {
                    const settings = generateSettings(tape);
                    const patched = patchManifest(text, settings);
                    assert.equal(stripManifest(patched), text);
                    assert.equal(patchManifest(patched, settings), patched);
                    assert.equal(patchManifest(patchManifest(text, generateSettings(other)), settings), patched);
                    seen.push({ text, patched });
                }),
                { seed: SEED, numRuns: 25 },
            );
        });
    }

    it("strips all of these the same on a host, under dash with mawk and under busybox sh with gawk", async () => {
        seen.forEach(({ patched }, index) => {
            writeFileSync(join(directory, `${index}`), patched);
        });
        const expected = Buffer.from(seen.map(({ text }) => text + SEPARATOR).join(""));
        const strip = async (shell: Shell, awk: Awk) => {
            const output = join(directory, awk);
            await runWithAwk(shell, awk, STRIP_ALL, [directory, `${seen.length}`, output], directory);
            assert.ok(expected.equals(readFileSync(output)), awk);
        };
        // Every other pair, and busybox awk, is in the unit tests, on fewer manifests.
        await Promise.all([strip("dash", "mawk"), strip("busybox sh", "gawk")]);
    });
});
