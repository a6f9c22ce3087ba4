import type { Attributes, Decision } from "../policy/evaluate";
import { levels, type Stage } from "../policy/types";
import { describeEffect } from "../policy/words";
import type { AuditEvent } from "./event";
import { HeavyHitters } from "./heavyHitters";
import { isLongRunning } from "./longRunning";
import { describeResource } from "./describe";

/** What becomes of a request's record: nothing of it is left, less, more, or there was nothing before. */
export type Change = "lost" | "less" | "more" | "gained";

/** The changes in the order in which they matter. */
export const changes: readonly Change[] = ["lost", "less", "more", "gained"];

/** Requests that change in the same way. */
export interface ChangedRequests {
    readonly change: Change;
    /** What was recorded and what is, such as `Request` and `Metadata without RequestReceived`. */
    readonly before: string;
    readonly after: string;
    readonly verb: string;
    readonly resource: string;
    readonly requests: number;
    /** So many of the requests may be others; 0 unless there were too many kinds to count them all. */
    readonly surplus: number;
    readonly example: ChangedExample;
}

/** One of the requests, to be looked up in the log. */
export interface ChangedExample {
    readonly auditID: string;
    readonly user: string;
    readonly requestURI: string;
    readonly requestReceivedTimestamp: string;
}

/** How what a policy records differs from what another one does. */
export interface Comparison {
    /** Requests by what becomes of them. */
    readonly requests: Readonly<Record<Change | "same", number>>;
    /** The kinds of requests that change, those that lose first, and within that the most frequent first. */
    readonly changed: readonly ChangedRequests[];
}

type Kind = Omit<ChangedRequests, "requests" | "surplus">;

/** So many kinds of changed requests are counted exactly, for each change. */
const kinds = 2_000;

/** Adds up how the recording of requests changes from one policy to another. */
export class PolicyComparison {
    private readonly requests: Record<Change | "same", number> = { lost: 0, less: 0, more: 0, gained: 0, same: 0 };
    private readonly changed = new Map(changes.map((change) => [change, new HeavyHitters<Kind>(kinds)]));

    add(event: AuditEvent, attributes: Attributes, old: Decision, now: Decision): void {
        const change = changeOf(attributes, old, now);
        this.requests[change]++;
        if (change === "same") {
            return;
        }
        const { auditID, requestURI, requestReceivedTimestamp, verb } = event;
        const [before, after, resource] = [describeEffect(old), describeEffect(now), describeResource(event)];
        const example = { auditID, user: attributes.user ?? "", requestURI, requestReceivedTimestamp };
        const kind = { change, before, after, verb, resource, example };
        this.changed.get(change)!.add(JSON.stringify([before, after, verb, resource]), kind, 1);
    }

    /** @param count - how many kinds are told, of each change */
    result(count: number): Comparison {
        const changed = [...this.changed.values()].flatMap((kinds) =>
            kinds.top(count).map(({ key, value, surplus }) => ({ ...key, requests: value, surplus })),
        );
        return { requests: { ...this.requests }, changed };
    }
}

/** What a change of policies does to the record of one request. */
export function changeOf(attributes: Attributes, old: Decision, now: Decision): Change | "same" {
    const [before, after] = [stagesRecorded(attributes, old), stagesRecorded(attributes, now)];
    if (before === 0 || after === 0) {
        return before === after ? "same" : before === 0 ? "gained" : "lost";
    }
    const detail = (decision: Decision) => (decision.omitManagedFields ? 0 : 1);
    const bodies = attributes.isResource && levels.indexOf(now.level) > levels.indexOf("Metadata");
    const difference =
        levels.indexOf(now.level) - levels.indexOf(old.level) ||
        after - before ||
        (bodies ? detail(now) - detail(old) : 0);
    return difference === 0 ? "same" : difference < 0 ? "less" : "more";
}

function stagesRecorded(attributes: Attributes, { level, omitStages }: Decision): number {
    return level === "None" ? 0 : usualStages(attributes).filter((stage) => !omitStages.includes(stage)).length;
}

/** The stages of a request that ends without a panic. */
function usualStages(attributes: Attributes): Stage[] {
    if (attributes.user === undefined) {
        return ["ResponseStarted"];
    }
    return isLongRunning(attributes)
        ? ["RequestReceived", "ResponseStarted", "ResponseComplete"]
        : ["RequestReceived", "ResponseComplete"];
}
