import type { AuditEvent } from "../event";
import type { Depth, Selection } from "../scanner";
import { microseconds } from "../time";
import { compileExpression, deepest, depthOf } from "./evaluate";
import { FIELDS, latency } from "./fields";
import { compileFilter, type Filter } from "./filter";
import { NeedleSearch, needlesOf } from "./needles";
import type { Expression } from "./where";

/** Which events are asked for: those that everything in it holds for. It is data, and can be handed to another thread. */
export interface Query {
    readonly filters?: readonly Filter[];
    /** Only requests that did not succeed: a status of 400 or more, or a panic. */
    readonly failed?: boolean;
    /** Milliseconds from the request to the stage. */
    readonly minLatency?: number;
    readonly maxLatency?: number;
    /** The first moment of the stage, in microseconds since 1970. */
    readonly since?: number;
    /** The moment before which the stage is. */
    readonly until?: number;
    readonly where?: readonly Expression[];
    /** Texts of which each wanted line has one, in the API server's own form, where no filter says it. */
    readonly texts?: readonly string[];
}

type Condition = (event: AuditEvent) => boolean;

/**
 * What to read for a query.
 *
 * @param depth - what is looked at of the events that are found; default: all
 */
export function selectionOf(query: Query, depth?: Depth): Selection {
    const { filters = [], where = [] } = query;
    const conditions = [...cheapConditions(query), ...filters.map(compileFilter), ...where.map(compileExpression)];
    const groups = [query.texts, ...filters.map(needlesOf)].filter((needles) => needles !== undefined);
    if (conditions.length === 0) {
        return { depth };
    }
    return {
        depth,
        matchDepth: deepest([...filters.map(({ field }) => FIELDS[field].depth), ...where.map(depthOf)]),
        matches: (event) => conditions.every((holds) => holds(event)),
        ...(groups.length > 0 && { prefilter: new NeedleSearch(groups) }),
    };
}

function cheapConditions({ failed, minLatency, maxLatency, since, until }: Query): Condition[] {
    const conditions: Condition[] = [];
    if (since !== undefined) {
        conditions.push((event) => microseconds(event.stageTimestamp) >= since);
    }
    if (until !== undefined) {
        conditions.push((event) => microseconds(event.stageTimestamp) < until);
    }
    if (failed === true) {
        conditions.push((event) => (event.responseStatus?.code ?? 0) >= 400 || event.stage === "Panic");
    }
    if (minLatency !== undefined) {
        conditions.push((event) => latency(event) >= minLatency);
    }
    if (maxLatency !== undefined) {
        conditions.push((event) => latency(event) <= maxLatency);
    }
    return conditions;
}
