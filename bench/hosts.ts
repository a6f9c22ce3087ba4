import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { chmod, copyFile, cp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contentKey } from "../sandbox/cache";
import { makeCredentials, type Credentials } from "../sandbox/credentials";
import { docker, dockerSucceeds, ensureDocker } from "../sandbox/docker";
import { ensureHostImage } from "../sandbox/hostImage";
import { downSandbox, type SandboxHost } from "../sandbox";
import { ensureKubernetes } from "../sandbox/binaries";
import { raiseKernelLimits } from "../sandbox/kernelLimits";
import { startLightHosts } from "../sandbox/lightHost";
import { addressOf, makeNetwork } from "../sandbox/network";
import { ensureLocal } from "../sandbox/podImages";
import { step, type Progress } from "../sandbox/progress";

const SANDBOX = "bench-light";
const IMAGE = join(__dirname, "image");

/** Machines with everything that a preview reads, and an API server that only looks like one. */
export interface BenchHosts {
    readonly hosts: readonly SandboxHost[];
    readonly credentials: Credentials;
    down(): Promise<void>;
}

/** Starts hosts whose manifests nobody has patched yet. */
export async function startBenchHosts(count: number, progress: Progress): Promise<BenchHosts> {
    await ensureDocker(progress);
    await raiseKernelLimits(progress);
    await ensureKubernetes(progress);
    const image = await ensureBenchImage(progress);
    await downSandbox(SANDBOX); // What an interrupted run may have left.
    const network = await makeNetwork(`kube-apiserver-audit-${SANDBOX}`);
    const credentials = await makeCredentials(image);
    const containers = Array.from({ length: count }, (_, index) => ({
        containerName: `kube-apiserver-audit-${SANDBOX}-light-${index + 1}`,
        hostname: `light-${index + 1}`,
        image,
        network: network.name,
        address: addressOf(network, index + 1),
    }));
    const hosts = await startLightHosts(SANDBOX, containers, credentials, progress);
    await step(progress, "Giving them a control plane's other manifests", () => inTens(hosts, prepare));
    return { hosts, credentials, down: () => downSandbox(SANDBOX) };
}

/** While it works, the stub kubelets restart the API servers as their manifests change. */
export async function withKubelets(hosts: readonly SandboxHost[], work: () => Promise<void>): Promise<void> {
    await inTens(hosts, ({ containerName }) => docker(["exec", "-d", containerName, "stub-kubelet"]));
    await work();
    await inTens(hosts, (host) => host.check("pkill -x stub-kubelet"));
}

function prepare(host: SandboxHost): Promise<string> {
    return host.check(`
        config=/etc/kubeadm/config.yaml
        kubeadm init phase control-plane controller-manager --config $config
        kubeadm init phase control-plane scheduler --config $config
        kubeadm init phase etcd local --config $config
        : >/etc/kubernetes/admin.conf`);
}

async function inTens(hosts: readonly SandboxHost[], work: (host: SandboxHost) => Promise<unknown>): Promise<void> {
    for (let i = 0; i < hosts.length; i += 10) {
        await Promise.all(hosts.slice(i, i + 10).map(work));
    }
}

async function ensureBenchImage(progress: Progress): Promise<string> {
    const base = await ensureHostImage(progress);
    const sources = readdirSync(IMAGE).map((name) => readFileSync(join(IMAGE, name)));
    const image = `kube-apiserver-audit-bench:${contentKey([base, ...sources])}`;
    if (!(await dockerSucceeds(["image", "inspect", image]))) {
        await step(progress, "Making the benchmark's host image", () => build(base, image));
    }
    return image;
}

async function build(base: string, image: string): Promise<void> {
    const context = mkdtempSync(join(tmpdir(), "kube-apiserver-audit-bench-image-"));
    try {
        await cp(IMAGE, context, { recursive: true });
        await copyFile(await ensureLocal("pause"), join(context, "kube-apiserver"));
        await chmod(join(context, "kube-apiserver"), 0o755);
        await docker(["build", "--build-arg", `HOST=${base}`, "-t", image, context]);
    } finally {
        await rm(context, { recursive: true });
    }
}
