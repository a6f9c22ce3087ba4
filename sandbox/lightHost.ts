import { admit } from "./boot";
import { startLight, type ContainerSpec } from "./container";
import { type Credentials } from "./credentials";
import { docker } from "./docker";
import { kubeadmConfig } from "./kubeadm";
import { SandboxHost } from "./node";
import { ensureLocal } from "./podImages";
import { step, type Progress } from "./progress";

/** Hosts started at the same time. */
const START_AT_ONCE = 5;

/** Starts hosts that can be logged in to and have the files of a control plane, and runs nothing on them. */
export async function startLightHosts(
    sandbox: string,
    containers: readonly ContainerSpec[],
    credentials: Credentials,
    progress: Progress,
): Promise<SandboxHost[]> {
    return step(progress, `Starting ${containers.length} light hosts`, async () => {
        const hosts: SandboxHost[] = [];
        for (let i = 0; i < containers.length; i += START_AT_ONCE) {
            const batch = containers.slice(i, i + START_AT_ONCE);
            hosts.push(...(await Promise.all(batch.map((container) => startOne(sandbox, container, credentials)))));
        }
        return hosts;
    });
}

async function startOne(sandbox: string, container: ContainerSpec, credentials: Credentials): Promise<SandboxHost> {
    await startLight(sandbox, container);
    const hostKey = await admit(container, credentials);
    const host = new SandboxHost({ ...container, name: container.hostname, hostKey });
    const config = kubeadmConfig({ nodeName: host.name, address: host.address });
    await host.check(FILES, { stdin: config });
    return host;
}

const FILES = `set -eu
cat >/etc/kubeadm/config.yaml
kubeadm init phase control-plane apiserver --config /etc/kubeadm/config.yaml
tr -d - </proc/sys/kernel/random/uuid >/etc/machine-id
`;

/**
 * Starts a process on a light host that has an API server's name and flags and does nothing, in place of the one that
 * was started before.
 *
 * @param flags - what its command line says after `kube-apiserver`
 */
export async function runIdleApiServer(host: SandboxHost, flags: readonly string[]): Promise<void> {
    const program = "/usr/local/bin/kube-apiserver";
    await host.exec("pkill -x kube-apiserver");
    await docker(["cp", await ensureLocal("pause"), `${host.containerName}:${program}`]);
    await docker(["exec", "-d", host.containerName, "sh", "-c", 'cd / && exec "$0" "$@"', "kube-apiserver", ...flags]);
}
