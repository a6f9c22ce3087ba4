import { existsSync, readdirSync } from "node:fs";
import { chmod, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheDirectory, cachePath } from "./cache";
import { type Credentials } from "./credentials";
import { type ClusterSettings } from "./highAvailability";
import { type Network } from "./network";
import { type HostAddress } from "./node";

/** What starts the API servers of a sandbox. */
export type Flavour = "kubeadm" | "systemd";

/** What has to be remembered of a sandbox. */
export interface SandboxState {
    readonly name: string;
    readonly network: Network;
    readonly credentials: Credentials;
    readonly defaultGrace: boolean;
    readonly flavour: Flavour;
    /** Where the nodes are one cluster: what a machine needs to join it. */
    readonly cluster?: ClusterSettings;
    readonly nodes: readonly HostAddress[];
    readonly lightHosts: readonly HostAddress[];
}

/** Where a sandbox keeps its keys, for `ssh -i`. */
export function privateKeyPath(name: string): string {
    return join(directory(name), "id_ed25519");
}

/** The hosts' own keys, for `ssh -o UserKnownHostsFile=…`. */
export function knownHostsPath(name: string): string {
    return join(directory(name), "known_hosts");
}

export async function readState(name: string): Promise<SandboxState | undefined> {
    const path = join(directory(name), "sandbox.json");
    return existsSync(path) ? (JSON.parse(await readFile(path, "utf8")) as SandboxState) : undefined;
}

export async function writeState(state: SandboxState): Promise<void> {
    const home = cacheDirectory("state", state.name);
    await chmod(home, 0o700);
    await writeSecret(join(home, "id_ed25519"), state.credentials.privateKey);
    await writeSecret(join(home, "id_ed25519_encrypted"), state.credentials.encryptedPrivateKey);
    const hosts = [...state.nodes, ...state.lightHosts].map(({ address, hostKey }) => `${address} ${hostKey}\n`);
    await writeSecret(knownHostsPath(state.name), hosts.join(""));
    await writeSecret(join(home, "sandbox.json"), `${JSON.stringify(state, undefined, 4)}\n`);
}

export async function forgetState(name: string): Promise<void> {
    await rm(directory(name), { recursive: true, force: true });
}

/** Every sandbox that is remembered. */
export function sandboxNames(): string[] {
    return readdirSync(cacheDirectory("state")).filter((name) => existsSync(join(directory(name), "sandbox.json")));
}

function directory(name: string): string {
    return cachePath("state", name);
}

async function writeSecret(path: string, text: string): Promise<void> {
    await writeFile(`${path}.new`, text, { mode: 0o600 });
    await rename(`${path}.new`, path);
}
