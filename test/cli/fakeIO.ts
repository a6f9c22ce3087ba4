import { CommandError, type CommandIO } from "../../cli/io";

/** What a command run in memory wrote, and how it ended. */
export interface Outcome {
    code: number;
    stdout: string;
    stderr: string;
}

/**
 * Runs a command over files that exist only here.
 *
 * @param files - text or bytes by path; `-` is standard input
 * @param colours - whether both streams show colours
 */
export async function runInMemory(
    command: (io: CommandIO) => number | Promise<number>,
    files: Record<string, string | Buffer> = {},
    colours = false,
): Promise<Outcome> {
    const outcome: Outcome = { code: -1, stdout: "", stderr: "" };
    outcome.code = await command({
        stdout: (text) => (outcome.stdout += text),
        stderr: (text) => (outcome.stderr += text),
        colours: { stdout: colours, stderr: colours },
        readFile(path) {
            const content = files[path];
            if (content === undefined) {
                throw new CommandError(`cannot read ${path}: no such file`);
            }
            return Buffer.from(content);
        },
        writeFile(path, text) {
            files[path] = text;
        },
    });
    return outcome;
}
