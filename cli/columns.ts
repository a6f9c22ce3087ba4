import { printable } from "../events/describe";

/**
 * Lines of columns, two spaces apart; each line ends in a newline.
 *
 * @param rows - the cells; the last column of a row is not padded
 * @param right - the columns that are set to the right, as numbers are
 */
export function formatColumns(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
    const cells = rows.map((row) => row.map(printable));
    const count = Math.max(0, ...cells.map((row) => row.length));
    const widths = Array.from({ length: count }, (_, column) =>
        Math.max(...cells.map((row) => row[column]?.length ?? 0)),
    );
    const pad = (cell: string, column: number) =>
        right.includes(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!);
    return cells.map((row) => `${row.map(pad).join("  ").trimEnd()}\n`).join("");
}
