import assert from "node:assert/strict";
import { MANIFEST } from "../../host/paths";
import type { SandboxNode } from "../../sandbox";
import type { Policy } from "../../policy/types";
import { testCluster } from "./cluster";
import { apiServer } from "./controlPlane";
import { AuditStack, hostOf, login } from "./stack";

const LOG = "/var/log/kubernetes/audit/audit.log";

/** Deletions in one namespace, and what happens to config maps at the given level. */
function policy(level: "Metadata" | "Request"): Policy {
    return {
        rules: [
            { level: "RequestResponse", verbs: ["delete"], resources: [{ group: "", resources: ["pods"] }] },
            { level, resources: [{ group: "", resources: ["configmaps"] }], namespaces: ["default"] },
            { level: "Metadata", nonResourceURLs: ["/version"] },
        ],
        omitStages: ["RequestReceived"],
    };
}

async function sha256(node: SandboxNode): Promise<string> {
    return (await node.check(`sha256sum ${MANIFEST}`)).slice(0, 64);
}

describe("the life of an audited API server", () => {
    let node: SandboxNode;
    let stack: AuditStack;
    let original: string;

    before(async () => {
        ({
            nodes: [node],
        } = await testCluster());
        original = await sha256(node);
        stack = await AuditStack.create({
            hosts: [hostOf(node)],
            connection: await login(),
            policy: policy("Metadata"),
        });
    });

    async function assertInSync(): Promise<void> {
        stack.sentCommands();
        const run = await stack.previewInSync();
        assert.equal(run.ok, true, run.output);
        assert.deepEqual(stack.sentCommands(), []);
    }

    it("says in the preview that the API server will be restarted", async () => {
        const run = await stack.preview();
        assert.equal(run.ok, true, run.output);
        assert.match(run.output, /cp-1: the API server will be restarted: audit logging is turned on\./);
        assert.deepEqual(stack.sentCommands(), []);
        assert.equal(await sha256(node), original);
    });

    it("is turned on by an update, and proven by an event", async () => {
        const run = await stack.up();
        assert.equal(run.ok, true, run.output);
        const { reports } = await stack.outputs();
        const [report] = reports!.value as { restarted: boolean; proof: string; warnings: string[] }[];
        assert.deepEqual([report!.restarted, report!.proof, report!.warnings], [true, "event", []]);
        assert.deepEqual(
            stack.sentCommands().map(({ command }) => command),
            // The last one is for kubeadm's own configuration.
            ["sudo -n sh -s", "sudo -n sh -s -- apply", "sudo -n sh -s -- apply"],
        );
    });

    it("is in sync then, and a preview runs nothing but the probe", assertInSync);

    it("shows a change of one rule as that rule's lines, and restarts the API server once", async () => {
        const before = await apiServer(node);
        stack.args = { ...stack.args, policy: policy("Request") };
        const preview = await stack.preview();
        const changed = preview.output.split("\n").filter((line) => /^\s+[-+] {1,}(- )?level:/.test(line));
        assert.deepEqual(
            changed.map((line) => line.trim().replace(/\s+/g, " ")),
            ["- - level: Metadata", "+ - level: Request"],
            preview.output,
        );
        assert.match(preview.output, /cp-1: the API server will be restarted: the policy changes\./);
        assert.match(
            preview.output,
            /The changed policy records something else of these requests:\s+configmaps in namespace default by anybody: Metadata → Request\s/,
        );
        const up = await stack.up();
        assert.equal(up.ok, true, up.output);
        assert.notEqual(await apiServer(node), before);
        const starts = await node.check(
            "ls -t -d /var/log/pods/kube-system_kube-apiserver-*/ | head -n 1 | xargs -I{} ls {}kube-apiserver | wc -l",
        );
        assert.equal(starts.trim(), "1");
        await node.check(
            "kubectl --kubeconfig /etc/kubernetes/admin.conf -n default create configmap proof --from-literal=a=b",
        );
        const event = await node.check(`grep '"name":"proof"' ${LOG} | tail -n 1`);
        assert.equal((JSON.parse(event) as { level: string }).level, "Request");
        await assertInSync();
    });

    it("stays in sync when the log is rotated", async () => {
        await node.check(`mv ${LOG} ${LOG.replace(".log", "-2026-01-01T00-00-00.000.log")} && : >${LOG}`);
        await assertInSync();
    });

    it("stays in sync when the API server is restarted", async () => {
        const before = await apiServer(node);
        await node.check("pkill -TERM -x kube-apiserver");
        await node.check("while pgrep -x kube-apiserver >/dev/null; do sleep 0.2; done");
        await node.waitHealthy();
        assert.notEqual(await apiServer(node), before);
        await assertInSync();
    });

    it("stays in sync under a new kubelet", async () => {
        await node.check("systemctl restart kubelet");
        await node.waitHealthy();
        await assertInSync();
    });

    it("stays in sync after a reboot of the host", async () => {
        await node.reboot();
        await assertInSync();
    });

    it("gives back the manifest byte for byte when it is removed", async () => {
        const run = await stack.destroy();
        assert.equal(run.ok, true, run.output);
        assert.equal(await sha256(node), original);
        const left = await node.check(
            "find /etc/kubernetes/audit /var/lib/kube-apiserver-audit /run/kube-apiserver-audit /etc/systemd/system -name '*audit*' 2>/dev/null | sort",
        );
        assert.equal(left, "/run/kube-apiserver-audit\n");
    });
});
