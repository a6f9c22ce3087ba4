/** A service's environment variables, and what they make of the words of its command line, as systemd does both. */

import { splitExecWords } from "./execWords";

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The variables of an `Environment=`: its words, each `NAME=value`. */
export function parseEnvironment(value: string): [string, string][] {
    return splitExecWords(value).flatMap(({ text }) => variable(text));
}

function variable(text: string): [string, string][] {
    const equals = text.indexOf("=");
    return NAME.test(text.slice(0, Math.max(equals, 0))) ? [[text.slice(0, equals), text.slice(equals + 1)]] : [];
}

/** The variables of an `EnvironmentFile=`, by the rules of systemd's parse_env_file, which are nearly a shell's. */
export function parseEnvironmentFile(text: string): [string, string][] {
    const variables: [string, string][] = [];
    let position = 0;
    while (position < text.length) {
        position = skip(text, position, /[\s]/);
        if (/[#;]/.test(text[position] ?? "")) {
            position = skip(text, position, /[^\n]/);
            continue;
        }
        const key = /^[^=\n]*/.exec(text.slice(position))![0];
        position += key.length;
        if (text[position] !== "=") {
            continue;
        }
        const read = readValue(text, position + 1);
        position = read.end;
        variables.push(...variable(`${key.trimEnd()}=${read.value}`));
    }
    return variables;
}

function skip(text: string, position: number, pattern: RegExp): number {
    while (position < text.length && pattern.test(text[position]!)) {
        position++;
    }
    return position;
}

/** Up to the end of the line; a backslash or a quote can carry it beyond. */
function readValue(text: string, start: number): { value: string; end: number } {
    let value = "";
    let position = start;
    // Quotes count only where a value, or what follows a closed quote, begins.
    for (let begins = true; position < text.length && text[position] !== "\n";) {
        const character = text[position++]!;
        if (begins && (character === '"' || character === "'")) {
            const quoted = readQuoted(text, position, character);
            value += quoted.value;
            position = quoted.end;
        } else if (character === "\\") {
            const next = text[position++] ?? "";
            value += next === "\n" ? "" : next;
            begins = false;
        } else if (!begins || !/\s/.test(character)) {
            const blanks = /\s/.test(character) ? /^[^\S\n]*(?=\n|$)/.exec(text.slice(position - 1)) : null;
            if (blanks !== null) {
                return { value, end: position - 1 + blanks[0].length };
            }
            value += character;
            begins = false;
        }
    }
    return { value, end: position };
}

function readQuoted(text: string, start: number, quote: string): { value: string; end: number } {
    let value = "";
    let position = start;
    while (position < text.length && text[position] !== quote) {
        const character = text[position++]!;
        if (quote === '"' && character === "\\") {
            const next = text[position++] ?? "";
            value += '"\\`$'.includes(next) ? next : next === "\n" ? "" : `\\${next}`;
        } else {
            value += character;
        }
    }
    return { value, end: position + 1 };
}

/** Whether a word has a variable, of which only the started process knows the value for sure. */
export function hasVariable(word: string): boolean {
    return /^\$[A-Za-z_]\w*$|\$\{\w+\}/.test(word.replaceAll("$$", ""));
}

/**
 * What a word becomes: `$NAME` alone as many words as its value has, `${NAME}` anywhere a part of its word, `$$` a dollar
 * sign. A variable that is not set is empty.
 */
export function expandWord(word: string, environment: ReadonlyMap<string, string>): string[] {
    const alone = /^\$([A-Za-z_]\w*)$/.exec(word)?.[1];
    if (alone !== undefined) {
        return splitValue(environment.get(alone) ?? "");
    }
    return [
        word.replace(/\$(?:\$|\{([A-Za-z_]\w*)\})/g, (_, name: string | undefined) =>
            name === undefined ? "$" : (environment.get(name) ?? ""),
        ),
    ];
}

/** A value's words. Quotes count in it, backslashes as in a shell; a quote that is not closed ends with the value. */
function splitValue(value: string): string[] {
    const words: string[] = [];
    let word: string | undefined;
    let quote = "";
    for (let i = 0; i < value.length; i++) {
        const character = value[i]!;
        if (quote === "" && /[ \t\n\r]/.test(character)) {
            words.push(...(word === undefined ? [] : [word]));
            word = undefined;
        } else if (character === quote) {
            quote = "";
        } else if (quote === "" && (character === '"' || character === "'")) {
            quote = character;
            word ??= "";
        } else {
            word = (word ?? "") + (character === "\\" && i + 1 < value.length ? value[++i]! : character);
        }
    }
    return [...words, ...(word === undefined ? [] : [word])];
}
