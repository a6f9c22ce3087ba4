import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import {
    DISPLACED_PREFIX,
    MANAGED_SUFFIX,
    patchManifest,
    planEdit,
    renderEdit,
    stripManifest,
} from "../../host/kubeadmManifest";
import { AWKS, runWithAwk, SHELLS } from "./awks";
import { tapes } from "./choices";
import { manifestFixtures, PLAIN_SETTINGS } from "./fixtures";
import { generateManifest } from "./generatedManifest";

/** Writes what the functions make of every case beside it: one shell for all. */
const DRIVER = `
set -eu
for case in "$1"/*.strip; do strip_manifest <"$case" >"$case.$2"; done
for case in "$1"/*.stripped; do edit_manifest "\${case%.stripped}.edit" <"$case" >"$case.$2"; done
`;

/** Texts that a manifest cannot be, but a line-by-line tool should give back all the same. */
const ODD_TEXTS = [
    "",
    "\n",
    "\n\n",
    "a",
    ".",
    "a\r",
    "\r\n\r\n",
    `x${MANAGED_SUFFIX}`,
    `x${MANAGED_SUFFIX}\r\n`,
    `a\nx${MANAGED_SUFFIX}`,
    `x${MANAGED_SUFFIX} \n`,
    `${MANAGED_SUFFIX}\n${MANAGED_SUFFIX.slice(1)}\n`,
    DISPLACED_PREFIX,
    `${DISPLACED_PREFIX}${DISPLACED_PREFIX}\\ %s & \\n "$x" \`y\` 'z'\n ${DISPLACED_PREFIX}b`,
    `${DISPLACED_PREFIX}x${MANAGED_SUFFIX}\nä😀\u00a0\t\u0001\u007f\n`,
    `-n\n-e\n--\n\\\n$0\n${"y".repeat(200_000)}\n${DISPLACED_PREFIX}${"z".repeat(70_000)}`,
];

/** One text to strip, or a stripped text to edit. */
interface Case {
    readonly input: string;
    readonly edit?: readonly string[];
    readonly expected: string;
}

function cases(): Case[] {
    const generated = fc.sample(tapes(), { seed: 20251121, numRuns: 200 }).map(generateManifest);
    const fixtures = [...manifestFixtures("manifests"), ...manifestFixtures("kubeadm")];
    const manifests = [...generated, ...fixtures.map(({ text }) => ({ text, settings: PLAIN_SETTINGS }))];
    const stripping = [
        ...manifests.map(({ text, settings }) => patchManifest(text, settings)),
        ...fixtures.map(({ text }) => text),
        ...ODD_TEXTS,
    ];
    return [
        ...stripping.map((input) => ({ input, expected: stripManifest(input) })),
        ...manifests.map(({ text, settings }) => ({
            input: text,
            edit: renderEdit(planEdit(text, settings)),
            expected: patchManifest(text, settings),
        })),
        ...ODD_TEXTS.slice(1).map((input) => ({ input, edit: [], expected: input })),
        {
            input: "a\r\nb",
            edit: ["displace 1 2", "after 1", "+x\\n&\\ %s", "+", "after 2", "++", "after 2", "+after 1"],
            expected: [
                `${DISPLACED_PREFIX}a\r`,
                `x\\n&\\ %s${MANAGED_SUFFIX}\r`,
                `${MANAGED_SUFFIX}\r`,
                `${DISPLACED_PREFIX}b`,
                `+${MANAGED_SUFFIX}`,
                `after 1${MANAGED_SUFFIX}`,
            ].join("\n"),
        },
    ];
}

describe("manifest.sh", function () {
    this.timeout(120_000);

    let directory: string;
    let all: Case[];

    before(() => {
        directory = mkdtempSync(join(tmpdir(), "manifest-shell-"));
        all = cases();
        all.forEach(({ input, edit }, index) => {
            writeFileSync(join(directory, `${index}.${edit ? "stripped" : "strip"}`), input);
            if (edit) {
                writeFileSync(join(directory, `${index}.edit`), edit.map((line) => `${line}\n`).join(""));
            }
        });
    });

    after(() => {
        rmSync(directory, { recursive: true });
    });

    for (const shell of SHELLS) {
        for (const awk of AWKS) {
            it(`does the same as the TypeScript under ${shell} with ${awk}`, async () => {
                const run = `${shell}.${awk}`.replace(" ", "-");
                await runWithAwk(shell, awk, DRIVER, [directory, run], directory);
                all.forEach(({ edit, expected }, index) => {
                    const output = readFileSync(join(directory, `${index}.${edit ? "stripped" : "strip"}.${run}`));
                    assert.equal(output.toString("latin1"), Buffer.from(expected).toString("latin1"), `case ${index}`);
                });
            });
        }
    }
});
