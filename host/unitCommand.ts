import { posix } from "node:path";
import { binaryPosition, readFlags, type Flag } from "./commandLine";
import { expandWord, hasVariable, parseEnvironment, parseEnvironmentFile } from "./environment";
import { ExecWordsError, splitExecWords, type ExecWord } from "./execWords";
import { isOwnedFlag } from "./flags";
import { parseUnitFiles, valuesOf, type Assignment, type UnitFile } from "./unitFile";

/** A unit that cannot be worked on; the message says what was found, where, and what to do. */
export class UnitError extends Error {}

/** What a unit runs, from its own files. */
export interface UnitCommand {
    /** The one `ExecStart=` that counts. */
    readonly execStart: Assignment;
    /** The words of it as they are written. */
    readonly words: readonly ExecWord[];
    /** Whether `$NAME` in it is replaced: not behind the prefix `:`. */
    readonly expandsVariables: boolean;
    /** Every flag, with the variables replaced. */
    readonly flags: readonly Flag[];
    /** The positions in {@link words} of what gives way to our flags. */
    readonly displaced: ReadonlySet<number>;
    /** Flags of ours that come out of variables, so that they cannot be taken out; ours behind them win. */
    readonly inVariables: readonly Flag[];
}

/** Programs that become the one that they are told to start, so that it is the unit's main process. */
const LAUNCHERS: readonly string[] = ["env", "nice", "ionice", "chrt", "taskset", "numactl"];

/**
 * Finds the command line of kube-apiserver in a unit.
 *
 * @param files - the unit's files in systemd's order, without our drop-in
 * @param environmentFiles - the texts of its `EnvironmentFile=`s, in their order
 * @throws UnitError where there is not exactly one, or another program is run
 */
export function findUnitCommand(
    unit: string,
    files: readonly UnitFile[],
    environmentFiles: readonly string[],
): UnitCommand {
    const assignments = parseUnitFiles(files);
    const commands = valuesOf(assignments, "Service", "ExecStart");
    const [execStart, second] = commands;
    if (execStart === undefined) {
        throw new UnitError(
            `${unit} has no ExecStart=, so it runs nothing. Give unit the name of the one that runs kube-apiserver.`,
        );
    }
    if (second !== undefined) {
        throw new UnitError(
            `${unit} has ${commands.length} ExecStart= (${places(commands)}), so it is not clear which of them is ` +
                "kube-apiserver's. Leave one; what has to run before it belongs into ExecStartPre=.",
        );
    }
    const words = split(unit, execStart);
    const semicolon = words.find(({ raw }) => raw === ";");
    if (semicolon !== undefined) {
        throw new UnitError(
            `${unit} has several commands in one ExecStart= of ${execStart.file}, with ; between them. Leave ` +
                "kube-apiserver's; what has to run before it belongs into ExecStartPre=.",
        );
    }
    const [, prefix, binary] = /^([-@:+!|]*)(.*)$/s.exec(words[0]!.text) as unknown as [string, string, string];
    const expandsVariables = !prefix.includes(":");
    const expand = (word: string) => (expandsVariables ? expandWord(word, environment) : [word]);
    const environment = environmentOf(assignments, environmentFiles);
    // Behind the prefix @, the second word is only the name that the program is given.
    const first = prefix.includes("@") ? 2 : 1;
    const expanded = [
        { text: binary, word: 0 },
        ...words.slice(first).flatMap(({ text }, index) => expand(text).map((text) => ({ text, word: first + index }))),
    ];
    const flags = flagsOf(unit, execStart, expanded);
    const literal = (word: number) => !expandsVariables || !hasVariable(words[word]!.text);
    const owned = flags.filter(({ name }) => isOwnedFlag(name));
    const removable = ({ places }: Flag) =>
        places.every(({ index }, position) => {
            const { word } = expanded[index]!;
            return literal(word) || (position === 0 && words[word]!.text.startsWith("--"));
        });
    return {
        execStart,
        words,
        expandsVariables,
        flags,
        displaced: new Set(
            owned.filter(removable).flatMap(({ places }) => places.map(({ index }) => expanded[index]!.word)),
        ),
        inVariables: owned.filter((flag) => !removable(flag)),
    };
}

function split(unit: string, execStart: Assignment): ExecWord[] {
    try {
        return splitExecWords(execStart.value);
    } catch (error) {
        throw error instanceof ExecWordsError
            ? new UnitError(`${unit} has an ExecStart= in ${execStart.file} that systemd ignores: ${error.message}.`)
            : error;
    }
}

function places(assignments: readonly Assignment[]): string {
    return [...new Set(assignments.map(({ file }) => file))].join(", ");
}

/** Files win over what the unit itself says, and later ones over earlier ones. */
function environmentOf(
    assignments: readonly Assignment[],
    environmentFiles: readonly string[],
): ReadonlyMap<string, string> {
    return new Map([
        ...valuesOf(assignments, "Service", "Environment").flatMap(({ value }) => parseEnvironment(value)),
        ...environmentFiles.flatMap(parseEnvironmentFile),
    ]);
}

function flagsOf(
    unit: string,
    execStart: Assignment,
    expanded: readonly { readonly text: string; readonly word: number }[],
): Flag[] {
    const texts = expanded.map(({ text }) => text);
    const binary = binaryPosition(texts);
    if (binary === undefined || (binary > 0 && !LAUNCHERS.includes(posix.basename(texts[0]!)))) {
        throw new UnitError(
            `${unit} starts ${texts[0]!} (ExecStart= in ${execStart.file}), not kube-apiserver itself, so its command ` +
                "line is not known here. Let ExecStart= start kube-apiserver with its flags, or with variables from an " +
                "EnvironmentFile=; what a script prepares before that belongs into ExecStartPre=.",
        );
    }
    const words = expanded.map(({ text }, index) => ({ list: "command" as const, index, text }));
    const flags = readFlags(words.slice(binary + 1));
    if (flags.some(({ name }) => name === "--")) {
        throw new UnitError(
            `${unit} has the word -- in its ExecStart= (${execStart.file}), after which no flag is read. Remove it.`,
        );
    }
    return flags;
}
