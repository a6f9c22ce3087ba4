import { type Client, type ClientChannel } from "ssh2";
import { setBeforeExec, type Variable } from "./environment";
import { exitError, quoted, type RemoteExit } from "./goWords";

/** A remote command's output, complete. */
export interface Output {
    readonly stdout: string;
    readonly stderr: string;
}

export interface SessionOptions {
    readonly stdin: string;
    readonly variables: readonly Variable[];
    /** Told each line of output, without its end, as it arrives. */
    readonly onStdoutLine?: (line: string) => void;
    readonly onStderrLine?: (line: string) => void;
}

/** The official plugin stops reading at a line this long while it logs, and never ends. */
const LONGEST_LOGGED_LINE = 64 * 1024;

/**
 * Runs one command on a connection, which it leaves open.
 *
 * @throws Error with the command and all of its output, in the order it arrived, unless the command exits with 0
 */
export function runCommand(client: Client, command: string, options: SessionOptions): Promise<Output> {
    return new Promise((resolve, reject) => {
        setBeforeExec(client, options.variables, reject);
        client.exec(command, (error, channel) => {
            if (error !== undefined) {
                reject(new Error(`ssh: command ${command} failed: ${error.message}`));
                return;
            }
            collect(channel, command, options, resolve, reject);
        });
    });
}

function collect(
    channel: ClientChannel,
    command: string,
    options: SessionOptions,
    resolve: (output: Output) => void,
    reject: (error: Error) => void,
): void {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    const both: Buffer[] = [];
    const lines = [lineReader(options.onStdoutLine, reject), lineReader(options.onStderrLine, reject)] as const;
    const take = (stream: Buffer[], read: (chunk: Buffer) => void) => (chunk: Buffer) => {
        stream.push(chunk);
        both.push(chunk);
        read(chunk);
    };
    let exit: RemoteExit = {};
    channel.on("data", take(stdout, lines[0].read));
    channel.stderr.on("data", take(stderr, lines[1].read));
    channel.on("exit", (code: number | null, signal?: string, _dump?: string, reason?: string) => {
        exit = {
            ...(code === null ? {} : { code }),
            ...(signal === undefined ? {} : { signal: signal.replace(/^SIG/, "") }),
            ...(reason === undefined ? {} : { reason }),
        };
    });
    channel.on("close", () => {
        lines.forEach(({ end }) => {
            end();
        });
        const wrong = exitError(exit);
        if (wrong === undefined) {
            resolve({ stdout: text(stdout), stderr: text(stderr) });
        } else {
            reject(new Error(`${wrong}: running ${quoted(command)}:\n${text(both)}`));
        }
    });
    channel.on("error", () => undefined); // the end says it
    channel.end(options.stdin);
}

function lineReader(onLine: ((line: string) => void) | undefined, fail: (error: Error) => void) {
    let pending = "";
    return {
        read: (chunk: Buffer) => {
            if (onLine === undefined) {
                return;
            }
            const lines = (pending + chunk.toString()).split("\n");
            pending = lines.pop() ?? "";
            lines.forEach(onLine);
            if (pending.length >= LONGEST_LOGGED_LINE) {
                fail(
                    new Error(
                        "A line of 64 KiB or more while logging is on: the official command plugin hangs here, for ever. " +
                            'Set `logging: "none"`, or print shorter lines.',
                    ),
                );
            }
        },
        end: () => {
            if (pending !== "") {
                onLine?.(pending);
            }
        },
    };
}

function text(chunks: readonly Buffer[]): string {
    return Buffer.concat(chunks).toString();
}
