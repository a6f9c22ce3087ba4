import { describeName, describeResource, describeStatus, describeUser, formatTime } from "../describe";
import { formatPlace } from "../place";
import type { LocatedEvent } from "../readEvents";

/** A request in a table of the report. */
export interface Evidence {
    readonly time: string;
    readonly status: string;
    readonly verb: string;
    readonly resource: string;
    readonly name: string;
    readonly user: string;
    readonly source: string;
    readonly auditID: string;
    readonly place: string;
}

/** A number in the report, with some of the requests that it counts. */
export interface Figure {
    /** What is counted, in one text or in several columns. */
    readonly labels: readonly string[];
    readonly count: number;
    /** So many may be others'; 0 unless there was too much to count it all. */
    readonly surplus: number;
    /** The first of them. */
    readonly evidence: readonly Evidence[];
}

/** So many requests are shown for a figure. */
export const mostEvidence = 8;

/** What a table shows of a request, by its last stage. */
export function evidenceOf({ event, place }: LocatedEvent): Evidence {
    return {
        time: formatTime(event.stageTimestamp),
        status: describeStatus(event),
        verb: event.verb,
        resource: describeResource(event),
        name: describeName(event),
        user: describeUser(event),
        source: (event.sourceIPs ?? []).join(", "),
        auditID: event.auditID,
        place: formatPlace(place),
    };
}
