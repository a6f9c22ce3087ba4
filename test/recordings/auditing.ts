import { readFileSync } from "node:fs";
import type { Engine, Sandbox, SandboxNode } from "../../sandbox";
import { hostOf } from "../e2e/stack";
import { AuditStack } from "../clusters/auditStack";
import type { Client } from "./client";
import type { ServerCounts } from "./recording";

/** The file that is being written. */
export const ACTIVE = "audit.log";

/** How auditing is turned on. */
export interface Auditing {
    readonly policyFile: string;
    /** A new one, so that everything in it is of one API server. */
    readonly logDirectory: string;
    readonly maxSize: number;
    readonly maxBackup: number;
}

/** Turns auditing on with the component and the engine; what an earlier recording has set is taken over. */
export async function turnOn(
    { engine, sandbox, node }: { engine: Engine; sandbox: Sandbox; node: SandboxNode },
    { policyFile, logDirectory, maxSize, maxBackup }: Auditing,
): Promise<void> {
    const stack = await AuditStack.create(engine, {
        hosts: [hostOf(node)],
        connection: { user: node.users.admin, privateKey: sandbox.credentials.privateKey },
        policy: readFileSync(policyFile, "utf8"),
        adopt: true,
        log: { path: `${logDirectory}/${ACTIVE}`, maxSize, maxBackup },
    });
    const outcome = await stack.up();
    if (!outcome.ok) {
        throw new Error(outcome.output);
    }
}

/** What the API server counts. */
export async function serverCounts(client: Client): Promise<ServerCounts> {
    const { body } = await client.send({ as: "admin", method: "GET", path: "/metrics" });
    const sum = (name: string) => values(body, name).reduce((total, { value }) => total + value, 0);
    return {
        events: sum("apiserver_audit_event_total"),
        errors: sum("apiserver_audit_error_total") + sum("apiserver_audit_requests_rejected_total"),
        levels: Object.fromEntries(
            values(body, "apiserver_audit_level_total").map(({ labels, value }) => [
                /level="(\w+)"/.exec(labels)?.[1] ?? "",
                value,
            ]),
        ),
        cpuSeconds: sum("process_cpu_seconds_total"),
    };
}

function values(text: string, name: string): { labels: string; value: number }[] {
    return [...text.matchAll(new RegExp(`^${name}(\\{[^}]*\\})? (\\S+)$`, "gm"))].map(([, labels = "", value]) => ({
        labels,
        value: Number(value),
    }));
}
