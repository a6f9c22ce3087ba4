import type { AuditEvent } from "./event";
import { fromCloudAuditLog } from "./gke";
import { isRecord } from "./record";

/** Takes what is found in a line. */
export interface EventSink {
    event(event: AuditEvent): void;
    /** @param reason - as in `Damage` */
    damaged(reason: string): void;
}

/** Members that carry events as they are, or as text, in what collectors and clouds put around them. */
const CARRIERS = [
    "properties", // AKS: resource logs in storage and event hubs
    "records", // AKS: one message of an event hub
    "log", // AKS within properties; Docker's json-file
    "log_s", // AKS: AzureDiagnostics in Log Analytics
    "events", // EKS: aws logs filter-log-events, get-log-events
    "logEvents", // EKS: CloudWatch subscriptions
    "message", // EKS: one event of CloudWatch; Filebeat
    "@message", // EKS: CloudWatch Logs Insights
    "MESSAGE", // journalctl -o json
] as const;

/** Nobody wraps more often than AKS in an event hub: records, a record, properties, log. */
const DEEPEST = 6;

/**
 * Finds the audit events in a JSON value: the value itself, the items of an EventList, or what is inside the envelope of a
 * cloud or a collector. Envelopes are recognised by their members, so their order and further members do not matter.
 */
export function unwrapEvents(value: unknown, sink: EventSink): void {
    if (unwrap(value, sink, 0) === 0) {
        sink.damaged(`${describe(value)} is no audit event`);
    }
}

/** @returns how much was told to the sink */
function unwrap(value: unknown, sink: EventSink, depth: number): number {
    if (isAuditEvent(value)) {
        sink.event(value);
        return 1;
    }
    if (depth > DEEPEST) {
        return 0;
    }
    if (typeof value === "string") {
        return unwrapText(value, sink, depth);
    }
    if (Array.isArray(value)) {
        return unwrapEach(value, sink, depth);
    }
    if (!isRecord(value)) {
        return 0;
    }
    if (value.kind === "EventList" && Array.isArray(value.items)) {
        return unwrapEach(value.items.map(named), sink, depth) || 1;
    }
    const converted = fromCloudAuditLog(value);
    if (converted !== undefined) {
        sink.event(converted);
        return 1;
    }
    return CARRIERS.reduce((found, carrier) => found + unwrap(value[carrier], sink, depth + 1), 0);
}

function unwrapEach(values: readonly unknown[], sink: EventSink, depth: number): number {
    values.forEach((item, index) => {
        if (unwrap(item, sink, depth + 1) === 0) {
            sink.damaged(`item ${index}, ${describe(item)}, is no audit event`);
        }
    });
    return values.length;
}

function unwrapText(text: string, sink: EventSink, depth: number): number {
    if (!/^\s*\{/.test(text) || !text.includes("audit.k8s.io/")) {
        return 0;
    }
    try {
        return unwrap(JSON.parse(text), sink, depth + 1);
    } catch {
        sink.damaged("the text of an event inside its envelope is damaged");
        return 1;
    }
}

/** In a list the API server leaves out of each item what the list says already. */
function named(item: unknown): unknown {
    return isRecord(item) && item.kind === undefined ? { kind: "Event", apiVersion: "audit.k8s.io/v1", ...item } : item;
}

/** The members without which nothing here could work with an event. */
function isAuditEvent(value: unknown): value is AuditEvent {
    return (
        isRecord(value) &&
        value.kind === "Event" &&
        value.apiVersion === "audit.k8s.io/v1" &&
        REQUIRED.every((field) => typeof value[field] === "string") &&
        isRecord(value.user)
    );
}

const REQUIRED = [
    "level",
    "auditID",
    "stage",
    "requestURI",
    "verb",
    "requestReceivedTimestamp",
    "stageTimestamp",
] as const;

function describe(value: unknown): string {
    if (Array.isArray(value)) {
        return "an empty list";
    }
    if (!isRecord(value)) {
        return typeof value === "string" ? "a text" : `the value ${String(value)}`;
    }
    const { kind, apiVersion } = value;
    if (typeof kind !== "string") {
        return "an object without a kind";
    }
    const whole = kind === "Event" && apiVersion === "audit.k8s.io/v1";
    return whole
        ? "an Event that lacks required fields"
        : `an object of kind ${kind}${typeof apiVersion === "string" ? ` of ${apiVersion}` : ""}`;
}
