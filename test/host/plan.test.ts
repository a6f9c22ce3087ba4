import assert from "node:assert/strict";
import fc from "fast-check";
import { findDrift } from "../../host/drift";
import { patchManifest, manifestSettings } from "../../host/kubeadmManifest";
import { ObservationError, type Observation } from "../../host/observation";
import { MANIFEST } from "../../host/paths";
import { inspectScript, planTransaction } from "../../host/plan";
import { probeScript } from "../../host/script";
import { sha256, type Wish } from "../../host/wish";
import {
    ANY_GROUP_REFUSED,
    appliedHost,
    CANARY,
    freshHost,
    KUBEADM_MANIFEST,
    POLICY,
    printed,
    receiptOf,
    refusalOf,
    wishOf,
    WITH_THEIR_MOUNTS,
    withText,
} from "./observedHost";
import { carriedFiles, carriedSettings } from "./transaction";

const inspected = (host: Observation, generation = "00ff00ff00ff00ff") => `generation ${generation}\n${printed(host)}`;

const plan = (host: Observation, wish: Wish = wishOf()) => planTransaction("cp-1", inspected(host), wish);

const settingsOf = (host: Observation, wish?: Wish) => carriedSettings(plan(host, wish).script);

/** The values of the settings of one name. */
const valuesOf = (name: string, host: Observation, wish?: Wish) =>
    settingsOf(host, wish)
        .filter((line) => line.startsWith(`${name} `))
        .map((line) => line.slice(name.length + 1));

const COMMAND = ["kube-apiserver", "--advertise-address=192.0.2.11"];

const POLICY_SHA256 = sha256(POLICY);
const POLICY_FILE = `/etc/kubernetes/audit/policy-${POLICY_SHA256.slice(0, 12)}.yaml`;

describe("inspectScript", () => {
    it("is the probe behind the token that makes it another command", () => {
        assert.equal(inspectScript("0123abc"), `echo "generation 0123abc"\n${probeScript()}`);
    });
});

describe("planTransaction", () => {
    it("has the whole payload of a host that only kubeadm has touched", () => {
        const { script, showable } = plan(freshHost());
        const files = carriedFiles(script);
        assert.deepEqual([...files.keys()], ["policy.yaml", "settings", "edit", "runner.sh"]);
        assert.equal(showable, true);
        assert.equal(files.get("policy.yaml"), POLICY);
        assert.equal(
            files.get("settings"),
            [
                "host cp-1",
                "owner organization/project/stack/audit",
                "adopt no",
                "address 192.0.2.11",
                "port 6443",
                `policy ${POLICY_FILE}`,
                `policy-sha256 ${POLICY_SHA256}`,
                `flag --audit-policy-file=${POLICY_FILE}`,
                "flag --audit-log-path=/var/log/kubernetes/audit/audit.log",
                "flag --audit-log-maxage=30",
                "flag --audit-log-maxbackup=10",
                "flag --audit-log-maxsize=100",
                "mount kube-apiserver-audit-policy ro /etc/kubernetes/audit",
                "mount kube-apiserver-audit-log rw /var/log/kubernetes/audit",
                "log /var/log/kubernetes/audit/audit.log",
                "log-directory-mode 700",
                "log-free-kib 16384",
                "reader-group ",
                "timeout-seconds 300",
                "purge-logs-on-delete no",
                "proof kubectl /version",
                "proof kubelet-client /version",
                "proof anonymous /version",
                "proof none the policy logs none of the harmless requests GET /version, /readyz and " +
                    "/api/v1/namespaces/default.",
                "generation 00ff00ff00ff00ff",
                `stripped-sha256 ${sha256(KUBEADM_MANIFEST)}`,
                `patched-sha256 ${sha256(patchManifest(KUBEADM_MANIFEST, manifestSettings(wishOf().settings)))}`,
                "",
            ].join("\n"),
        );
        assert.equal(
            files.get("edit"),
            [
                `after ${lineOf("--tls-private-key-file=")}`,
                `+    - --audit-policy-file=${POLICY_FILE}`,
                "+    - --audit-log-path=/var/log/kubernetes/audit/audit.log",
                "+    - --audit-log-maxage=30",
                "+    - --audit-log-maxbackup=10",
                "+    - --audit-log-maxsize=100",
                `after ${lineOf("  hostNetwork: true") - 1}`,
                "+    - mountPath: /etc/kubernetes/audit",
                "+      name: kube-apiserver-audit-policy",
                "+      readOnly: true",
                "+    - mountPath: /var/log/kubernetes/audit",
                "+      name: kube-apiserver-audit-log",
                `after ${lineOf("status: {}") - 1}`,
                "+  - hostPath:",
                "+      path: /etc/kubernetes/audit",
                "+      type: Directory",
                "+    name: kube-apiserver-audit-policy",
                "+  - hostPath:",
                "+      path: /var/log/kubernetes/audit",
                "+      type: DirectoryOrCreate",
                "+    name: kube-apiserver-audit-log",
                "",
            ].join("\n"),
        );
    });

    it("says everything that a program can ask for", () => {
        const wish = wishOf({
            owner: "o/p/s/another",
            adopt: true,
            log: { path: "/srv/audit/k8s.log", maxAge: 1, maxBackup: 2, maxSize: 3, compress: true, mode: "blocking" },
            readerGroup: "adm",
            rollout: { timeoutSeconds: 600, health: "ready" },
            purgeLogsOnDelete: true,
        });
        const manifest = KUBEADM_MANIFEST.replace("--secure-port=6443", "--secure-port=8443");
        assert.deepEqual(settingsOf(freshHost(manifest), wish), [
            "host cp-1",
            "owner o/p/s/another",
            "adopt yes",
            "address 192.0.2.11",
            "port 8443",
            `policy ${POLICY_FILE}`,
            `policy-sha256 ${POLICY_SHA256}`,
            `flag --audit-policy-file=${POLICY_FILE}`,
            "flag --audit-log-path=/srv/audit/k8s.log",
            "flag --audit-log-maxage=1",
            "flag --audit-log-maxbackup=2",
            "flag --audit-log-maxsize=3",
            "flag --audit-log-compress=true",
            "flag --audit-log-mode=blocking",
            "mount kube-apiserver-audit-policy ro /etc/kubernetes/audit",
            "mount kube-apiserver-audit-log rw /srv/audit",
            "log /srv/audit/k8s.log",
            "log-directory-mode 2750",
            "log-free-kib 16384",
            "reader-group adm",
            "timeout-seconds 600",
            "purge-logs-on-delete yes",
            "proof none rollout.health asks for none.",
            "generation 00ff00ff00ff00ff",
            `stripped-sha256 ${sha256(manifest)}`,
            `patched-sha256 ${sha256(patchManifest(manifest, manifestSettings(wish.settings)))}`,
        ]);
    });

    it("has no log file, no mount of one, and no proof where the log goes to standard output", () => {
        const host = freshHost();
        const wish = wishOf({ log: { path: "-" } });
        assert.deepEqual(
            ["mount", "log", "proof"].map((name) => valuesOf(name, host, wish)),
            [
                ["kube-apiserver-audit-policy ro /etc/kubernetes/audit"],
                [""],
                ["none the log goes to the API server's standard output."],
            ],
        );
    });

    it("is the same plan for a manifest that has been patched before, whatever with", () => {
        const fresh = plan(freshHost());
        assert.deepEqual(plan(appliedHost()), fresh);
        assert.deepEqual(plan(appliedHost(wishOf({ log: { path: "/srv/audit/x.log", maxAge: 9 } }))), fresh);
    });

    it("names what the proof's version of Kubernetes logs", () => {
        const policy = { rules: [{ level: "Metadata", resources: [{ group: "*" }] }] } as const;
        const proofs = (manifest: string, wish: Wish) => valuesOf("proof", freshHost(manifest), wish);
        const newer = KUBEADM_MANIFEST.replace(":v1.34.4", ":v1.36.0");
        const logged = ["kubectl", "kubelet-client"].map((client) => `${client} /api/v1/namespaces/default`);
        assert.deepEqual(proofs(newer, wishOf({ policy })).slice(0, 2), logged);
        assert.deepEqual(proofs(KUBEADM_MANIFEST, wishOf({ policy, kubernetesVersion: "1.36" })).slice(0, 2), logged);
    });

    it("says of a mount of theirs that serves what it is, so that it is no drift afterwards", () => {
        const host = freshHost(WITH_THEIR_MOUNTS);
        assert.deepEqual(valuesOf("mount", host), [
            "kube-apiserver-audit-policy rw /etc/kubernetes/audit",
            "kube-apiserver-audit-log rw /var/log/kubernetes/audit",
        ]);
        const applied = appliedHost(wishOf(), WITH_THEIR_MOUNTS);
        assert.deepEqual(receiptOf(applied).mounts, valuesOf("mount", host));
        assert.deepEqual(findDrift(applied, receiptOf(applied)), []);
    });

    it("displaces flags of theirs by their lines alone", () => {
        const manifest = KUBEADM_MANIFEST.replace("    env:\n", `    - --audit-log-path=/${CANARY}/x.log\n    env:\n`);
        const { script, showable } = plan(freshHost(manifest));
        const edit = carriedFiles(script).get("edit")!.split("\n");
        const line = lineOf("--tls-private-key-file=") + 1;
        assert.deepEqual(edit.slice(0, 2), [`displace ${line} ${line}`, `after ${line}`]);
        assert.ok(!script.includes(CANARY));
        assert.equal(showable, true);
    });

    it("is not showable where it repeats something of theirs, and only there", () => {
        const flags = [...KUBEADM_MANIFEST.matchAll(/^ {4}- (--.*|kube-apiserver)\n/gm)];
        const words = flags.map(([, word]) => JSON.stringify(word)).join(", ");
        const flow = flags
            .reduce((text, [line]) => text.replace(line, ""), KUBEADM_MANIFEST)
            .replace("  - command:\n", `  - command: [${words}]\n`);
        const { script, showable } = plan(freshHost(flow));
        assert.equal(showable, false);
        assert.match(carriedFiles(script).get("edit")!, /^\+ +- --tls-private-key-file=/m);
        assert.ok(!script.includes(CANARY));
    });

    it("never has a line of theirs that stays, nor what is in the environment", () => {
        const fields = fc.record({
            path: fc.constantFrom("-", "/srv/audit/a.log", "/var/log/kubernetes/audit/audit.log"),
            maxAge: fc.nat(100),
            compress: fc.boolean(),
        });
        const theirs = KUBEADM_MANIFEST.split("\n").filter((line) => /^ *- --|mountPath|value:|image:/.test(line));
        fc.assert(
            fc.property(fields, fc.boolean(), (log, applied) => {
                const wish = wishOf({ log });
                const { script } = plan(applied ? appliedHost(wishOf({ readerGroup: "adm" })) : freshHost(), wish);
                const payload = [...carriedFiles(script)].filter(([name]) => name !== "runner.sh");
                const text = payload.map(([, content]) => content).join("");
                assert.deepEqual(
                    [CANARY, ...theirs].filter((line) => text.includes(line.trim())),
                    [],
                );
            }),
            { numRuns: 20 },
        );
    });

    it("carries on without a token where the host printed none", () => {
        const generation = (text: string) =>
            carriedSettings(planTransaction("cp-1", text, wishOf()).script).find((line) =>
                line.startsWith("generation"),
            );
        assert.equal(generation(printed(freshHost())), "generation ");
        assert.equal(generation(inspected(freshHost(), "12ab")), "generation 12ab");
    });

    it("refuses a manifest that cannot be edited, without a word of what is in it", () => {
        const pod = { apiVersion: "v1", kind: "Pod", spec: { containers: [{ command: COMMAND, env: [CANARY] }] } };
        const json = withText(freshHost(), MANIFEST, () => JSON.stringify(pod));
        const anchored = withText(freshHost(), MANIFEST, (text) =>
            text.replace("  - command:\n", "  - command: &all\n"),
        );
        assert.deepEqual(
            [json, anchored].map((host) => refusalOf(() => plan(host))),
            [
                `${MANIFEST}: The manifest is JSON, which has no comments to mark lines with. Rewrite it as YAML, one key a line.`,
                `${MANIFEST}: spec.containers[0].command in the manifest has the anchor &all, so another place shares it. Write it out.`,
            ],
        );
    });

    it("refuses what the API server's version would refuse", () => {
        const wish = wishOf({ policy: { rules: [{ level: "Metadata", resources: [{ group: "*" }] }] } });
        assert.equal(
            refusalOf(() => plan(freshHost(), wish)),
            ANY_GROUP_REFUSED,
        );
    });

    it("refuses half of what the host printed", () => {
        const half = inspected(freshHost()).slice(0, 2000);
        assert.throws(() => planTransaction("cp-1", half, wishOf()), ObservationError);
    });
});

/** The line of the fixture that has a text, counted from 1. */
function lineOf(text: string): number {
    return KUBEADM_MANIFEST.split("\n").findIndex((line) => line.includes(text)) + 1;
}
