import { describeLatency, describeName, describeResource, describeStatus, describeUser, formatTime } from "../describe";
import { formatPlace } from "../place";
import type { LocatedEvent } from "../readEvents";

/** A column of the tables of events. */
export interface Column {
    readonly title: string;
    readonly read: (located: LocatedEvent) => string;
}

/** What the table shows. */
export const COLUMNS: readonly Column[] = [
    { title: "TIME", read: ({ event }) => formatTime(event.stageTimestamp) },
    { title: "STATUS", read: ({ event }) => describeStatus(event) },
    { title: "VERB", read: ({ event }) => event.verb },
    { title: "RESOURCE", read: ({ event }) => describeResource(event) },
    { title: "NAME", read: ({ event }) => describeName(event) },
    { title: "USER", read: ({ event }) => describeUser(event) },
    { title: "SOURCE", read: ({ event }) => (event.sourceIPs ?? []).join(",") },
];

/** What the wide table shows besides. */
export const MORE_COLUMNS: readonly Column[] = [
    { title: "STAGE", read: ({ event }) => event.stage },
    { title: "LATENCY", read: ({ event }) => describeLatency(event) },
    { title: "LEVEL", read: ({ event }) => event.level },
    { title: "DECISION", read: ({ event }) => event.annotations?.["authorization.k8s.io/decision"] ?? "" },
    { title: "AUDIT-ID", read: ({ event }) => event.auditID },
    { title: "PLACE", read: ({ place }) => formatPlace(place) },
    { title: "USER-AGENT", read: ({ event }) => event.userAgent ?? "" },
];
