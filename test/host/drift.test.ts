import assert from "node:assert/strict";
import fc from "fast-check";
import { findDrift, runningProcess, strayManifests, type Drift } from "../../host/drift";
import { inspectManifest, ManifestError } from "../../host/kubeadmManifest";
import type { Observation } from "../../host/observation";
import { MANIFEST, POLICY_DIRECTORY, RECEIPT } from "../../host/paths";
import { parseReceipt } from "../../host/receipt";
import {
    FILE_DRIFTS,
    HOST,
    IN_SYNC,
    MANIFEST_DRIFTS,
    MANIFEST_HEAD,
    POLICY_FILE,
    PROCESS_DRIFTS,
    STRAY,
    STRAY_DRIFT,
} from "./driftedHosts";
import { CANARY, KUBEADM_MANIFEST, LOG_DIRECTORY, STARTED, withFile, withText } from "./observedHost";

const drifts = (observation: Observation): Drift[] =>
    findDrift(observation, parseReceipt(observation.files.get(RECEIPT)?.text ?? ""));

describe("findDrift", () => {
    for (const { what, host, expected } of [...MANIFEST_DRIFTS, ...FILE_DRIFTS, ...PROCESS_DRIFTS]) {
        it(`finds ${what}`, () => {
            assert.deepEqual(drifts(host), expected);
        });
    }

    for (const [what, host] of IN_SYNC) {
        it(`finds nothing in ${what}`, () => {
            assert.deepEqual(drifts(host), []);
        });
    }

    it("says nothing of a process where the file that it read was changed", () => {
        const regenerated = withFile(HOST, MANIFEST, { text: KUBEADM_MANIFEST, modified: STARTED + 99 });
        assert.deepEqual(
            drifts(regenerated).map(({ file, message }) => [file, message.split(" ").slice(0, 4).join(" ")]),
            [[MANIFEST, "the file was regenerated"]],
        );
    });

    it("finds each of any changes, whatever the others are", () => {
        const found = (what: string) => FILE_DRIFTS.find((drifted) => drifted.what === what)!.expected[0]!;
        const changes: readonly [(host: Observation) => Observation, Drift][] = [
            [
                (host) => withText(host, MANIFEST, (text) => text.replace("maxage=30", "maxage=31")),
                change("maxage", 30, 31),
            ],
            [(host) => withFile(host, POLICY_FILE, { mode: "644" }), found("a policy with another mode")],
            [(host) => withFile(host, POLICY_FILE, { owner: "1000:4" }), found("a policy with another owner")],
            [
                (host) => withFile(host, POLICY_DIRECTORY, { mode: "755" }),
                found("a directory of policies with another mode and owner"),
            ],
            [(host) => withFile(host, LOG_DIRECTORY, { mode: "755" }), found("a log directory with another mode")],
            [(host) => withFile(host, STRAY, { text: KUBEADM_MANIFEST }), STRAY_DRIFT],
        ];
        fc.assert(
            fc.property(fc.subarray([...changes]), (chosen) => {
                const host = chosen.reduce((before, [apply]) => apply(before), HOST);
                assert.deepEqual(
                    drifts(host),
                    chosen.map(([, drift]) => drift),
                );
            }),
            { numRuns: 30 },
        );
    });

    it("never tells what is in the environment, whatever was done to the manifest", () => {
        const lines = HOST.files.get(MANIFEST)!.text!.split("\n");
        const ours = [...lines.keys()].filter((line) => lines[line]!.includes("managed-by"));
        const edit = fc.record({
            line: fc.oneof(fc.constantFrom(...ours), fc.nat(lines.length - 1)),
            text: fc.constantFrom("", "    - --audit-log-path=/x", "#", `    - --audit-log-maxage=1 # x`, "  volumes:"),
            remove: fc.nat(3),
        });
        let found = 0;
        fc.assert(
            fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
                const edited = edits.reduce(
                    (before, { line, text, remove }) => before.toSpliced(line, remove, text),
                    lines,
                );
                const host = withText(HOST, MANIFEST, () => edited.join("\n"));
                try {
                    const said = JSON.stringify(drifts(host));
                    found += said === "[]" ? 0 : 1;
                    assert.ok(!said.includes(CANARY), said);
                } catch (error) {
                    assert.ok(error instanceof ManifestError, String(error));
                    assert.ok(!error.message.includes(CANARY), error.message);
                }
            }),
            { numRuns: 50 },
        );
        assert.ok(found > 0, `no edit was a drift`);
    });
});

function change(flag: string, before: number, after: number): Drift {
    return {
        file: MANIFEST,
        message: `the flag --audit-log-${flag} was changed`,
        diff: `${MANIFEST_HEAD}-    - --audit-log-${flag}=${before}\n+    - --audit-log-${flag}=${after}`,
        restarts: true,
    };
}

describe("strayManifests", () => {
    it("names what the kubelet takes for a kube-apiserver pod, and nothing else", () => {
        const manifests = "/etc/kubernetes/manifests";
        const host: Observation = [
            ["a.yaml", KUBEADM_MANIFEST],
            ["b", KUBEADM_MANIFEST.replace("name: kube-apiserver\n  namespace", "name: other\n  namespace")],
            ["c.yaml", "# kube-apiserver\n"],
            ["d.yaml", KUBEADM_MANIFEST.replaceAll("kube-apiserver", "etcd")],
            ["e.yaml", "kind: Pod\nmetadata: [kube-apiserver"],
        ].reduce((before, [name, text]) => withFile(before, `${manifests}/${name!}`, { text: text! }), HOST);
        const all = withFile(host, "/etc/kubernetes/tmp/kube-apiserver.yaml", { text: KUBEADM_MANIFEST });
        assert.deepEqual(
            strayManifests(all).map(({ path }) => path),
            [`${manifests}/a.yaml`, `${manifests}/b`],
        );
    });
});

describe("runningProcess", () => {
    const manifest = inspectManifest(KUBEADM_MANIFEST);
    const process = (pid: number, ...flags: string[]) => ({
        pid,
        started: STARTED,
        commandLine: ["kube-apiserver", ...flags],
    });

    const cases: [string, ReturnType<typeof process>[], number | undefined][] = [
        ["none", [], undefined],
        [
            "the one with the manifest's address",
            [process(1, "--advertise-address=192.0.2.1"), process(2, "--advertise-address=192.0.2.11")],
            2,
        ],
        ["one that names no address", [process(3, "--v=2")], 3],
        ["none of another cluster", [process(4, "--advertise-address=192.0.2.1")], undefined],
    ];
    for (const [what, processes, expected] of cases) {
        it(`is ${what}`, () => {
            assert.equal(runningProcess({ ...HOST, processes }, manifest)?.pid, expected);
        });
    }
});
