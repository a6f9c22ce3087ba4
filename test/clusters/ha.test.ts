import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { ApiServerAuditArgs } from "kube-apiserver-audit";
import { MANIFEST } from "../../host/paths";
import {
    createEngine,
    installFaultyApiServer,
    restoreApiServer,
    setFault,
    upCluster,
    type Cluster,
    type Engine,
    type SandboxNode,
} from "../../sandbox";
import { onProgress as say } from "../e2e/cluster";
import { apiServer, auditFlags, clusterConfiguration, filterManifest } from "../e2e/controlPlane";
import { everything } from "../e2e/deliver";
import { hostOf } from "../e2e/stack";
import { assertDone, AuditStack } from "./auditStack";
import { startLoad, type LoadReport } from "./load";

const LOG = "/var/log/kubernetes/audit/audit.log";

describe("a cluster of three control-plane nodes, behind a bastion", () => {
    let engine: Engine;
    let cluster: Cluster;
    let nodes: readonly [SandboxNode, SandboxNode, SandboxNode];
    let stack: AuditStack;
    let originals: readonly string[];
    let originalConfig: string;

    before(async () => {
        const name = process.env.CLUSTER_SANDBOX ?? "ha";
        cluster = await upCluster({ name, onProgress: say });
        engine = await createEngine({ project: "clusters", onProgress: say });
        const [first, second, third] = cluster.nodes;
        nodes = [first!, second!, third!];
        await Promise.all(nodes.map(closeToAllButBastion));
        originals = await Promise.all(nodes.map((node) => node.check(`cat ${MANIFEST}`)));
        assert.ok(!originals.join().includes("audit"), "The manifests are not kubeadm's.");
        originalConfig = await clusterConfiguration(first!);
        await installFaultyApiServer(second!);
        stack = await AuditStack.create(engine, argsOf(nodes));
    });

    after(async () => {
        engine.close();
        if (process.env.KEEP_SANDBOX === undefined) {
            await cluster.down();
        }
    });

    /** Only the bastion can reach its sshd. */
    async function closeToAllButBastion(node: SandboxNode): Promise<void> {
        const rule = `INPUT -p tcp --dport 22 ! -s ${cluster.bastion.address} -j REJECT`;
        await node.check(`iptables -C ${rule} 2>/dev/null || iptables -A ${rule}`);
    }

    function argsOf(hosts: readonly SandboxNode[]): ApiServerAuditArgs {
        const { bastion, credentials } = cluster;
        const login = { user: bastion.users.admin, privateKey: credentials.privateKey };
        return {
            hosts: hosts.map(hostOf),
            connection: { ...login, proxy: { ...login, host: bastion.address, hostKey: bastion.hostKey } },
            policy: everything("Metadata"),
            log: { maxSize: 1 },
            readerGroup: "adm",
        };
    }

    const manifests = () => Promise.all(nodes.map((node) => node.check(`cat ${MANIFEST}`)));
    const processes = () => Promise.all(nodes.map(apiServer));

    async function levels(): Promise<string[]> {
        const texts = await Promise.all(
            nodes.map((node) => node.exec("cat /etc/kubernetes/audit/policy.yaml 2>/dev/null || echo 'level: none'")),
        );
        return texts.map(({ stdout }) => /level: (\w+)/.exec(stdout)![1]!);
    }

    /** Every node logs what it is asked itself, and nothing that another one is asked. */
    async function assertEachLogsItsOwn(): Promise<void> {
        const tokens = nodes.map(() => randomBytes(8).toString("hex"));
        for (const [index, node] of nodes.entries()) {
            const server = `--server=https://${node.address}:6443`;
            const asked = await node.kubectl([server, "get", "--raw", `/version?token=${tokens[index]!}`]);
            assert.equal(asked.code, 0, asked.stderr);
        }
        const found = await Promise.all(
            nodes.map((node) =>
                node.check(`for token in ${tokens.join(" ")}; do grep -qF "$token" ${LOG} && echo "$token"; done; :`),
            ),
        );
        assert.deepEqual(
            found,
            tokens.map((token) => `${token}\n`),
        );
    }

    /** While clients write, read and watch through the load balancer. */
    async function underLoad<T>(what: string, restarts: number, work: () => Promise<T>): Promise<T> {
        const load = await startLoad(nodes[0], { host: cluster.balancer.address, port: 6443 });
        let report: LoadReport | undefined;
        try {
            return await work();
        } finally {
            report = await load.stop();
            say(
                `${what}: ${report.requests} requests (${report.perSecond.toFixed(1)}/s), ${report.failures.length} failed, ` +
                    `longest gap ${report.longestGap.toFixed(2)} s, ${report.watchesEnded} watches ended, ${report.watched} events watched`,
            );
            report.failures.forEach(({ at, why }) => {
                say(`    after ${at.toFixed(1)} s: ${why}`);
            });
            // At most what each of the four clients had under way at the node that was restarted.
            assert.ok(report.failures.length <= 4 * restarts, `${report.failures.length} requests failed`);
            assert.ok(report.perSecond >= 20, `${report.perSecond} requests a second`);
            assert.ok(report.watched > 0, "The watch has told of nothing.");
        }
    }

    it("is refused through a bastion with another key", async () => {
        const { connection, ...rest } = argsOf(nodes);
        const { proxy } = connection!;
        const wrong = await AuditStack.create(engine, {
            ...rest,
            connection: {
                ...connection,
                proxy: { ...(proxy as object), host: cluster.bastion.address, hostKey: nodes[0].hostKey },
            },
        });
        const { ok, output } = await wrong.up();
        assert.equal(ok, false, output);
        assert.match(output, /cp-1: .*proxy/);
        assert.match(output, /Nothing was changed\./);
        assert.deepEqual(await manifests(), originals);
    });

    it("is not touched while one API server is down, be it in the list or not", async () => {
        const third = nodes[2];
        const before = await processes();
        await third.check("systemctl stop kubelet && pkill -KILL -x kube-apiserver; sleep 20");
        try {
            for (const hosts of [nodes.slice(0, 2), nodes]) {
                stack.args = argsOf(hosts);
                const { ok, output } = await stack.up();
                assert.equal(ok, false, output);
                assert.match(
                    output,
                    new RegExp(
                        `cp-1: Other API servers of this cluster are not healthy \\(/readyz\\): cp-3 \\(${third.address}:6443\\): .*` +
                            "Nothing was changed\\.",
                    ),
                );
            }
            assert.deepEqual(await manifests(), originals);
            assert.deepEqual(await Promise.all(nodes.slice(0, 2).map(apiServer)), before.slice(0, 2));
            assert.deepEqual(await levels(), ["none", "none", "none"]);
        } finally {
            await third.check("systemctl start kubelet");
            await third.waitHealthy();
        }
        stack.args = argsOf(nodes);
    });

    it("has its first node new, its second restored and its third untouched when the second fails", async () => {
        const before = await processes();
        await setFault(nodes[1], "exit");
        const { ok, output } = await stack.up().finally(() => setFault(nodes[1], undefined));
        assert.equal(ok, false, output);
        for (const line of [
            "cp-2: The API server started 3 times with the new settings and ended each time.",
            "cp-2: The old manifest was restored; the API server is healthy with the old settings.",
        ]) {
            assert.ok(output.includes(line), output);
        }
        assert.deepEqual(await levels(), ["Metadata", "none", "none"]);
        const [, second, third] = await manifests();
        assert.deepEqual([second, third], originals.slice(1));
        assert.equal((await processes())[2], before[2]);
        assert.equal(
            await clusterConfiguration(nodes[0]),
            originalConfig,
            "kubeadm was told of settings that are not proven",
        );
    });

    it("converges with one update when the cause is gone", async () => {
        await restoreApiServer(nodes[1]);
        const [first] = await processes();
        await underLoad("the rest of the first update", 2, async () => {
            assertDone(await stack.up());
        });
        assert.deepEqual(await levels(), ["Metadata", "Metadata", "Metadata"]);
        assert.equal((await processes())[0], first);
        assertDone(await stack.previewInSync());
        await assertEachLogsItsOwn();
        assert.deepEqual(
            (await stack.reports()).map(({ proof, warnings }) => [proof, warnings]),
            nodes.map(() => ["event", []]),
        );
        assert.match(
            await clusterConfiguration(nodes[0]),
            /name: audit-policy-file # managed-by: kube-apiserver-audit/,
        );
    });

    it("has a changed policy everywhere, one node after another", async () => {
        stack.args = { ...stack.args, policy: everything("Request") };
        await underLoad("a policy change", 3, async () => {
            assertDone(await stack.up());
        });
        assert.deepEqual(await levels(), ["Request", "Request", "Request"]);
        assertDone(await stack.previewInSync());
        await assertEachLogsItsOwn();
        const [flag] = await auditFlags(nodes[0]);
        assert.ok((await clusterConfiguration(nodes[0])).includes(`value: ${flag!.split("=")[1]!} # managed-by`));
    });

    it("shows a drift of one node, and repairs that node alone", async () => {
        const [first, before, third] = await processes();
        await nodes[1].check(filterManifest("sed s/audit-log-maxage=30/audit-log-maxage=31/"));
        const preview = await stack.preview();
        assertDone(preview);
        assert.match(preview.output, /cp-2: .*the flag --audit-log-maxage was changed/);
        await underLoad("a repair", 2, async () => {
            assertDone(await stack.up());
        });
        const after = await processes();
        assert.deepEqual([after[0], after[2]], [first, third]);
        assert.notEqual(after[1], before);
        assertDone(await stack.previewInSync());
        await assertEachLogsItsOwn();
    });

    it("lets a group read the logs, also after they were rotated", async () => {
        const [node] = nodes;
        await node.check("usermod -aG adm nosudo");
        const server = `--server=https://${node.address}:6443`;
        const filler = "x".repeat(100_000);
        const configMap = JSON.stringify({
            apiVersion: "v1",
            kind: "ConfigMap",
            metadata: { name: "filler", namespace: "default" },
            data: { filler },
        });
        const logs = () => node.check(`ls ${LOG.replace(".log", "*.log")} | wc -l`);
        const before = Number(await logs());
        for (let n = 0; n < 40 && Number(await logs()) <= before; n++) {
            const dry = await node.kubectl([server, "create", "--dry-run=server", "-f", "-"], { stdin: configMap });
            assert.equal(dry.code, 0, dry.stderr);
        }
        assert.ok(Number(await logs()) > before, "The log was not rotated.");
        await node.check(`for log in ${LOG.replace(".log", "*.log")}; do head -c 1 "$log"; done`, { user: "nosudo" });
        assertDone(await stack.previewInSync());
    });

    describe("and a fourth that joins", () => {
        let machine: SandboxNode;

        before(async () => {
            machine = await cluster.addMachine();
            await closeToAllButBastion(machine);
            // A host that has yet to join can be the first of the list as well.
            const fourth = { ...hostOf(machine), preJoin: true };
            stack.args = { ...stack.args, hosts: [fourth, ...nodes.map(hostOf)] };
        });

        it("is given the policy first, and nobody is restarted for it", async () => {
            const before = await processes();
            assertDone(await stack.up());
            assert.deepEqual(await processes(), before);
            assertDone(await stack.previewInSync());
            assert.equal(
                await machine.check("cat /etc/kubernetes/audit/policy.yaml"),
                await nodes[0].check("cat /etc/kubernetes/audit/policy.yaml"),
            );
        });

        it("starts with auditing on, and is taken over without a restart", async () => {
            await cluster.join(machine);
            const [process, flags] = [await apiServer(machine), await auditFlags(machine)];
            assert.deepEqual([...flags].sort(), [...(await auditFlags(nodes[0]))].sort());
            assert.equal((await stack.previewInSync()).ok, false);
            assertDone(await stack.up());
            assert.equal(await apiServer(machine), process);
            assertDone(await stack.previewInSync());
            const [report] = await stack.reports();
            assert.deepEqual([report!.restarted, report!.proof, report!.warnings], [false, "event", []]);
        });

        it("has its audit settings removed when it leaves the list, as if kubeadm had made it without", async () => {
            stack.args = { ...stack.args, hosts: nodes.map(hostOf) };
            const before = await processes();
            assertDone(await stack.up());
            assert.deepEqual(await auditFlags(machine), []);
            const [second] = originals.slice(1);
            assert.equal(await machine.check(`cat ${MANIFEST}`), second!.replaceAll(nodes[1].address, machine.address));
            assert.deepEqual(await processes(), before);
            assertDone(await stack.previewInSync());
            assert.match(await clusterConfiguration(nodes[0]), /audit-policy-file/);
        });
    });

    describe("in the end", () => {
        it("is as it was when the settings are removed, kubeadm's configuration included", async () => {
            await underLoad("the removal", 3, async () => {
                assertDone(await stack.destroy());
            });
            assert.deepEqual(await manifests(), originals);
            assert.equal(await clusterConfiguration(nodes[0]), originalConfig);
            const left = await Promise.all(
                nodes.map((node) =>
                    node.check(
                        "find /etc/kubernetes/audit /var/lib/kube-apiserver-audit /run/kube-apiserver-audit /etc/systemd/system -name '*audit*' 2>/dev/null | sort",
                    ),
                ),
            );
            assert.deepEqual(
                left,
                nodes.map(() => "/run/kube-apiserver-audit\n"),
            );
        });
    });
});
