import { stages, type Stage } from "../policy/types";

/** How sure it is that the API server could have recorded a stage of which the log has no event. */
export type Certainty = "happened" | "possible" | "no";

/** What the log tells of one request. */
export interface SeenStages {
    readonly seen: ReadonlySet<Stage>;
    readonly longRunning: boolean;
    /** Whether the request was authenticated; one that was not has the stage `ResponseStarted` alone. */
    readonly authenticated: boolean;
    /** When the request came, in milliseconds since 1970. */
    readonly received: number;
}

/** What is known about the whole log. */
export interface LogFacts {
    /** The time of the log's first and of its newest event, in milliseconds since 1970. */
    readonly from: number;
    readonly to: number;
    /** The stages that the policy with which it was recorded omits of the request, where that policy is known. */
    readonly omitted?: readonly Stage[] | undefined;
}

/**
 * So long after the log's beginning and before its end, in milliseconds, an event that is not there was not cut off:
 * longer than the API server lets a request run that is not a long-running one.
 */
export const margin = 90_000;

/**
 * Says of every stage that the log does not have whether it took place while the log was written, so that another policy
 * would have recorded it.
 *
 * Where the recording policy is known, an absent stage that it does not omit was lost or lies outside of the log, and no
 * policy brings it back. Where it is not known, that is decided by the distance from the log's beginning and end.
 */
export function unseenStages(request: SeenStages, log: LogFacts): { stage: Stage; certainty: Certainty }[] {
    return stages
        .filter((stage) => !request.seen.has(stage))
        .map((stage) => ({ stage, certainty: weigh(stage, request, log) }))
        .filter(({ certainty }) => certainty !== "no");
}

function weigh(stage: Stage, request: SeenStages, log: LogFacts): Certainty {
    const { seen, longRunning, authenticated, received } = request;
    const omits = (one: Stage) => log.omitted === undefined || log.omitted.includes(one);
    if (!authenticated || !omits(stage)) {
        return "no";
    }
    const afterStart = log.omitted !== undefined || seen.has("RequestReceived") || received > log.from + margin;
    switch (stage) {
        case "RequestReceived":
            return afterStart ? "happened" : "possible";
        case "ResponseStarted":
            if (!longRunning) {
                return "no";
            }
            return afterStart && seen.has("ResponseComplete") ? "happened" : "possible";
        case "ResponseComplete":
            if (seen.has("Panic")) {
                return "no";
            }
            // A panic that was not omitted would be there.
            return !omits("Panic") && !longRunning && received < log.to - margin ? "happened" : "possible";
        case "Panic":
            return seen.has("ResponseComplete") ? "no" : "possible";
    }
}
