import { isOwnedFlag } from "./flags";
import { LOG_FIELDS } from "./logFields";

/** Where a word of a container's command line stands in its manifest. */
export interface Place {
    readonly list: "command" | "args";
    readonly index: number;
}

/** A word of a container's command line. */
export interface Word extends Place {
    readonly text: string;
}

/** One flag, in one word or two. */
export interface Flag {
    /** With its dashes, as `--name`; underscores, which the API server takes for dashes, are written as dashes. */
    readonly name: string;
    /** `--name=value`, or `--name` where there is no value. */
    readonly text: string;
    /** One place, or two for `--name value`. */
    readonly places: readonly Place[];
}

const SWITCHES: readonly string[] = LOG_FIELDS.filter(({ kind }) => kind === "true or false").map(({ flag }) => flag);

/** The position of the word that names the kube-apiserver binary; undefined where none does. */
export function binaryPosition(words: readonly string[]): number | undefined {
    const position = words.findIndex(
        (word, i) => /^(\S*\/)?kube-apiserver$/.test(word) && !/^-[^=]*$/.test(words[i - 1] ?? ""),
    );
    return position < 0 ? undefined : position;
}

/** Whether a word is a shell script that starts kube-apiserver. */
export function isShellStart(word: string): boolean {
    return /(^|[\s;&|(])(\S*\/)?kube-apiserver\s/.test(word);
}

/**
 * Reads the flags among the words that follow the binary's name.
 *
 * The API server has some two hundred flags, and a word after one without `=` is its value unless the flag is a
 * switch. Which is which is known of the flags we own; of the others, a word without a dash in front must be a value,
 * since kube-apiserver takes no arguments.
 */
export function readFlags(words: readonly Word[]): Flag[] {
    const flags: Flag[] = [];
    for (let i = 0; i < words.length; i++) {
        const word = words[i]!;
        if (!word.text.startsWith("-")) {
            continue;
        }
        const equals = word.text.indexOf("=");
        const name = dashed(equals < 0 ? word.text : word.text.slice(0, equals));
        const next = equals < 0 ? words[i + 1] : undefined;
        if (next && takesValue(name, next.text)) {
            flags.push({ name, text: `${name}=${next.text}`, places: [place(word), place(next)] });
            i++;
        } else {
            flags.push({ name, text: equals < 0 ? name : name + word.text.slice(equals), places: [place(word)] });
        }
    }
    return flags;
}

function takesValue(name: string, next: string): boolean {
    return isOwnedFlag(name) ? !SWITCHES.includes(name) : !next.startsWith("-");
}

function dashed(name: string): string {
    return name.replaceAll("_", "-");
}

function place({ list, index }: Word): Place {
    return { list, index };
}
