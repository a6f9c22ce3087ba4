import type { Choices } from "./choices";

/** A unit whose command line is written in many ways, and the words that it starts. */
export function generateUnit(choices: Choices): { text: string; words: string[] } {
    const words = ["/opt/kube-apiserver", ...choices.some(8, () => choices.pick(WORDS))];
    const breaks = [" ", "  ", " \\\n  ", "\\\n\t", " \\\n# comment\n ", " \\\n; x \\\n  ", " \\\n  \\\n "];
    const line = words
        .map((word, index) => (index === 0 ? "" : choices.pick(breaks)) + written(word, choices))
        .join("");
    const before = choices.pick(["", "Type=notify\n", "ExecStart=/bin/false\nExecStart=\n", "# ExecStart=/x\n"]);
    return { text: `[Unit]\nDescription=a\n[Service]\n${before}ExecStart=${line}\nRestart=always\n`, words };
}

const WORDS = [
    "--a=1",
    "--b",
    "--c=x y",
    "--d='\"",
    "--e=\\n",
    "--audit-log-path=/x",
    "--audit-log-maxage=7",
    "--audit-log-compress",
    "--audit-webhook-mode=batch",
];

function written(word: string, choices: Choices): string {
    const plain = /^[\w=/-]+$/.test(word);
    return choices.pick([
        plain ? word : `"${word.replace(/[\\"]/g, "\\$&")}"`,
        `"${word.replace(/[\\"]/g, "\\$&")}"`,
        `'${word.replace(/[\\']/g, "\\$&")}'`,
        Array.from(word)
            .map((character) => (/[\w=/-]/.test(character) ? character : `\\x${hex(character)}`))
            .join(""),
    ]);
}

const hex = (character: string) => character.charCodeAt(0).toString(16).padStart(2, "0");
