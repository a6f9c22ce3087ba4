import { commands } from "./commands";
import { CommandError, ExitCode, type CommandIO } from "./io";

/**
 * Runs `kube-audit <noun> <verb> [arguments]`.
 *
 * @param argv - the arguments after the program's name
 * @returns the exit code
 */
export async function dispatch(argv: string[], io: CommandIO): Promise<number> {
    const [noun, verb, ...rest] = argv;
    if (noun === undefined) {
        io.stderr(help());
        return ExitCode.Usage;
    }
    if (noun === "--help" || noun === "-h" || noun === "help") {
        io.stdout(help());
        return ExitCode.Ok;
    }
    const name = `${noun} ${verb ?? ""}`.trimEnd();
    const command = commands.get(name);
    if (!command) {
        const siblings = [...commands.keys()].filter((key) => key.startsWith(`${noun} `));
        const known = siblings.length > 0 ? siblings : [...commands.keys()];
        io.stderr(`kube-audit: there is no command "${name}". There is: ${known.join(", ")}. See kube-audit --help.\n`);
        return ExitCode.Usage;
    }
    try {
        return await command.run(rest, io);
    } catch (error) {
        if (!isBadUsage(error)) {
            throw error;
        }
        io.stderr(`kube-audit ${name}: ${error.message}\n`);
        return ExitCode.Usage;
    }
}

function isBadUsage(error: unknown): error is Error {
    if (error instanceof CommandError) {
        return true;
    }
    return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_");
}

function help(): string {
    const width = Math.max(...[...commands.keys()].map((name) => name.length));
    const list = [...commands].map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}\n`).join("");
    return `usage: kube-audit <noun> <verb> [arguments]

${list}
Every command has --help. Exit codes: 0 fine, 1 a finding, 2 bad usage or unreadable input.
`;
}
