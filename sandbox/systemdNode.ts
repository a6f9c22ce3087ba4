import { parse } from "yaml";
import { etcdPath, kubernetesPath } from "./binaries";
import { admit, type NodeSettings } from "./boot";
import { startMachine } from "./container";
import { docker } from "./docker";
import { kubeadmConfig } from "./kubeadm";
import { SandboxNode } from "./node";
import { step, type Progress } from "./progress";

/**
 * Starts a machine whose API server and etcd are systemd units, as on hosts set up by hand. The certificates and the
 * API server's flags are kubeadm's; there is no kubelet and no controller manager, so no pod runs.
 */
export async function bootSystemdNode(settings: NodeSettings, progress: Progress): Promise<SandboxNode> {
    const { container, sandbox } = settings;
    const name = container.hostname;
    await step(progress, `${name}: booting`, () => startMachine(sandbox, container));
    const node = new SandboxNode({ ...container, name, hostKey: await admit(container, settings.credentials) });
    await step(progress, `${name}: starting etcd and kube-apiserver as units`, async () => {
        for (const program of [etcdPath("etcd"), kubernetesPath("kube-apiserver")]) {
            await docker(["cp", program, `${container.containerName}:/usr/local/bin/`]);
        }
        const config = kubeadmConfig({ nodeName: name, address: node.address });
        await node.check("umask 077; cat >/etc/kubeadm/config.yaml", { stdin: config });
        const manifest = await node.check(KUBEADM);
        await write(node, "/etc/systemd/system/etcd.service", etcdUnit(node));
        await write(node, ENVIRONMENT_FILE, environmentFile(flagsOf(manifest)));
        await write(node, UNIT, apiServerUnit(flagsOf(manifest)));
        await node.check("systemctl daemon-reload && systemctl enable --now etcd kube-apiserver");
        await node.waitHealthy();
    });
    return node;
}

/** Makes the certificates and an administrator's kubeconfig, and prints the API server's manifest. */
const KUBEADM = `set -eu
phase="kubeadm init phase"
config="--config /etc/kubeadm/config.yaml"
$phase certs all $config >&2
$phase kubeconfig super-admin $config >&2
mv /etc/kubernetes/super-admin.conf /etc/kubernetes/admin.conf
$phase control-plane apiserver $config >&2
cat /etc/kubernetes/manifests/kube-apiserver.yaml
rm /etc/kubernetes/manifests/kube-apiserver.yaml
systemctl disable --now kubelet containerd
`;

/**
 * How a unit is written: some flags in the environment file, as the sandbox makes it; all of them in `ExecStart=`; all of
 * them in one variable of the environment file; or a script that starts the API server.
 */
export type Shape = "mixed" | "continued" | "variable" | "wrapper";

/** Writes the unit of a host in another shape, and starts it anew. */
export async function giveShape(node: SandboxNode, shape: Shape): Promise<void> {
    const words = await node.check("tr '\\0' '\\n' </proc/$(pgrep -x kube-apiserver)/cmdline");
    const flags = words.split("\n").filter((word) => word.startsWith("--") && !/^--(audit-|v=)/.test(word));
    await write(node, ENVIRONMENT_FILE, environmentFile(flags, shape));
    await write(node, UNIT, apiServerUnit(flags, shape));
    const script = `#!/bin/sh\n# Prepares things first.\nexec /usr/local/bin/kube-apiserver ${flags.join(" ")} "$@"\n`;
    await write(node, WRAPPER, script);
    await node.check(`chmod 755 ${WRAPPER}; systemctl daemon-reload && systemctl restart kube-apiserver`);
    await node.waitHealthy();
}

const UNIT = "/etc/systemd/system/kube-apiserver.service";
const ENVIRONMENT_FILE = "/etc/kubernetes/apiserver.env";
const WRAPPER = "/usr/local/bin/start-apiserver.sh";

/** Flags that people keep in the unit's environment file. */
const IN_ENVIRONMENT = /^--(etcd-|service-cluster-ip-range|service-account-)/;

/** The flags of the API server in a manifest. */
export function flagsOf(manifest: string): string[] {
    const pod = parse(manifest) as { spec: { containers: { command: string[] }[] } };
    return pod.spec.containers[0]?.command.slice(1) ?? [];
}

/** The environment file of {@link apiServerUnit}. */
export function environmentFile(flags: readonly string[], shape: Shape = "mixed"): string {
    const kept = flags.filter((flag) => isInEnvironment(flag, shape));
    return `# Settings of kube-apiserver\nKUBE_APISERVER_ARGS="${kept.join(" ")}"\n`;
}

/** A unit as people write it: with an environment file, a variable, and lines that continue. */
export function apiServerUnit(flags: readonly string[], shape: Shape = "mixed"): string {
    const written = shape === "wrapper" ? [] : flags.filter((flag) => !isInEnvironment(flag, shape));
    const program = shape === "wrapper" ? WRAPPER : "/usr/local/bin/kube-apiserver";
    const words = [program, ...written, ...(["mixed", "variable"].includes(shape) ? ["$KUBE_APISERVER_ARGS"] : [])];
    return `[Unit]
Description=Kubernetes API Server
Documentation=https://kubernetes.io/docs/
After=network-online.target etcd.service
Wants=network-online.target

[Service]
Type=notify
EnvironmentFile=-/etc/kubernetes/apiserver.env
ExecStart=${words.join(" \\\n  ")}
Restart=on-failure
RestartSec=5
LimitNOFILE=65536

[Install]
WantedBy=multi-user.target
`;
}

function isInEnvironment(flag: string, shape: Shape): boolean {
    return shape === "variable" || (shape === "mixed" && IN_ENVIRONMENT.test(flag));
}

function etcdUnit(node: SandboxNode): string {
    const pki = "/etc/kubernetes/pki/etcd";
    const flags = [
        `--name=${node.name}`,
        "--data-dir=/var/lib/etcd",
        "--listen-client-urls=https://127.0.0.1:2379",
        "--advertise-client-urls=https://127.0.0.1:2379",
        "--client-cert-auth=true",
        `--cert-file=${pki}/server.crt`,
        `--key-file=${pki}/server.key`,
        `--trusted-ca-file=${pki}/ca.crt`,
    ];
    return `[Unit]
Description=etcd
After=network-online.target

[Service]
Type=notify
ExecStart=/usr/local/bin/etcd ${flags.join(" ")}
Restart=on-failure

[Install]
WantedBy=multi-user.target
`;
}

async function write(node: SandboxNode, path: string, text: string): Promise<void> {
    await node.check(`cat >'${path}'`, { stdin: text });
}
