import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manifestSettings, patchManifest, stripManifest, type ManifestSettings } from "../../host/kubeadmManifest";
import { AWKS, runWithAwk, SHELLS } from "./awks";
import { manifestFixtures } from "./fixtures";

const DRIVER = `
set -eu
for text in "$1"/*.text; do strip_manifest <"$text" | disown_manifest >"$text.left"; done
`;

const SETTINGS = manifestSettings({
    policyFile: "/etc/kubernetes/audit/policy-0123456789ab.yaml",
    log: { mode: "batch", batch: { maxWait: "5s" } },
});

/** The manifest as kubeadm writes it that has our settings in its ClusterConfiguration: every list in its order. */
function writtenByKubeadm(manifest: string, { flags, mounts }: ManifestSettings): string {
    const lines = manifest.split("\n");
    const first = lines.findIndex((line) => line.startsWith("    - --"));
    const count = lines.slice(first).findIndex((line) => !line.startsWith("    - --"));
    const words = [...lines.slice(first, first + count), ...flags.map((flag) => `    - ${flag}`)].sort();
    return lines
        .toSpliced(first, count, ...words)
        .flatMap((line) => {
            // Behind the last but one of theirs, as the names go.
            const isBefore = line === "    - mountPath: /usr/local/share/ca-certificates";
            const isVolume = line === "      path: /usr/local/share/ca-certificates";
            const ours = mounts.map(({ name, path, readOnly, type }) => ({
                mount: [
                    `    - mountPath: ${path}`,
                    `      name: ${name}`,
                    ...(readOnly ? ["      readOnly: true"] : []),
                ],
                volume: [`      path: ${path}`, `      type: ${type}`, `    name: ${name}`, "  - hostPath:"],
            }));
            return [
                ...(isBefore ? ours.flatMap(({ mount }) => mount) : []),
                ...(isVolume ? ours.flatMap(({ volume }) => volume) : []),
                line,
            ];
        })
        .join("\n");
}

describe("disown_manifest", () => {
    const fixtures = manifestFixtures("kubeadm").map(({ text }) => text);
    const cases = fixtures.flatMap((theirs) => {
        const written = writtenByKubeadm(theirs, SETTINGS);
        const [policyFlag, ...others] = SETTINGS.flags;
        const changed = { ...SETTINGS, flags: [`${policyFlag!}.new`, ...others] };
        return [
            { what: "what kubeadm wrote", text: written, left: theirs },
            { what: "and what was changed after that", text: patchManifest(written, changed), left: theirs },
            { what: "nothing of theirs", text: theirs, left: theirs },
            {
                what: "nothing where the settings are ours by their marks",
                text: patchManifest(theirs, SETTINGS),
                left: theirs,
            },
            {
                what: "no flags of theirs beside our marks",
                text: patchManifest(
                    theirs.replace("    - --allow", "    - --audit-log-maxage=30\n    - --allow"),
                    SETTINGS,
                ),
                left: theirs.replace("    - --allow", "    - --audit-log-maxage=30\n    - --allow"),
            },
        ];
    });

    it("has cases that are what they say", () => {
        for (const theirs of fixtures) {
            const written = writtenByKubeadm(theirs, SETTINGS);
            assert.equal(patchManifest(written, SETTINGS), written);
            assert.equal(stripManifest(written), written);
            assert.notEqual(written, theirs);
        }
        assert.ok(fixtures.length >= 5);
    });

    for (const shell of SHELLS) {
        for (const awk of AWKS) {
            it(`takes out what kubeadm wrote of ours, and nothing else, under ${shell} with ${awk}`, async () => {
                const directory = mkdtempSync(join(tmpdir(), "disown-"));
                cases.forEach(({ text }, index) => {
                    writeFileSync(join(directory, `${index}.text`), text);
                });
                await runWithAwk(shell, awk, DRIVER, [directory], directory);
                cases.forEach(({ what, left }, index) => {
                    assert.equal(readFileSync(join(directory, `${index}.text.left`), "utf8"), left, what);
                });
                rmSync(directory, { recursive: true });
            });
        }
    }
});
