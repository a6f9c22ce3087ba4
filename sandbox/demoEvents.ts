import type { SandboxNode } from "./node";

/** What the demo shows of an audit event. */
export interface DeletionEvent {
    readonly time: string;
    readonly level: string;
    readonly stage: string;
    readonly verb: string;
    readonly resource: string;
    readonly namespace: string;
    readonly name: string;
    readonly user: string;
    readonly code: number;
    /** Whether the event has the request's body. */
    readonly request: boolean;
    /** Whether the event has the response's body. */
    readonly response: boolean;
}

interface AuditEvent {
    readonly level: string;
    readonly stage: string;
    readonly verb: string;
    readonly stageTimestamp: string;
    readonly user: { readonly username: string };
    readonly objectRef?: { readonly resource?: string; readonly namespace?: string; readonly name?: string };
    readonly responseStatus?: { readonly code?: number };
    readonly requestObject?: unknown;
    readonly responseObject?: unknown;
}

/** Every event in the node's audit log. */
export async function deletionEvents(node: SandboxNode): Promise<DeletionEvent[]> {
    const log = await node.check("cat /var/log/kubernetes/audit/audit.log");
    return log
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as AuditEvent)
        .map((event) => ({
            time: event.stageTimestamp,
            level: event.level,
            stage: event.stage,
            verb: event.verb,
            resource: event.objectRef?.resource ?? "",
            namespace: event.objectRef?.namespace ?? "",
            name: event.objectRef?.name ?? "",
            user: event.user.username,
            code: event.responseStatus?.code ?? 0,
            request: event.requestObject !== undefined,
            response: event.responseObject !== undefined,
        }));
}
