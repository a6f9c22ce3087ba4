import { ensureKubernetes } from "./binaries";
import { bootNode } from "./boot";
import { withLock } from "./cache";
import { LABEL } from "./container";
import { makeCredentials, type Credentials } from "./credentials";
import { docker, dockerSucceeds, ensureDocker } from "./docker";
import { ensureHostImage } from "./hostImage";
import { startLightHosts } from "./lightHost";
import { raiseKernelLimits } from "./kernelLimits";
import { addressOf, makeNetwork } from "./network";
import { SandboxHost, SandboxNode } from "./node";
import { ensurePodImages, type PodImage } from "./podImages";
import { silent, step, type Progress } from "./progress";
import {
    forgetState,
    privateKeyPath,
    readState,
    sandboxNames,
    writeState,
    type Flavour,
    type SandboxState,
} from "./state";
import { bootSystemdNode } from "./systemdNode";

/** What a sandbox should be. */
export interface SandboxOptions {
    /** Lower-case letters, digits and hyphens; several sandboxes exist side by side. @default "default" */
    readonly name?: string;
    /** Independent control planes, named cp-1, cp-2 …. @default 1 */
    readonly nodes?: number;
    /** Hosts named light-1, light-2 … that have sshd, sudo and an API server's manifest, but run nothing. @default 0 */
    readonly lightHosts?: number;
    /**
     * Keeps the 30 s that kubeadm gives an API server to end; a restart then takes about 40 s instead of 10.
     * @default false
     */
    readonly defaultGrace?: boolean;
    /**
     * What starts the API servers: the kubelet, from kubeadm's manifests, or systemd, from units.
     * @default "kubeadm"
     */
    readonly flavour?: Flavour;
    /** Removes a sandbox of that name first, in whatever state it is. @default false */
    readonly anew?: boolean;
    readonly onProgress?: Progress;
}

/** Disposable machines with real control planes on them. */
export interface Sandbox {
    readonly name: string;
    readonly nodes: readonly SandboxNode[];
    readonly lightHosts: readonly SandboxHost[];
    readonly credentials: Credentials;
    /** The private key's file, for `ssh -i`. */
    readonly privateKeyPath: string;
    /** Removes everything that belongs to it. */
    down(): Promise<void>;
}

/** What the hosts are started from. */
export interface Materials {
    /** The hosts' image, in Docker. */
    readonly image: string;
    readonly images: readonly PodImage[];
}

/** Host numbers of one network: control planes from 1, light hosts from here on. */
const FIRST_LIGHT_HOST = 101;

/** Nodes booted at the same time; more only get into each other's way. */
const BOOT_AT_ONCE = 3;

/** Makes a sandbox. One of that name that exists already is taken as it is, and what it lacks is added. */
export function upSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
    const { name = "default", nodes = 1, lightHosts = 0, onProgress: progress = silent } = options;
    if (!/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/.test(name)) {
        throw new Error(`"${name}" cannot name a sandbox: lower-case letters, digits and hyphens, at most 32.`);
    }
    return withLock(`sandbox-${name}`, async () => {
        const { image, images } = await ensureMaterials(progress);
        if (options.anew === true) {
            await downSandbox(name);
        }
        let state = (await standing(name)) ?? (await found(name, image, options));
        await start(state, progress);

        const missing = numbers(1, nodes).slice(state.nodes.length);
        for (let i = 0; i < missing.length; i += BOOT_AT_ONCE) {
            const { credentials, defaultGrace, flavour } = state;
            const boot = flavour === "systemd" ? bootSystemdNode : bootNode;
            const booted = await Promise.all(
                missing.slice(i, i + BOOT_AT_ONCE).map((n) => {
                    const container = place(state, image, `cp-${n}`, n);
                    return boot({ sandbox: name, container, credentials, images, defaultGrace }, progress);
                }),
            );
            state = { ...state, nodes: [...state.nodes, ...booted] };
            await writeState(state);
        }

        const light = numbers(1, lightHosts).slice(state.lightHosts.length);
        if (light.length > 0) {
            const started = await startLightHosts(
                name,
                light.map((n) => place(state, image, `light-${n}`, FIRST_LIGHT_HOST + n - 1)),
                state.credentials,
                progress,
            );
            state = { ...state, lightHosts: [...state.lightHosts, ...started] };
            await writeState(state);
        }
        return opened(state);
    });
}

/**
 * Makes available what every sandbox is made of: Docker, and the images of hosts and pods. On a machine that has nothing yet
 * it takes ten minutes and more; otherwise nothing.
 */
export async function ensureMaterials(progress: Progress): Promise<Materials> {
    await ensureDocker(progress);
    await raiseKernelLimits(progress);
    await ensureKubernetes(progress);
    return { image: await ensureHostImage(progress), images: await ensurePodImages(progress) };
}

/**
 * A sandbox that is up.
 *
 * @throws Error when there is none of that name
 */
export async function openSandbox(name = "default"): Promise<Sandbox> {
    const state = await readState(name);
    if (state === undefined) {
        const others = sandboxNames().join(", ") || "there is none";
        throw new Error(`There is no sandbox "${name}" (${others}). Make it: npm run sandbox -- up --name ${name}`);
    }
    return opened(state);
}

/** Removes a sandbox, whatever is left of it. */
export async function downSandbox(name: string): Promise<void> {
    const containers = await docker(["ps", "-aq", "--filter", `label=${LABEL}=${name}`]);
    if (containers !== "") {
        await docker(["rm", "--force", "--volumes", ...containers.split("\n")]);
    }
    if (await dockerSucceeds(["network", "inspect", networkName(name)])) {
        await docker(["network", "rm", networkName(name)]);
    }
    await forgetState(name);
}

/** The remembered state, if Docker still has what it talks about. */
export async function standing(name: string): Promise<SandboxState | undefined> {
    const state = await readState(name);
    if (state === undefined) {
        return undefined;
    }
    const names = [...state.nodes, ...state.lightHosts].map(({ containerName }) => containerName);
    const complete = await dockerSucceeds(["inspect", networkName(name), ...names]);
    return complete ? state : undefined;
}

async function found(name: string, image: string, options: SandboxOptions): Promise<SandboxState> {
    await downSandbox(name); // what an interrupted run may have left
    const state = {
        name,
        network: await makeNetwork(networkName(name)),
        credentials: await makeCredentials(image),
        defaultGrace: options.defaultGrace ?? false,
        flavour: options.flavour ?? ("kubeadm" as const),
        nodes: [],
        lightHosts: [],
    };
    await writeState(state);
    return state;
}

/** Starts again what a reboot of the machine underneath has stopped. */
async function start(state: SandboxState, progress: Progress): Promise<void> {
    const running = new Set((await docker(["ps", "--format", "{{.Names}}"])).split("\n"));
    const stopped = [...state.nodes, ...state.lightHosts].filter(({ containerName }) => !running.has(containerName));
    if (stopped.length > 0) {
        await step(progress, `Starting ${stopped.length} stopped hosts`, async () => {
            await docker(["start", ...stopped.map(({ containerName }) => containerName)]);
            await Promise.all(state.nodes.map((node) => new SandboxNode(node).waitHealthy()));
        });
    }
}

/** A container of a sandbox, with the address of the n-th host. */
export function place(state: SandboxState, image: string, hostname: string, n: number) {
    return {
        containerName: `${networkName(state.name)}-${hostname}`,
        hostname,
        image,
        network: state.network.name,
        address: addressOf(state.network, n),
    };
}

/** What a sandbox's network is called, and what the names of its containers begin with. */
export function networkName(name: string): string {
    return `kube-apiserver-audit-${name}`;
}

function numbers(first: number, last: number): number[] {
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}

function opened(state: SandboxState): Sandbox {
    return {
        name: state.name,
        nodes: state.nodes.map((node) => new SandboxNode(node)),
        lightHosts: state.lightHosts.map((host) => new SandboxHost(host)),
        credentials: state.credentials,
        privateKeyPath: privateKeyPath(state.name),
        down: () => downSandbox(state.name),
    };
}
