/**
 * Writes what the real kubeadm of each minor version generates for kube-apiserver into test/host/fixtures/kubeadm, to be
 * committed: `tsx sandbox/kubeadm-manifests.ts [VERSION…]`.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureKubernetes, ensureKubernetesProgram } from "./binaries";
import { docker, ensureDocker } from "./docker";
import { ensureHostImage } from "./hostImage";
import { step } from "./progress";

/** A release of each minor whose modules, staging included, the Go proxy has: of 1.30 to 1.32 it lacks the last ones. */
const VERSIONS = ["v1.30.0", "v1.31.0", "v1.32.0", "v1.33.13", "v1.34.4", "v1.35.4", "v1.36.3"];

const TARGET = join(__dirname, "..", "test", "host", "fixtures", "kubeadm");

function say(line: string): void {
    process.stderr.write(`${line}\n`);
}

/** The least that makes kubeadm's output the same everywhere. */
function config(version: string): string {
    const minor = Number(version.split(".")[1]);
    const api = `kubeadm.k8s.io/${minor < 31 ? "v1beta3" : "v1beta4"}`;
    return `apiVersion: ${api}
kind: InitConfiguration
localAPIEndpoint:
    advertiseAddress: 192.0.2.10
nodeRegistration:
    name: cp-1
    criSocket: unix:///run/containerd/containerd.sock
---
apiVersion: ${api}
kind: ClusterConfiguration
kubernetesVersion: ${version}
`;
}

/** Runs one kubeadm in a container without a network and returns the manifest that it wrote. */
async function generate(kubeadm: string, version: string, image: string): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), "kubeadm-"));
    try {
        await writeFile(join(directory, "config.yaml"), config(version));
        const mounts = [`${kubeadm}:/kubeadm:ro`, `${directory}:/config:ro`].flatMap((mount) => ["-v", mount]);
        const script =
            "/kubeadm init phase control-plane apiserver --config /config/config.yaml >&2 && " +
            "cat /etc/kubernetes/manifests/kube-apiserver.yaml";
        const isolated = ["--rm", "--network", "none", ...mounts, "--entrypoint", "sh"];
        return `${await docker(["run", ...isolated, image, "-c", script])}\n`;
    } finally {
        await rm(directory, { recursive: true });
    }
}

async function main(versions: readonly string[]): Promise<void> {
    await ensureDocker(say);
    await ensureKubernetes(say);
    const image = await ensureHostImage(say);
    await mkdir(TARGET, { recursive: true });
    for (const version of versions) {
        try {
            const kubeadm = await ensureKubernetesProgram("kubeadm", version, say);
            const manifest = await step(say, `kubeadm ${version}`, () => generate(kubeadm, version, image));
            const minor = version.split(".").slice(0, 2).join(".");
            await writeFile(join(TARGET, `kube-apiserver-${minor}.yaml`), manifest);
        } catch (error) {
            say(`${version}: ${error instanceof Error ? error.message : String(error)}`);
            process.exitCode = 1;
        }
    }
}

void main(process.argv.length > 2 ? process.argv.slice(2) : VERSIONS);
