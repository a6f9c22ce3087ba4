/** An event's parts in the words of the tables. */

import type { AuditEvent } from "./event";
import { latency } from "./query/fields";

/** `pods`, `deployments.apps/scale`; the path of a request that is about no resource. */
export function describeResource({ objectRef, requestURI }: AuditEvent): string {
    if (objectRef?.resource === undefined) {
        return requestURI.split("?", 1)[0]!;
    }
    const { resource, apiGroup, subresource } = objectRef;
    return `${resource}${apiGroup ? `.${apiGroup}` : ""}${subresource ? `/${subresource}` : ""}`;
}

/** `namespace/name`, or as much of it as there is. */
export function describeName({ objectRef }: AuditEvent): string {
    return [objectRef?.namespace, objectRef?.name].filter(Boolean).join("/");
}

/** Who asked, and for whom. */
export function describeUser({ user, impersonatedUser }: AuditEvent): string {
    const { username } = user;
    const who = username === undefined || username === "" ? "<nobody>" : username;
    return impersonatedUser === undefined ? who : `${who} as ${impersonatedUser.username ?? ""}`;
}

/** The HTTP status, or why there is none. */
export function describeStatus({ responseStatus, stage }: AuditEvent): string {
    return stage === "Panic" ? "panic" : String(responseStatus?.code ?? "");
}

export function describeLatency(event: AuditEvent): string {
    return formatMilliseconds(latency(event));
}

/** `0.8ms`, `12ms`, `4.81s`, `9m1s`. */
export function formatMilliseconds(milliseconds: number): string {
    if (milliseconds < 10) {
        return `${Math.round(milliseconds * 10) / 10}ms`;
    }
    if (milliseconds < 1000) {
        return `${Math.round(milliseconds)}ms`;
    }
    if (milliseconds < 60_000) {
        return `${Math.round(milliseconds / 10) / 100}s`;
    }
    const seconds = Math.round(milliseconds / 1000);
    return `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}

/** An event's time to the millisecond. */
export function formatTime(timestamp: string): string {
    return timestamp.replace(/(\.\d{3})\d+/, "$1");
}

/**
 * A text that a terminal shows as it is: control characters, with which whoever chose a user agent could write over other
 * lines, are written as escapes.
 */
export function printable(text: string): string {
    return text.replace(
        /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
        (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
}
