import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AuditEvent } from "../../events/event";

/** A directory with files in it that goes away after the tests of the suite that asks for it. */
export function filesForTests(contents: () => Record<string, string>): (name: string) => string {
    let directory = "";
    before(() => {
        directory = mkdtempSync(join(tmpdir(), "kube-audit-"));
        for (const [name, text] of Object.entries(contents())) {
            writeFileSync(join(directory, name), text);
        }
    });
    after(() => {
        rmSync(directory, { recursive: true });
    });
    return (name) => join(directory, name);
}

/** A log as the API server writes it. */
export function logText(events: readonly AuditEvent[]): string {
    return events.map((event) => `${JSON.stringify(event)}\n`).join("");
}
