import { printable } from "../describe";

/** Text that is HTML already. */
export class Html {
    constructor(readonly text: string) {}
}

/** What can stand in a template: HTML as it is, texts and numbers escaped, lists one after another. */
export type Part = Html | string | number | readonly Part[];

const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
};

/** HTML with escaped values, for text and for attributes in quotes. Whatever comes from a log goes through here. */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Html {
    return new Html(
        strings.map((text, index) => `${text}${index < values.length ? write(values[index]!) : ""}`).join(""),
    );
}

function write(part: Part): string {
    if (part instanceof Html) {
        return part.text;
    }
    if (typeof part === "string" || typeof part === "number") {
        return printable(String(part)).replace(/[&<>"']/g, (character) => entities[character]!);
    }
    return part.map(write).join("");
}
