import { docker } from "./docker";
import { podImagesDirectory } from "./podImages";
import { run, type ProcessResult } from "./process";

/** A container to be started. */
export interface ContainerSpec {
    readonly containerName: string;
    readonly hostname: string;
    readonly image: string;
    readonly network: string;
    readonly address: string;
}

export interface ExecOptions {
    /** @default nothing */
    readonly stdin?: string;
    /** @default root */
    readonly user?: string;
    /** @default 600 */
    readonly timeoutSeconds?: number;
}

/** The label by which everything that belongs to a sandbox is found. */
export const LABEL = "kube-apiserver-audit.sandbox";

/** Where {@link podImagesDirectory} is inside a machine. */
export const IMAGES_MOUNT = "/opt/pod-images";

/** Enough for systemd, containerd and the kubelet where Docker itself may not hand out every capability. */
const UNPRIVILEGED = [
    ...["--cap-add", "ALL", "--cap-drop", "SYS_RESOURCE"],
    ...["seccomp=unconfined", "apparmor=unconfined", "systempaths=unconfined"].flatMap((o) => ["--security-opt", o]),
    ...["--device", "/dev/kmsg"],
];

const flags = new Map<string, Promise<readonly string[]>>();

/** Starts a container that is a whole machine: systemd, sshd, containerd, kubelet. */
export async function startMachine(sandbox: string, spec: ContainerSpec): Promise<void> {
    await removeLeftover(spec);
    await docker([
        "run",
        "-d",
        ...identity(sandbox, spec),
        ...(await machineFlags(spec.image)),
        ...["--cgroupns", "private", "--tmpfs", "/run", "--tmpfs", "/tmp:exec"],
        ...["-v", "/lib/modules:/lib/modules:ro"],
        // containerd's overlays cannot lie on Docker's.
        ...["-v", "/var/lib/containerd", "-v", "/var/lib/kubelet", "-v", "/var/lib/etcd"],
        ...["--mount", `type=bind,src=${podImagesDirectory()},dst=${IMAGES_MOUNT},readonly`],
        spec.image,
    ]);
}

/** Starts a container that has sshd and sudo, and nothing else that runs. */
export async function startLight(sandbox: string, spec: ContainerSpec): Promise<void> {
    const key = "/etc/ssh/ssh_host_ed25519_key";
    const boot = `[ -s ${key} ] || ssh-keygen -q -t ed25519 -N '' -f ${key}; mkdir -p /run/sshd; exec /usr/sbin/sshd -D`;
    await removeLeftover(spec);
    await docker(["run", "-d", "--init", ...identity(sandbox, spec), "--entrypoint", "sh", spec.image, "-euc", boot]);
}

/** Runs a shell command in a container. */
export function exec(containerName: string, command: string, options: ExecOptions = {}): Promise<ProcessResult> {
    const user = options.user === undefined ? [] : ["--user", options.user];
    return run("docker", ["exec", "-i", ...user, containerName, "sh", "-c", command], {
        ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
        timeoutSeconds: options.timeoutSeconds ?? 600,
    });
}

/** An interrupted boot leaves a container that nobody remembers. */
async function removeLeftover({ containerName }: ContainerSpec): Promise<void> {
    await run("docker", ["rm", "--force", "--volumes", containerName]);
}

function identity(sandbox: string, spec: ContainerSpec): string[] {
    return [
        ...["--name", spec.containerName, "--hostname", spec.hostname, "--label", `${LABEL}=${sandbox}`],
        ...["--network", spec.network, "--ip", spec.address],
    ];
}

/** `--privileged` where a container starts with it, else the capabilities that suffice. */
function machineFlags(image: string): Promise<readonly string[]> {
    let found = flags.get(image);
    if (found === undefined) {
        const trial = ["run", "--rm", "--privileged", "--network", "none", "--entrypoint", "true", image];
        found = run("docker", trial).then(({ code }) => (code === 0 ? ["--privileged"] : UNPRIVILEGED));
        flags.set(image, found);
    }
    return found;
}
