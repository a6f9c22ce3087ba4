import assert from "node:assert/strict";
import { MANIFEST } from "../../host/paths";
import { createEngine, upCluster, type Cluster, type Engine, type SandboxNode } from "../../sandbox";
import { ensureKubernetesProgram, kubernetesPath } from "../../sandbox/binaries";
import { load } from "../../sandbox/boot";
import { docker } from "../../sandbox/docker";
import { FAST_RESTART_PATCHES } from "../../sandbox/kubeadm";
import { ensureControlPlaneImages } from "../../sandbox/podImages";
import { KUBERNETES } from "../../sandbox/versions";
import { onProgress as say } from "../e2e/cluster";
import { apiServer, auditFlags, clusterConfiguration } from "../e2e/controlPlane";
import { everything } from "../e2e/deliver";
import { hostOf } from "../e2e/stack";
import { assertDone, AuditStack } from "./auditStack";

/** The last release of the minor before the sandbox's own whose modules are published whole. */
const BEFORE = "v1.33.13";

const MARK = " # managed-by: kube-apiserver-audit";

describe(`kubeadm upgrade from ${BEFORE} to ${KUBERNETES}`, () => {
    let engine: Engine;
    let cluster: Cluster;
    let nodes: readonly [SandboxNode, SandboxNode];
    let stack: AuditStack;

    before(async function () {
        this.timeout(3_600_000); // The first time, the older programs are built.
        const images = await ensureControlPlaneImages(BEFORE, say);
        const kubeadm = await ensureKubernetesProgram("kubeadm", BEFORE, say);
        // The kubelet has no part in what is tried here, and is the new one from the beginning.
        const prepare = async (node: SandboxNode): Promise<void> => {
            await load(node, images);
            await docker(["cp", kubeadm, `${node.containerName}:/usr/bin/`]);
        };
        const name = process.env.CLUSTER_SANDBOX ?? "upgrade";
        cluster = await upCluster({ name, nodes: 2, version: BEFORE, prepare, onProgress: say });
        engine = await createEngine({ project: "clusters", onProgress: say });
        nodes = [cluster.nodes[0]!, cluster.nodes[1]!];
        const { credentials } = cluster;
        stack = await AuditStack.create(engine, {
            hosts: nodes.map(hostOf),
            connection: { user: nodes[0].users.admin, privateKey: credentials.privateKey },
            policy: everything("Metadata"),
        });
    });

    after(async () => {
        engine.close();
        if (process.env.KEEP_SANDBOX === undefined) {
            await cluster.down();
        }
    });

    const manifest = (node: SandboxNode) => node.check(`cat ${MANIFEST}`);

    const kubeadmConfig = () => clusterConfiguration(nodes[0]);

    /** The manifest that the real kubeadm writes for a node, from a configuration, on a machine that runs nothing. */
    async function writtenByKubeadm(node: SandboxNode, clusterConfiguration: string): Promise<string> {
        const config = `apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint:
    advertiseAddress: ${node.address}
nodeRegistration:
    name: ${node.name}
    criSocket: unix:///run/containerd/containerd.sock
patches:
    directory: ${FAST_RESTART_PATCHES}
---
${clusterConfiguration}`;
        const { bastion } = cluster;
        await bastion.check("umask 077; cat >/etc/kubeadm/config.yaml", { stdin: config });
        await bastion.check("kubeadm init phase control-plane apiserver --config /etc/kubeadm/config.yaml");
        return bastion.check(`cat ${MANIFEST}`);
    }

    async function upgrade(node: SandboxNode, command: string): Promise<void> {
        await docker(["cp", kubernetesPath("kubeadm"), `${node.containerName}:/usr/bin/`]);
        await node.check(
            `kubeadm upgrade ${command} --ignore-preflight-errors all --certificate-renewal=false --patches ${FAST_RESTART_PATCHES}`,
        );
        await node.waitHealthy();
    }

    it("keeps auditing on, with the same settings", async () => {
        assertDone(await stack.up());
        const flags = await auditFlags(nodes[0]);
        assert.equal(flags.length, 5);
        await upgrade(nodes[0], `apply ${KUBERNETES} --yes --etcd-upgrade=false`);
        await upgrade(nodes[1], "node --etcd-upgrade=false");
        for (const node of nodes) {
            const text = await manifest(node);
            assert.ok(text.includes(`image: registry.k8s.io/kube-apiserver:${KUBERNETES}`), text);
            assert.ok(!text.includes(MARK), "kubeadm has not written the manifest");
            assert.deepEqual([...(await auditFlags(node))].sort(), [...flags].sort());
        }
        assert.ok(!(await kubeadmConfig()).includes(MARK), "kubeadm has not written its configuration");
    });

    it("leaves nothing to do, as the preview says", async () => {
        assertDone(await stack.previewInSync());
    });

    it("lets the policy be changed afterwards", async () => {
        stack.args = { ...stack.args, policy: everything("Request") };
        assertDone(await stack.up());
        for (const node of nodes) {
            assert.match(await node.check("cat /etc/kubernetes/audit/policy.yaml"), /level: Request/);
        }
        assertDone(await stack.previewInSync());
        const policies = (await kubeadmConfig()).match(/\/etc\/kubernetes\/audit\/policy-\w+\.yaml/g);
        const flag = (await auditFlags(nodes[0])).find((each) => each.startsWith("--audit-policy-file="));
        assert.deepEqual(policies, [flag!.split("=")[1]]);
    });

    it("takes the settings away where kubeadm is not told of them: a drift, which the next update repairs", async () => {
        stack.args = { ...stack.args, persistInKubeadmConfig: false };
        assertDone(await stack.up());
        assert.ok(!(await kubeadmConfig()).includes("audit"));
        assertDone(await stack.previewInSync());
        const [first] = await Promise.all(nodes.map(apiServer));
        await upgrade(nodes[1], "node --etcd-upgrade=false");
        assert.deepEqual(await auditFlags(nodes[1]), []);
        const preview = await stack.preview();
        assertDone(preview);
        assert.match(preview.output, /cp-2: .*the file was regenerated without the audit settings/);
        assertDone(await stack.up());
        assert.equal((await auditFlags(nodes[1])).length, 5);
        assert.equal(await apiServer(nodes[0]), first);
        stack.args = { ...stack.args, persistInKubeadmConfig: true };
        assertDone(await stack.up());
        assertDone(await stack.previewInSync());
    });

    it("has a removal give what kubeadm writes without us, also right after an upgrade", async () => {
        await upgrade(nodes[1], "node --etcd-upgrade=false");
        assert.ok(!(await manifest(nodes[1])).includes(MARK));
        assert.equal((await auditFlags(nodes[1])).length, 5);
        assertDone(await stack.destroy());
        const config = await kubeadmConfig();
        assert.ok(!config.includes("audit"), config);
        for (const node of nodes) {
            assert.equal(await manifest(node), await writtenByKubeadm(node, config));
            assert.deepEqual(await auditFlags(node), []);
        }
    });
});
