import type { LocatedEvent } from "./readEvents";

/** The stages of one request, in the order in which they were found. */
export interface JoinedRequest {
    readonly auditID: string;
    readonly stages: readonly LocatedEvent[];
}

/** So many requests can be under way at once before the oldest is given up; a busy API server has some hundred. */
const MOST_OPEN = 50_000;

/**
 * Puts the stages of each request together by their audit ID: at its last stage, or at the end of the logs where that one is
 * missing. A request through an aggregated API server or a retry of a client may use an ID again; it is then another one.
 */
export async function* joinStages(events: AsyncIterable<LocatedEvent>): AsyncGenerator<JoinedRequest> {
    const open = new Map<string, LocatedEvent[]>();
    for await (const located of events) {
        const { auditID, stage } = located.event;
        const stages = [...(open.get(auditID) ?? []), located];
        if (stage === "ResponseComplete" || stage === "Panic") {
            open.delete(auditID);
            yield { auditID, stages };
            continue;
        }
        open.set(auditID, stages);
        if (open.size > MOST_OPEN) {
            const [oldest] = open;
            open.delete(oldest![0]);
            yield { auditID: oldest![0], stages: oldest![1] };
        }
    }
    for (const [auditID, stages] of open) {
        yield { auditID, stages };
    }
}
