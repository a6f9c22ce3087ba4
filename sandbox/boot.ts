import { setTimeout as sleep } from "node:timers/promises";
import { IMAGES_MOUNT, startMachine, type ContainerSpec } from "./container";
import { AUTHORIZE, type Credentials } from "./credentials";
import { FAST_RESTART_PATCHES, kubeadmConfig, WEBAPP } from "./kubeadm";
import { SandboxHost, SandboxNode } from "./node";
import { step, type Progress } from "./progress";
import { type PodImage } from "./podImages";

/** What makes a container a control plane. */
export interface NodeSettings {
    readonly sandbox: string;
    readonly container: ContainerSpec;
    readonly credentials: Credentials;
    readonly images: readonly PodImage[];
    /** Leaves the API server the 30 s to end that kubeadm gives it. */
    readonly defaultGrace: boolean;
}

/** Starts a machine and makes a control plane on it, with kubeadm. */
export async function bootNode(settings: NodeSettings, progress: Progress): Promise<SandboxNode> {
    const { container, sandbox } = settings;
    const name = container.hostname;
    await step(progress, `${name}: booting`, () => startMachine(sandbox, container));
    const node = new SandboxNode({ ...container, name, hostKey: await admit(container, settings.credentials) });
    await step(progress, `${name}: importing ${settings.images.length} images`, () => load(node, settings.images));
    await step(progress, `${name}: kubeadm init`, () => init(node, settings.defaultGrace));
    return node;
}

/**
 * Lets the credentials in, once sshd is up.
 *
 * @returns the host's key
 */
export async function admit(container: ContainerSpec, credentials: Credentials): Promise<string> {
    const host = new SandboxHost({ ...container, name: container.hostname, hostKey: "" });
    const deadline = Date.now() + 120_000;
    while ((await host.exec("pgrep -x sshd")).code !== 0) {
        if (Date.now() > deadline) {
            throw new Error(`${host.name}: no sshd after 120 s; see: docker logs ${container.containerName}`);
        }
        await sleep(100);
    }
    await host.check(`set -eu; ${AUTHORIZE}`, { stdin: `${credentials.publicKey}\n${credentials.password}\n` });
    return (await host.check("cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub")).trim();
}

/** Puts images where the kubelet finds them, under the names it asks for. */
export async function load(node: SandboxHost, images: readonly PodImage[]): Promise<void> {
    await node.check("while ! [ -S /run/containerd/containerd.sock ]; do sleep 0.1; done", { timeoutSeconds: 60 });
    for (const { archive } of images) {
        await node.check(`ctr -n k8s.io images import '${IMAGES_MOUNT}/${archive}'`);
    }
}

async function init(node: SandboxNode, defaultGrace: boolean): Promise<void> {
    const config = kubeadmConfig({
        nodeName: node.name,
        address: node.address,
        ...(defaultGrace ? {} : { patches: FAST_RESTART_PATCHES }),
    });
    await node.check("umask 077; cat >/etc/kubeadm/config.yaml", { stdin: config });
    await node.check("kubeadm init --config /etc/kubeadm/config.yaml");
    await node.waitHealthy();
}

/** Makes prod-namespace and webapp-pod in it, and waits until it runs. */
export async function startWebapp(node: SandboxNode): Promise<void> {
    // The controller manager makes the namespace's service account, which every pod needs.
    for (let tries = 0; ; tries++) {
        const applied = await node.kubectl(["apply", "-f", "-"], { stdin: WEBAPP });
        if (applied.code === 0) {
            break;
        }
        if (tries > 100 || !applied.stderr.includes("serviceaccount")) {
            throw new Error(`${node.name}: ${applied.stderr}`);
        }
        await sleep(200);
    }
    await node.waitForPod("prod-namespace", "webapp-pod");
}
