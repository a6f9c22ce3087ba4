import { printable } from "../describe";

/** Rows that are looked at before the widths of the columns are settled, so that a table of any length can be written. */
const SAMPLE = 200;

/** Writes rows in columns, the first of them the header. */
export class Table {
    readonly #write: (text: string) => void;
    #waiting: string[][] = [];
    #widths: number[] | undefined;

    constructor(header: readonly string[], write: (text: string) => void) {
        this.#write = write;
        this.#waiting.push([...header]);
    }

    row(cells: readonly string[]): void {
        this.#waiting.push(cells.map((cell) => (cell === "" ? "-" : printable(cell))));
        if (this.#widths !== undefined || this.#waiting.length > SAMPLE) {
            this.flush();
        }
    }

    /** Writes what is waiting; call it at the end, too. */
    flush(): void {
        this.#widths ??= this.#waiting[0]!.map((_, column) =>
            Math.max(...this.#waiting.map((cells) => cells[column]!.length)),
        );
        const widths = this.#widths;
        const lines = this.#waiting.map((cells) =>
            cells.map((cell, column) => (column === cells.length - 1 ? cell : cell.padEnd(widths[column]!))).join("  "),
        );
        this.#waiting = [];
        this.#write(lines.map((line) => `${line.trimEnd()}\n`).join(""));
    }
}

/** A whole table as a text. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
    let text = "";
    const table = new Table(header, (part) => (text += part));
    rows.forEach((row) => {
        table.row(row);
    });
    table.flush();
    return text;
}
