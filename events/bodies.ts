import type { Attributes } from "../policy/evaluate";
import type { Level } from "../policy/types";
import type { AuditEvent } from "./event";
import { isLongRunning } from "./longRunning";
import { isRecord } from "./record";

/** Verbs whose requests have a body. */
const withBody = ["create", "update", "patch", "delete", "deletecollection"];

/** What the API server writes into `responseStatus` where nothing was answered. */
const nothingAnswered = /^(?:Connection closed early$|APIServer panic'd: )/;

/** Whether a level records what was sent. */
export function recordsRequests(level: Level): boolean {
    return level === "Request" || level === "RequestResponse";
}

/**
 * Whether the API server may have had a body in hand that the event was recorded without, since its level is too low.
 *
 * @param level - the level at which the event shall be recorded
 */
export function lacksBody(event: AuditEvent, attributes: Attributes, level: Level): boolean {
    return lacksRequest(event, attributes, level) || lacksResponse(event, attributes, level);
}

function lacksRequest(event: AuditEvent, attributes: Attributes, level: Level): boolean {
    return (
        recordsRequests(level) &&
        !recordsRequests(event.level) &&
        attributes.isResource &&
        event.stage !== "RequestReceived" &&
        withBody.includes(attributes.verb) &&
        !isLongRunning(attributes) &&
        attributes.user !== undefined &&
        event.annotations?.["authorization.k8s.io/decision"] !== "forbid"
    );
}

function lacksResponse(event: AuditEvent, attributes: Attributes, level: Level): boolean {
    return (
        level === "RequestResponse" &&
        event.level !== "RequestResponse" &&
        attributes.isResource &&
        event.stage === "ResponseComplete" &&
        !isLongRunning(attributes) &&
        event.responseStatus?.status === undefined
    );
}

/**
 * The answer to a request, where the recorded status is all of it: a failure, or a success without an object.
 *
 * @returns nothing where the answer is something else, or where there was none
 */
export function answeredStatus({ stage, responseStatus }: AuditEvent): object | undefined {
    if (stage === "RequestReceived" || responseStatus?.status === undefined) {
        return undefined;
    }
    return nothingAnswered.test(responseStatus.message ?? "")
        ? undefined
        : { kind: "Status", apiVersion: "v1", ...responseStatus };
}

/**
 * An object, list or table without the managed fields of its objects, as `omitManagedFields` leaves it.
 *
 * Source: k8s.io/apiserver, `pkg/audit/request.go`.
 */
export function withoutManagedFields(body: unknown): unknown {
    if (!isRecord(body)) {
        return body;
    }
    const stripped = strip(body);
    if (Array.isArray(body.items)) {
        return { ...stripped, items: body.items.map((item: unknown) => (isRecord(item) ? strip(item) : item)) };
    }
    if (body.kind === "Table" && Array.isArray(body.rows)) {
        const rows = body.rows.map((row: unknown) =>
            isRecord(row) && isRecord(row.object) ? { ...row, object: strip(row.object) } : row,
        );
        return { ...stripped, rows };
    }
    return stripped;
}

function strip(object: Record<string, unknown>): Record<string, unknown> {
    if (!isRecord(object.metadata) || !("managedFields" in object.metadata)) {
        return object;
    }
    const kept = Object.entries(object.metadata).filter(([field]) => field !== "managedFields");
    return { ...object, metadata: Object.fromEntries(kept) };
}
