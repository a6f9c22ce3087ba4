import { Html, html, type Part } from "./html";

/** How a table looks. */
export interface TableLook {
    readonly caption: string;
    /** Its classes. */
    readonly kind: string;
    /** Columns of numbers. */
    readonly figures?: readonly number[];
}

/** A table; on a narrow screen each row is a list. The roles keep it a table for a screen reader there, too. */
export function table(columns: readonly string[], rows: readonly (readonly Part[])[], look: TableLook): Html {
    const { caption, kind, figures = [] } = look;
    const isFigure = (column: number) => (figures.includes(column) ? html` class="figure"` : html``);
    const cell = (part: Part, column: number) =>
        column === 0
            ? html`<th scope="row" role="rowheader" data-title="${columns[0]!}"><span>${part}</span></th>`
            : html`<td role="cell" data-title="${columns[column]!}" ${isFigure(column)}>
                  <span>${orDash(part)}</span>
              </td>`;
    return html`<table class="${kind}" role="table">
        <caption>
            ${caption}
        </caption>
        <thead role="rowgroup">
            <tr role="row">
                ${columns.map(
                    (title, column) => html`<th scope="col" role="columnheader" ${isFigure(column)}>${title}</th>`,
                )}
            </tr>
        </thead>
        <tbody role="rowgroup">
            ${rows.map(
                (row) =>
                    html`<tr role="row">
                        ${row.map(cell)}
                    </tr> `,
            )}
        </tbody>
    </table>`;
}

function orDash(part: Part): Part {
    return part === "" ? "–" : part;
}
