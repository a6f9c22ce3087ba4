import { spawn } from "node:child_process";

/** What a finished process left. */
export interface ProcessResult {
    /** Exit code; 128 plus the signal's number for a process that a signal ended. */
    readonly code: number;
    readonly stdout: string;
    readonly stderr: string;
}

export interface ProcessOptions {
    /** @default nothing: the process reads end-of-file */
    readonly stdin?: string | Buffer;
    /** @default this process's own */
    readonly env?: NodeJS.ProcessEnv;
    readonly cwd?: string;
    /** The process is killed after so many seconds. @default never */
    readonly timeoutSeconds?: number;
}

/** A process that ended with another code than 0. */
export class ProcessError extends Error {
    constructor(
        command: string,
        args: readonly string[],
        readonly result: ProcessResult,
    ) {
        const said = `${result.stderr}\n${result.stdout}`.trim().split("\n").slice(-15).join("\n");
        super(`${[command, ...args].join(" ").slice(0, 400)}: exit code ${result.code}\n${said}`);
        this.name = "ProcessError";
    }
}

/**
 * Runs a process to its end, whatever its exit code.
 *
 * @throws Error when it cannot be started or takes too long
 */
export function run(command: string, args: readonly string[], options: ProcessOptions = {}): Promise<ProcessResult> {
    return new Promise((resolve, reject) => {
        const child = spawn(command, args, { env: options.env ?? process.env, cwd: options.cwd });
        const stdout: Buffer[] = [];
        const stderr: Buffer[] = [];
        let timedOut = false;
        const timer =
            options.timeoutSeconds === undefined
                ? undefined
                : setTimeout(() => {
                      timedOut = true;
                      child.kill("SIGKILL");
                  }, options.timeoutSeconds * 1000);
        child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
        child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
        child.stdin.on("error", () => undefined); // it may end without reading
        child.stdin.end(options.stdin ?? "");
        child.on("error", (error) => {
            clearTimeout(timer);
            reject(error);
        });
        child.on("close", (code, signal) => {
            clearTimeout(timer);
            const result = {
                code: code ?? 128 + signalNumber(signal),
                stdout: Buffer.concat(stdout).toString(),
                stderr: Buffer.concat(stderr).toString(),
            };
            if (timedOut) {
                reject(new Error(`${command} ${args[0] ?? ""}: not done after ${options.timeoutSeconds ?? 0} s`));
            } else {
                resolve(result);
            }
        });
    });
}

/**
 * Runs a process that has to succeed.
 *
 * @returns what it wrote to stdout
 * @throws ProcessError when it does not
 */
export async function check(command: string, args: readonly string[], options: ProcessOptions = {}): Promise<string> {
    const result = await run(command, args, options);
    if (result.code !== 0) {
        throw new ProcessError(command, args, result);
    }
    return result.stdout;
}

/** Whether a program of that name can be started. */
export async function onPath(program: string): Promise<boolean> {
    return (await run("sh", ["-c", 'command -v "$1"', "sh", program])).code === 0;
}

function signalNumber(signal: NodeJS.Signals | null): number {
    return signal === "SIGKILL" ? 9 : 15;
}
