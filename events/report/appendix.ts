import { formatCount } from "../units";
import type { Evidence } from "./evidence";
import { html, type Html } from "./html";
import { table } from "./table";

/** The tables of requests at the report's end, to which its figures lead. */
export class Appendix {
    private readonly tables: Html[] = [];

    /**
     * Puts the requests behind a figure into a table.
     *
     * @param what - what the figure counts, for the table's caption
     * @param count - how many there are; fewer may be shown
     * @returns the table's address in the page
     */
    add(what: string, count: number, evidence: readonly Evidence[]): string {
        const id = `e${this.tables.length + 1}`;
        const caption = `${what}: ${formatCount(evidence.length)} of ${formatCount(count)}`;
        const rows = evidence.map(({ time, status, verb, resource, name, user, source, auditID, place }) => [
            time,
            user,
            verb,
            resource,
            name,
            status,
            source,
            auditID,
            place,
        ]);
        this.tables.push(html`<div id="${id}">${table(columns, rows, { caption, kind: "wide evidence" })}</div>`);
        return `#${id}`;
    }

    render(): readonly Html[] {
        return this.tables;
    }
}

const columns = ["Time", "User", "Verb", "Resource", "Name", "Status", "Source", "Audit ID", "Place"];
