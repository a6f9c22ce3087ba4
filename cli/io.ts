import { readFileSync, writeFileSync } from "node:fs";
import { reasonOf } from "../events/systemError";

/** What a command touches of the world outside: handed in, so that a test can run a command without a process. */
export interface CommandIO {
    /** Writes machine-readable output. The text brings its own newlines. */
    stdout(text: string): void;
    /** Writes words for people. The text brings its own newlines. */
    stderr(text: string): void;
    /** Which of the two may carry colours: those that are a terminal, unless NO_COLOR or TERM=dumb forbids it. */
    readonly colours: Readonly<Record<"stdout" | "stderr", boolean>>;
    /**
     * Reads a whole file; `-` is standard input.
     *
     * @throws CommandError when it cannot be read
     */
    readFile(path: string): Buffer;
    /**
     * Replaces a file's content.
     *
     * @throws CommandError when it cannot be written, or is standard input
     */
    writeFile(path: string, text: string): void;
}

/**
 * Bad usage or unreadable input: the dispatcher prints the message to stderr and exits with {@link ExitCode.Usage}.
 * Thrown before a command writes anything to stdout.
 */
export class CommandError extends Error {
    override name = "CommandError";
}

/** The exit codes that all commands share. */
export const ExitCode = {
    /** Done, nothing to complain about. */
    Ok: 0,
    /** The input was understood, and there is something wrong with it. */
    Finding: 1,
    /** Bad usage, or input that cannot be read. */
    Usage: 2,
} as const;

/** What messages call a file. */
export function fileName(path: string): string {
    return path === "-" ? "standard input" : path;
}

/** Writes a value to standard output as indented JSON. */
export function printJson(value: unknown, io: CommandIO): void {
    io.stdout(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** The real process's streams and files. */
export function processIO(): CommandIO {
    return {
        stdout: (text) => void process.stdout.write(text),
        stderr: (text) => void process.stderr.write(text),
        colours: { stdout: showsColours(process.stdout), stderr: showsColours(process.stderr) },
        readFile(path) {
            try {
                return readFileSync(path === "-" ? 0 : path);
            } catch (error) {
                throw new CommandError(`cannot read ${fileName(path)}: ${reasonOf(error)}`);
            }
        },
        writeFile(path, text) {
            if (path === "-") {
                throw new CommandError("standard input cannot be written to");
            }
            try {
                writeFileSync(path, text);
            } catch (error) {
                throw new CommandError(`cannot write ${path}: ${reasonOf(error)}`);
            }
        },
    };
}

/** By Node.js's own rules for terminals; a file or a pipe has no colours. */
function showsColours(stream: NodeJS.WriteStream): boolean {
    return stream.isTTY && stream.hasColors();
}
