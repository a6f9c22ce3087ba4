/** A real sshd on the loopback, run by whoever runs the tests and logged in to as the same user. */

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Server as Ssh2Server, type AuthContext } from "ssh2";

export const PASSPHRASE = "correct horse";

export type KeyName = "ed25519" | "ecdsa" | "rsa";

export interface Sshd {
    port: number;
    user: string;
    /** Removed at the end. */
    directory: string;
    /** The public keys of the host, `type base64`. */
    hostKeys: Record<KeyName, string>;
    /** For servers of the tests' own that are to be taken for this one. */
    hostPrivateKey: string;
    /** Keys that may log in. */
    userKeys: Record<KeyName | "encrypted", string>;
    /** An Ed25519 key pair that sshd knows nothing of. */
    stranger: { privateKey: string; publicKey: string };
    /** Starts an agent that holds one key. Its socket. */
    startAgent: (privateKey: string) => Promise<string>;
    stop: () => void;
}

/** Starts sshd with one host key of each type. */
export async function startSshd(): Promise<Sshd> {
    const binary = ["/usr/sbin/sshd", "/usr/local/sbin/sshd"].find(existsSync);
    if (binary === undefined) {
        throw new Error("there is no sshd to test against");
    }
    if (userInfo().uid === 0) {
        mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
    }
    const directory = mkdtempSync(join(tmpdir(), "sshd-"));
    const generate = (name: string, type: KeyName, passphrase = "") => {
        const bits = type === "rsa" ? ["-b", "2048"] : [];
        const file = join(directory, name);
        execFileSync("ssh-keygen", ["-q", "-t", type, ...bits, "-N", passphrase, "-C", "", "-f", file]);
        return { privateKey: readFileSync(file, "utf8"), publicKey: readFileSync(`${file}.pub`, "utf8").trim() };
    };
    const types = ["ed25519", "ecdsa", "rsa"] as const;
    const [ed25519, ecdsa, rsa] = types.map((type) => generate(`host_${type}`, type)) as [Pair, Pair, Pair];
    const users = types.map((type) => generate(`user_${type}`, type)) as [Pair, Pair, Pair];
    const encrypted = generate("user_encrypted", "ed25519", PASSPHRASE);
    writeFileSync(
        join(directory, "authorized_keys"),
        [...users, encrypted].map(({ publicKey }) => `${publicKey}\n`).join(""),
    );
    const port = await freePort();
    const config = join(directory, "sshd_config");
    writeFileSync(config, configuration(directory, port, types));
    const child = spawn(binary, ["-D", "-e", "-f", config], { stdio: ["ignore", "ignore", "pipe"] });
    const agents: ChildProcess[] = [];
    let log = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
    while (!log.includes("Server listening")) {
        if (child.exitCode !== null) {
            throw new Error(`sshd did not start: ${log}`);
        }
        await sleep(10);
    }
    return {
        port,
        user: userInfo().username,
        directory,
        hostKeys: { ed25519: ed25519.publicKey, ecdsa: ecdsa.publicKey, rsa: rsa.publicKey },
        hostPrivateKey: ed25519.privateKey,
        userKeys: {
            ed25519: users[0].privateKey,
            ecdsa: users[1].privateKey,
            rsa: users[2].privateKey,
            encrypted: encrypted.privateKey,
        },
        stranger: generate("stranger", "ed25519"),
        startAgent: async (privateKey) => {
            const socket = join(directory, "agent");
            const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
            agents.push(agent);
            while (!existsSync(socket)) {
                await sleep(10);
            }
            execFileSync("ssh-add", ["-q", "-"], { input: privateKey, env: { ...process.env, SSH_AUTH_SOCK: socket } });
            return socket;
        },
        stop: () => {
            child.kill();
            agents.forEach((agent) => agent.kill());
            rmSync(directory, { recursive: true });
        },
    };
}

interface Pair {
    privateKey: string;
    publicKey: string;
}

function configuration(directory: string, port: number, types: readonly KeyName[]): string {
    return [
        `Port ${port}`,
        "ListenAddress 127.0.0.1",
        ...types.map((type) => `HostKey ${directory}/host_${type}`),
        `AuthorizedKeysFile ${directory}/authorized_keys`,
        "StrictModes no",
        "UsePAM no",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "PermitRootLogin yes",
        "PidFile none",
        "MaxStartups 200",
        "",
    ].join("\n");
}

/** A server on a free port of the loopback. */
export async function listen(server: Server): Promise<number> {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
}

/** A port on which nothing listens. */
export async function freePort(): Promise<number> {
    const server = createServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    return port;
}

/** A TCP server whose connections can be counted and cut. */
export interface Relay {
    port: number;
    /** How many connections were made, and how many are open. */
    made: () => number;
    open: () => number;
    cut: () => void;
    stop: () => void;
}

/** Passes everything on to a port; without one, accepts and says nothing. */
export async function startRelay(to?: number): Promise<Relay> {
    const open = new Set<Socket>();
    let made = 0;
    const server = createServer((inbound) => {
        made += 1;
        open.add(inbound);
        inbound.on("error", () => inbound.destroy()).on("close", () => open.delete(inbound));
        if (to === undefined) {
            inbound.resume();
            return;
        }
        const outbound = connect(to, "127.0.0.1");
        outbound.on("error", () => inbound.destroy()).on("close", () => inbound.destroy());
        inbound.on("close", () => outbound.destroy());
        inbound.pipe(outbound).pipe(inbound);
    });
    const port = await listen(server);
    const cut = () => {
        open.forEach((socket) => socket.destroy());
    };
    return {
        port,
        made: () => made,
        open: () => open.size,
        cut,
        stop: () => {
            cut();
            server.close();
        },
    };
}

/** A server of ssh2's, for what this machine's users have no password for; it says each command back and ends with 7. */
export async function startSsh2Server(
    hostPrivateKey: string,
    onLogin: (context: AuthContext) => void,
    runs = true,
): Promise<{ port: number; stop: () => void }> {
    const server = new Ssh2Server({ hostKeys: [hostPrivateKey] }, (client) => {
        client.on("error", () => undefined).on("authentication", onLogin);
        client.on("session", (accept) => {
            accept().on("exec", (acceptExec, rejectExec, { command }) => {
                if (!runs) {
                    rejectExec();
                    return;
                }
                const channel = acceptExec();
                channel.write(command);
                channel.exit(7);
                channel.end();
            });
        });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return { port: (server.address() as AddressInfo).port, stop: () => server.close() };
}
