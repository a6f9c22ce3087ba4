import { parseArgs, type ParseArgsConfig } from "node:util";
import { CommandError, ExitCode, type CommandIO } from "./io";

/**
 * One command: reads its arguments, does its work, and says how it went.
 *
 * @param argv - the arguments after the command's name
 * @returns the exit code, one of `ExitCode`
 * @throws CommandError on bad usage or unreadable input
 */
export type Command = (argv: string[], io: CommandIO) => number | Promise<number>;

type Options = NonNullable<ParseArgsConfig["options"]>;

/** What a command was given: the options' values and the rest, as `util.parseArgs` gives them. */
export type Arguments<O extends Options> = ReturnType<typeof parseArgs<{ options: O; allowPositionals: true }>>;

/** What a command is made of. */
export interface CommandParts<O extends Options> {
    /** What `--help` prints, and what follows a {@link UsageError}; a function where it takes something to make it. */
    usage: string | (() => string);
    /** In the words of `util.parseArgs`. `--help` is added to them. Default: none. */
    options?: O;
    /**
     * The work itself.
     *
     * @throws UsageError where the arguments do not belong together, CommandError where one of them cannot be used
     */
    run: (given: Arguments<O>, io: CommandIO) => number | Promise<number>;
}

/** Arguments that do not belong together: the message is followed by how the command is used. */
export class UsageError extends CommandError {
    override name = "UsageError";
}

const help = { help: { type: "boolean", short: "h", default: false } } as const;

/** The frame of every command: reads the options, answers `--help`, and shows the usage to who got it wrong. */
export function defineCommand<const O extends Options>({ usage, options, run }: CommandParts<O>): Command {
    const text = () => (typeof usage === "string" ? usage : usage());
    return async (argv, io) => {
        try {
            const given = readArguments({ ...options, ...help }, argv);
            if (given.values.help === true) {
                io.stdout(text());
                return ExitCode.Ok;
            }
            return await run(given as Arguments<O>, io);
        } catch (error) {
            throw error instanceof UsageError ? new CommandError(`${error.message}\n\n${text().trimEnd()}`) : error;
        }
    };
}

function readArguments(options: Options, argv: string[]) {
    try {
        return parseArgs({ args: argv, allowPositionals: true, options });
    } catch (error) {
        const refused = error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_");
        throw refused ? new CommandError(error.message) : error;
    }
}
