import { quoteExecWord, type ExecWord } from "./execWords";
import { isOwnedFlag } from "./flags";
import { sha256 } from "./manifestEdit";
import { UnitError, type UnitCommand } from "./unitCommand";
import { joinUnitFiles, type Piece, type UnitFile } from "./unitFile";

/** The drop-in's name: systemd reads drop-ins in the order of their names, whatever directory they are in. */
export const DROP_IN_NAME = "50-kube-apiserver-audit.conf";

/** Where our settings of a unit are. */
export function dropInPath(unit: string): string {
    return `/etc/systemd/system/${unit}.d/${DROP_IN_NAME}`;
}

/** One step of making the drop-in from the unit's own files, as `unit.sh` carries it out. */
export type DropInOperation =
    /** These lines of what `joinUnitFiles` gives, as they are. */
    | { readonly kind: "copy"; readonly first: number; readonly last: number }
    /** This line, which ends the command line there and goes on here. */
    | { readonly kind: "continue"; readonly line: number }
    | { readonly kind: "write"; readonly lines: readonly string[]; readonly copies?: true };

/** How the drop-in is made, and from what. */
export interface DropIn {
    readonly baseSha256: string;
    readonly sha256: string;
    readonly text: string;
    readonly operations: readonly DropInOperation[];
}

/**
 * Makes the drop-in: the unit's own command line with the flags at its end, without what they displace.
 *
 * @param files - the unit's files in systemd's order, without our drop-in
 * @param flags - each as `--name=value`
 * @throws UnitError where a variable holds a flag that would stay in force beside ours
 */
export function planDropIn(
    unit: string,
    files: readonly UnitFile[],
    command: UnitCommand,
    flags: readonly string[],
): DropIn {
    const remaining = command.inVariables.filter(({ name }) => !flags.some((flag) => flag.startsWith(`${name}=`)));
    if (remaining.length > 0) {
        throw new UnitError(
            `${unit} is given ${remaining.map(({ text }) => text).join(" ")} by a variable of its environment, which ` +
                "would stay in force beside the flags that are asked for. Take it out of the variable, or set the same in log.",
        );
    }
    const base = joinUnitFiles(files);
    const baseSha256 = sha256(base);
    const operations: DropInOperation[] = [
        { kind: "write", lines: header(unit, baseSha256) },
        ...commandLine(base.split("\n"), command),
        { kind: "write", lines: flagLines(flags, command) },
    ];
    const text = applyDropIn(base, operations);
    return { baseSha256, sha256: sha256(text), text, operations };
}

const BASE = /^# base-sha256 ([0-9a-f]{64})$/m;

function header(unit: string, baseSha256: string): string[] {
    return [
        `# Made by kube-apiserver-audit: the command line of ${unit}, with the audit flags at its end.`,
        "# Changes belong into the unit's other files; the next update takes them over. Of these files, one after",
        "# another as `systemctl cat` shows them, this is the SHA-256:",
        `# base-sha256 ${baseSha256}`,
        "[Service]",
        "ExecStart=",
    ];
}

/** The hash of the files that a drop-in was made from; undefined where it does not say. */
export function recordedBase(dropIn: string): string | undefined {
    return BASE.exec(dropIn)?.[1];
}

/** The drop-in as systemd reads it. */
export function withoutComments(dropIn: string): string {
    return dropIn
        .split("\n")
        .filter((line) => !line.startsWith("#"))
        .join("\n");
}

function flagLines(flags: readonly string[], { expandsVariables }: UnitCommand): string[] {
    return flags.map(
        (flag, index) => `  ${quoteExecWord(flag, expandsVariables)}${index < flags.length - 1 ? " \\" : ""}`,
    );
}

/** Their lines as they are, without those of displaced flags; where one line has both, their words, written again. */
function commandLine(base: readonly string[], command: UnitCommand): DropInOperation[] {
    const { execStart, words, displaced } = command;
    const { pieces } = execStart;
    const wordsOn = new Map(pieces.map(({ line }) => [line, [] as number[]]));
    for (const [index, word] of words.entries()) {
        const line = lineOf(pieces, execStart.valueStart + word.start);
        if (line !== lineOf(pieces, execStart.valueStart + word.start + word.raw.length - 1)) {
            return [rewritten(command)];
        }
        wordsOn.get(line)!.push(index);
    }
    const first = pieces[0]!.line;
    const last = pieces.at(-1)!.line;
    const kept: number[] = [];
    for (let line = first; line <= last; line++) {
        const there = wordsOn.get(line) ?? [];
        const gone = there.filter((index) => displaced.has(index)).length;
        if (base[line - 1]!.includes("\r") || (gone > 0 && gone < there.length)) {
            return [rewritten(command)];
        }
        if (gone === 0) {
            kept.push(line);
        }
    }
    return grouped(kept, last);
}

function lineOf(pieces: readonly Piece[], position: number): number {
    return pieces.findLast(({ start }) => start <= position)!.line;
}

function grouped(lines: readonly number[], last: number): DropInOperation[] {
    const operations: DropInOperation[] = [];
    for (const line of lines) {
        const previous = operations.at(-1);
        if (line === last) {
            operations.push({ kind: "continue", line });
        } else if (previous?.kind === "copy" && previous.last === line - 1) {
            operations[operations.length - 1] = { ...previous, last: line };
        } else {
            operations.push({ kind: "copy", first: line, last: line });
        }
    }
    return operations;
}

function rewritten({ words, displaced }: UnitCommand): DropInOperation {
    const kept = words.filter((_: ExecWord, index) => !displaced.has(index));
    return {
        kind: "write",
        lines: kept.map(({ raw }, index) => `${index === 0 ? "ExecStart=" : "  "}${raw} \\`),
        copies: true,
    };
}

/** Carries out the operations. */
export function applyDropIn(base: string, operations: readonly DropInOperation[]): string {
    const lines = base.split("\n");
    return operations
        .flatMap((operation) => {
            switch (operation.kind) {
                case "copy":
                    return lines.slice(operation.first - 1, operation.last);
                case "continue":
                    return [`${lines[operation.line - 1]!} \\`];
                case "write":
                    return operation.lines;
            }
        })
        .map((line) => `${line}\n`)
        .join("");
}

/** The operations as `unit.sh` reads them, a line each. */
export function renderDropIn(operations: readonly DropInOperation[]): string[] {
    return operations.flatMap((operation) => {
        switch (operation.kind) {
            case "copy":
                return [`copy ${operation.first} ${operation.last}`];
            case "continue":
                return [`continue ${operation.line}`];
            case "write":
                return operation.lines.map((line) => `+${line}`);
        }
    });
}

/** The flags of ours that a unit's own command line gives, whoever put them there. */
export function ownedFlags({ flags }: UnitCommand): string[] {
    return flags.filter(({ name }) => isOwnedFlag(name)).map(({ text }) => text);
}
