import { commands } from "./commands";
import { CommandError, ExitCode, type CommandIO } from "./io";

/**
 * Runs `kube-audit <command> [arguments]`.
 *
 * @param argv - the arguments after the program's name
 * @returns the exit code
 */
export async function dispatch(argv: string[], io: CommandIO): Promise<number> {
    const [first, second = ""] = argv;
    if (first === undefined) {
        io.stderr(help([...commands.keys()]));
        return ExitCode.Usage;
    }
    if (asksForHelp(first)) {
        io.stdout(help([...commands.keys()]));
        return ExitCode.Ok;
    }
    const name = [`${first} ${second}`, first].find((words) => commands.has(words));
    return name === undefined ? unknownCommand(first, second, io) : await run(name, argv, io);
}

async function run(name: string, argv: string[], io: CommandIO): Promise<number> {
    const command = commands.get(name)!.load();
    try {
        return await command(argv.slice(name.split(" ").length), io);
    } catch (error) {
        if (!(error instanceof CommandError)) {
            throw error;
        }
        io.stderr(`kube-audit ${name}: ${error.message}\n`);
        return ExitCode.Usage;
    }
}

function unknownCommand(first: string, second: string, io: CommandIO): number {
    const siblings = [...commands.keys()].filter((key) => key.startsWith(`${first} `));
    if (siblings.length > 0 && asksForHelp(second)) {
        io.stdout(help(siblings));
        return ExitCode.Ok;
    }
    const known = (siblings.length > 0 ? siblings : [...commands.keys()]).join(", ");
    const name = siblings.length > 0 ? `${first} ${second}`.trimEnd() : first;
    io.stderr(`kube-audit: there is no command "${name}". There is: ${known}. See kube-audit --help.\n`);
    return ExitCode.Usage;
}

function asksForHelp(word: string): boolean {
    return ["--help", "-h", "help"].includes(word);
}

function help(names: readonly string[]): string {
    const width = Math.max(...names.map((name) => name.length));
    const list = names.map((name) => `  ${name.padEnd(width)}  ${commands.get(name)!.summary}\n`).join("");
    return `usage: kube-audit <command> [arguments]

${list}
Every command has --help. Exit codes: 0 fine, 1 a finding, 2 bad usage or unreadable input.
`;
}
