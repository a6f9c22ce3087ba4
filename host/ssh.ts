/** The only file here that talks to a host: one command over one SSH connection. ssh2 is loaded at the first call. */

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Duplex, Readable } from "node:stream";
import type { Client, ClientCallback } from "ssh2";
import type { ResolvedConnection, ResolvedEndpoint } from "./connection";
import { ConnectionError, describe, failure, LOOK_AT_NETWORK, printable } from "./connectionError";
import { decryptKey, digest, logIn, type Ssh2 } from "./sshLogin";

export { ConnectionError, type ConnectionErrorKind } from "./connectionError";

/** What the command said, and how it ended. */
export interface Exchange {
    /** The exit status; null where a signal ended the command. */
    code: number | null;
    /** Such as `SIGKILL`; only where a signal ended the command. */
    signal?: string;
    stdout: string;
    stderr: string;
}

export interface ExchangeOptions {
    /**
     * Seconds for everything, from the dial to the last byte; waiting for a free connection is not counted. Default 60; 0
     * is no limit.
     */
    timeoutSeconds?: number;
    /**
     * Is given the output as it comes, and no more of it before its promise is kept; `stdout` is then empty. Its failure ends
     * the exchange.
     */
    onStdout?: (bytes: Buffer) => Promise<void>;
    /** Closes the connection; the exchange fails then. */
    signal?: AbortSignal;
}

/**
 * Runs one command on a host, gives it all of stdin and waits for its end.
 *
 * Call it for all hosts at once: at most 64 connections are open at a time, the others wait. Hosts behind the same proxy
 * share one connection to it.
 *
 * @param command - one line for the user's login shell
 * @param stdin - of any length; what the command does not read is dropped
 * @returns the result whatever the exit status; output that is not UTF-8 has replacement characters
 * @throws ConnectionError where there is no exit status to return
 */
export async function exchange(
    connection: ResolvedConnection,
    command: string,
    stdin: string,
    options: ExchangeOptions = {},
): Promise<Exchange> {
    const { timeoutSeconds = 60, onStdout, signal } = options;
    const found = `the command had not ended after ${timeoutSeconds} s`;
    const tooLate = failure(
        connection,
        "host",
        "timeout",
        found,
        "It may still be running. See what the host is busy with.",
    );
    const opened = new Opened();
    signal?.addEventListener("abort", () => {
        opened.close();
    });
    await takeSlot();
    try {
        const { default: ssh2 } = await import("ssh2");
        return await within(timeoutSeconds, tooLate, converse(ssh2, connection, command, stdin, opened, onStdout));
    } catch (error) {
        if (error instanceof ConnectionError && error.at === "proxy") {
            throw new ConnectionError(error.kind, "proxy", `${describe(connection)}: proxy ${error.message}`);
        }
        throw error;
    } finally {
        opened.close();
        giveSlotBack();
    }
}

async function converse(
    ssh2: Ssh2,
    connection: ResolvedConnection,
    command: string,
    stdin: string,
    opened: Opened,
    onStdout: ExchangeOptions["onStdout"],
): Promise<Exchange> {
    const { proxy } = connection;
    for (const endpoint of proxy === undefined ? [connection] : [proxy, connection]) {
        decryptKey(ssh2, endpoint, endpoint === proxy ? "proxy" : "host"); // Before anybody is dialled.
    }
    const transport =
        proxy === undefined ? dial(connection, opened) : await dialThrough(ssh2, proxy, connection, opened);
    const client = await logIn(ssh2, connection, "host", transport);
    opened.add(() => client.end());
    opened.assertOpen();
    return run(client, connection, command, stdin, onStdout);
}

function dial({ host, port }: ResolvedEndpoint, opened: Opened): Socket {
    const socket = connect({ host, port, noDelay: true });
    opened.add(() => {
        if (socket.connecting) {
            socket.destroy();
        } else {
            socket.destroySoon();
            setTimeout(() => socket.destroy(), 1000).unref();
        }
    });
    return socket;
}

async function dialThrough(
    ssh2: Ssh2,
    proxy: ResolvedEndpoint,
    target: ResolvedEndpoint,
    opened: Opened,
): Promise<Duplex> {
    const client = await shareProxy(ssh2, proxy, opened);
    opened.assertOpen();
    const asked = new Promise<Duplex>((resolve, reject) => {
        const refuse = (error: unknown) => {
            const found = `the proxy cannot connect to it: ${printable(error instanceof Error ? error.message : "")}`;
            reject(failure(target, "host", "unreachable", found, "Check host and port as the proxy sees them."));
        };
        const onOpen: ClientCallback = (error, channel) => {
            if (error === undefined) {
                opened.add(() => {
                    channel.close();
                });
                resolve(channel);
            } else {
                refuse(error);
            }
        };
        try {
            client.forwardOut("127.0.0.1", 0, target.host, target.port, onOpen);
        } catch (error) {
            refuse(error); // The proxy has gone in the meantime.
        }
    });
    const { perDialTimeout } = target;
    const found = `the proxy had not connected to it after ${perDialTimeout} s`;
    const channel = await within(perDialTimeout, failure(target, "host", "timeout", found, LOOK_AT_NETWORK), asked);
    opened.assertOpen();
    return channel;
}

interface SharedProxy {
    client: Promise<Client>;
    users: number;
    opened: Opened;
}

const proxies = new Map<string, SharedProxy>();

/** Logs in to the proxy, or joins those who did; the last one to leave closes it. */
function shareProxy(ssh2: Ssh2, proxy: ResolvedEndpoint, opened: Opened): Promise<Client> {
    const id = digest(JSON.stringify(proxy));
    const shared = proxies.get(id) ?? openProxy(ssh2, proxy, id);
    shared.users += 1;
    opened.add(() => {
        shared.users -= 1;
        if (shared.users === 0) {
            forgetProxy(id, shared);
            shared.opened.close();
        }
    });
    return shared.client;
}

function openProxy(ssh2: Ssh2, proxy: ResolvedEndpoint, id: string): SharedProxy {
    const opened = new Opened();
    const shared: SharedProxy = { client: logIn(ssh2, proxy, "proxy", dial(proxy, opened)), users: 0, opened };
    const forget = () => {
        forgetProxy(id, shared);
    };
    shared.client.then((client) => {
        opened.add(() => client.end());
        client.once("close", forget);
    }, forget);
    proxies.set(id, shared);
    return shared;
}

function forgetProxy(id: string, shared: SharedProxy): void {
    if (proxies.get(id) === shared) {
        proxies.delete(id);
    }
}

function run(
    client: Client,
    endpoint: ResolvedEndpoint,
    command: string,
    stdin: string,
    onStdout: ExchangeOptions["onStdout"],
): Promise<Exchange> {
    return new Promise((resolve, reject) => {
        const cut = () => {
            const found = "the connection was cut before the command ended";
            reject(failure(endpoint, "host", "disconnected", found, "The command may still be running; try again."));
        };
        client.on("error", cut).on("close", cut);
        const onOpen: ClientCallback = (error, channel) => {
            if (error !== undefined) {
                const found = `it refuses to run a command: ${printable(error.message)}`;
                const remedy = "Look for ForceCommand and MaxSessions in its sshd_config, and for what sshd logs.";
                reject(failure(endpoint, "host", "command-refused", found, remedy));
                return;
            }
            let end: Pick<Exchange, "code" | "signal"> | undefined;
            channel.on("exit", (code: number | null, signal?: string) => {
                end = signal === undefined ? { code } : { code, signal };
            });
            const output = onStdout === undefined ? read(channel) : handOn(channel, onStdout).catch(reject);
            void Promise.all([output, read(channel.stderr), once(channel, "close")]).then(([stdout, stderr]) => {
                if (end === undefined) {
                    cut();
                } else {
                    resolve({ ...end, stdout: stdout ?? "", stderr });
                }
            }, cut);
            channel.end(stdin);
        };
        try {
            client.exec(command, onOpen);
        } catch {
            cut();
        }
    });
}

/** Gives on what comes piece by piece, at the pace of who takes it. */
async function handOn(stream: Readable, take: (bytes: Buffer) => Promise<void>): Promise<undefined> {
    const failed = new Promise<never>((_resolve, reject) => {
        stream.on("data", (bytes: Buffer) => {
            stream.pause();
            take(bytes).then(() => stream.resume(), reject);
        });
    });
    await Promise.race([once(stream, "end"), failed]);
    return undefined;
}

async function read(stream: Readable): Promise<string> {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    await once(stream, "end");
    return Buffer.concat(chunks).toString("utf8");
}

/** The promise's outcome, or the failure when that takes longer; 0 seconds for no limit. */
async function within<T>(seconds: number, tooLate: Error, promise: Promise<T>): Promise<T> {
    if (seconds === 0) {
        return promise;
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => {
            reject(tooLate);
        }, seconds * 1000);
    });
    return Promise.race([promise, late]).finally(() => {
        clearTimeout(timer);
    });
}

/** What one exchange has opened, closed in the reverse order; what comes too late is closed at once. */
class Opened {
    #closers: (() => unknown)[] | undefined = [];

    add(close: () => unknown): void {
        if (this.#closers === undefined) {
            close();
        } else {
            this.#closers.push(close);
        }
    }

    close(): void {
        const closers = this.#closers ?? [];
        this.#closers = undefined;
        closers.reverse().forEach((close) => close());
    }

    /** Ends work that nobody waits for any more. */
    assertOpen(): void {
        if (this.#closers === undefined) {
            throw new Error("closed");
        }
    }
}

/** Few enough for a default limit of 256 open files, and for a handshake each within its time. */
let freeSlots = 64;
const waiting: (() => void)[] = [];

async function takeSlot(): Promise<void> {
    if (freeSlots > 0) {
        freeSlots -= 1;
        return;
    }
    await new Promise<void>((resolve) => waiting.push(resolve));
}

function giveSlotBack(): void {
    const next = waiting.shift();
    if (next === undefined) {
        freeSlots += 1;
    } else {
        next();
    }
}
