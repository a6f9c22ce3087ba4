import { connect, type Socket } from "node:net";
import { type Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, utils, type AuthHandlerMiddleware, type ConnectConfig, type ServerHostKeyAlgorithm } from "ssh2";
import { type Connection, type Endpoint } from "./inputs";

/** Told about a dial that is going to be tried again. */
export type OnRetry = (message: string) => void;

const FIRST_DELAY_MS = 100;
const BACKOFF = 1.5;
const MAX_DELAY_MS = 5000;

/** Go's net.Dialer asks a silent peer after so long whether it is there, so a connection that the peer has forgotten ends. */
const KEEP_ALIVE_MS = 15_000;

/**
 * Connects to a host, through its proxy if it has one. Dials that fail are repeated up to each endpoint's limit; so is
 * a refused log-in, because to the plugin that is a failed dial.
 */
export async function dial(connection: Connection, onRetry: OnRetry): Promise<Client> {
    await checkEndpoint(connection);
    if (connection.proxy === undefined) {
        return retrying("Dial", connection.dialErrorLimit, onRetry, () => handshake(connection, () => tcp(connection)));
    }
    const proxy = connection.proxy;
    const limit = connection.dialErrorLimit;
    try {
        await checkEndpoint(proxy);
        const bastion = await retrying("Dial proxy", proxy.dialErrorLimit, onRetry, () =>
            handshake(proxy, () => tcp(proxy)),
        );
        const stream = await retrying("Dial from proxy", limit, onRetry, () => forward(bastion, connection));
        return await retrying("Dial", limit, onRetry, () => handshake(connection, () => Promise.resolve(stream)));
    } catch (error) {
        throw new Error(`proxy: ${messageOf(error)}`);
    }
}

/**
 * Repeats work until it succeeds or the limit is reached.
 *
 * @param limit - failures that are forgiven; -1 for any number
 */
export async function retrying<T>(what: string, limit: number, onRetry: OnRetry, work: () => Promise<T>): Promise<T> {
    for (let tried = 0, delay = FIRST_DELAY_MS; ; tried++, delay = Math.min(delay * BACKOFF, MAX_DELAY_MS)) {
        try {
            return await work();
        } catch (error) {
            if (limit > -1 && tried + 1 > limit) {
                throw new Error(`after ${tried} failed attempts: ${messageOf(error)}`);
            }
            onRetry(`${what} ${tried + 1}/${limit === -1 ? "inf" : limit} failed: retrying`);
            await sleep(delay);
        }
    }
}

/** What is wrong with the settings themselves, before anything is dialled; none of it is worth another try. */
async function checkEndpoint(endpoint: Endpoint): Promise<void> {
    hostKeyOf(endpoint);
    if (endpoint.privateKey !== undefined) {
        const key = utils.parseKey(endpoint.privateKey, endpoint.privateKeyPassword);
        if (key instanceof Error) {
            const encrypted = key.message.includes("no passphrase given");
            throw new Error(encrypted ? "ssh: this private key is passphrase protected" : `ssh: ${key.message}`);
        }
    }
    const agent = agentOf(endpoint);
    if (agent !== undefined) {
        (await opened(connect(agent), `dial unix ${agent}: connect`, 0)).destroy();
    }
}

function agentOf(endpoint: Endpoint): string | undefined {
    return endpoint.agentSocketPath ?? (process.env.SSH_AUTH_SOCK === "" ? undefined : process.env.SSH_AUTH_SOCK);
}

function hostKeyOf({ hostKey }: Endpoint): { type: string; blob: Buffer } | undefined {
    if (hostKey === undefined) {
        return undefined;
    }
    const [, type, base64] = /^\s*(?:\S+\s+)?((?:ssh|ecdsa|sk)-\S+)\s+(\S+)/.exec(hostKey) ?? [];
    if (type === undefined || base64 === undefined) {
        throw new Error("failed to parse host key: ssh: no key found");
    }
    return { type, blob: Buffer.from(base64, "base64") };
}

async function tcp({ host, port, perDialTimeout }: Endpoint): Promise<Socket> {
    const at = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
    const socket = connect({ host, port, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS });
    return opened(socket, `dial tcp ${at}`, perDialTimeout);
}

function opened(socket: Socket, what: string, timeoutSeconds: number): Promise<Socket> {
    return new Promise((resolve, reject) => {
        socket.setTimeout(timeoutSeconds * 1000);
        socket.once("connect", () => {
            socket.setTimeout(0);
            resolve(socket);
        });
        socket.once("timeout", () => {
            socket.destroy();
            reject(new Error(`${what}: i/o timeout`));
        });
        socket.once("error", (error) => {
            reject(new Error(`${what}: ${goNetworkError(error)}`));
        });
    });
}

function goNetworkError(error: NodeJS.ErrnoException): string {
    const known: Readonly<Record<string, string>> = {
        ECONNREFUSED: "connect: connection refused",
        EHOSTUNREACH: "connect: no route to host",
        ENETUNREACH: "connect: network is unreachable",
        ENOENT: "no such file or directory",
        ENOTFOUND: "lookup: no such host",
    };
    return known[error.code ?? ""] ?? error.message;
}

async function handshake(endpoint: Endpoint, open: () => Promise<Duplex>): Promise<Client> {
    const sock = await open();
    const expected = hostKeyOf(endpoint);
    const client = new Client();
    let mismatch = false;
    const settings: ConnectConfig = {
        sock: sock,
        username: endpoint.user,
        readyTimeout: 0,
        hostVerifier: (key: Buffer) => {
            mismatch = expected !== undefined && !expected.blob.equals(key);
            return !mismatch;
        },
        authHandler: authentications(endpoint),
        ...(expected === undefined ? {} : { algorithms: { serverHostKey: [expected.type as ServerHostKeyAlgorithm] } }),
    };
    client.on("keyboard-interactive", (_name, _instructions, _language, prompts, answer) => {
        answer(prompts.map(() => endpoint.password ?? ""));
    });
    return new Promise((resolve, reject) => {
        client.once("ready", () => {
            client.on("error", () => undefined); // what breaks from here on shows in the command's end
            resolve(client);
        });
        client.once("error", (error) => {
            sock.destroy();
            reject(new Error(`ssh: handshake failed: ${mismatch ? "ssh: host key mismatch" : sshError(error)}`));
        });
        client.once("close", () => {
            reject(new Error("ssh: handshake failed: EOF")); // no error is told of a peer that hangs up
        });
        client.connect(settings);
    });
}

function sshError(error: Error & { level?: string }): string {
    return error.level === "client-authentication"
        ? "ssh: unable to authenticate, no supported methods remain"
        : `ssh: ${error.message}`;
}

/** Each kind of log-in once, in this order; with a private key, the agent's are not tried. */
function authentications(endpoint: Endpoint): AuthHandlerMiddleware {
    const agent = agentOf(endpoint);
    const { user: username, password } = endpoint;
    const waiting: Parameters<Parameters<AuthHandlerMiddleware>[2]>[0][] = [{ type: "none", username }];
    if (endpoint.privateKey !== undefined) {
        const key = endpoint.privateKey;
        const passphrase = endpoint.privateKeyPassword;
        waiting.push({ type: "publickey", username, key, ...(passphrase === undefined ? {} : { passphrase }) });
    } else if (agent !== undefined) {
        waiting.push({ type: "agent", username, agent });
    }
    if (password !== undefined) {
        waiting.push({ type: "password", username, password });
        waiting.push({
            type: "keyboard-interactive",
            username,
            prompt: (_name, _instructions, _language, prompts, answer) => {
                answer(prompts.map(() => password));
            },
        });
    }
    return (_left, _partial, next) => {
        next(waiting.shift() ?? (false as never));
    };
}

function forward(bastion: Client, to: Endpoint): Promise<Duplex> {
    return new Promise((resolve, reject) => {
        bastion.forwardOut("0.0.0.0", 0, to.host, to.port, (error, stream) => {
            if (error === undefined) {
                resolve(stream);
            } else {
                reject(new Error(`ssh: rejected: ${error.message}`));
            }
        });
    });
}

export function messageOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}
