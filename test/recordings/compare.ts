import { join } from "node:path";
import { readQuery } from "../../cli/queryOptions";
import type { Bounds } from "../../events/bounds";
import type { AuditEvent } from "../../events/event";
import { selectionOf } from "../../events/query/query";
import { readEvents } from "../../events/readEvents";
import { Replay } from "../../events/simulate";
import { findSources } from "../../events/sources";
import { stages, type Policy, type Stage } from "../../policy/types";
import { jq } from "./jq";
import { RecordingDirectory, type SentRequest } from "./recording";
import { decide, readPolicy } from "./replay";
import { Report } from "./report";

/** What was foretold of one kind of events, and what was written. */
export interface KindCompared {
    /** `level stage verb resource`. */
    readonly kind: string;
    readonly foretold: Bounds;
    readonly written: number;
}

/** What becomes of the requests that two recordings have in common. */
export interface PoliciesCompared {
    readonly kinds: readonly KindCompared[];
    /** Events of requests of which the first recording has nothing, by kind; nothing could be foretold of them. */
    readonly unrecorded: ReadonlyMap<string, number>;
}

/** Compares what {@link comparePolicies} compares, and whether the requests were answered alike. */
export async function check(directory: string): Promise<boolean> {
    const [a, b] = ["a", "b"].map((name) => new RecordingDirectory(join(directory, name)));
    const report = new Report();
    const sent = sentTwice(a!, b!);
    report.sameLists("requests and their answers", sent.map(inWords), b!.readRequests().map(inWords));
    const { kinds, unrecorded } = await comparePolicies(a!, b!);
    for (const { kind, foretold, written } of kinds) {
        report.within(kind, written, foretold.min, foretold.max);
    }
    const exact = kinds.filter(({ foretold: { min, max } }) => min === max);
    report.note(`${exact.length} of ${kinds.length} kinds of events were foretold exactly`);
    unrecorded.forEach((number, kind) => {
        report.note(`of requests that were not recorded the first time: ${kind}: ${number}`);
    });
    return report.finish();
}

/**
 * Replays a recording with another policy, and compares with what an API server wrote of the same requests with that policy in
 * force. Of the driven requests; those of the controllers come as they like.
 */
export async function comparePolicies(a: RecordingDirectory, b: RecordingDirectory): Promise<PoliciesCompared> {
    const sent = sentTwice(a, b);
    const recordedWith = readPolicy(a.policy);
    const without = new Set(sent.filter((one) => decide(one, recordedWith).level === "None").map(auditID));
    const predicted = await predict(a, { policy: readPolicy(b.policy), recordedWith, sent });
    const { known, unrecorded } = await count(b, sent, without);
    const kinds = [...new Set([...predicted.keys(), ...known.keys()])]
        .sort()
        .map((kind) => ({ kind, foretold: predicted.get(kind) ?? none, written: known.get(kind) ?? 0 }));
    return { kinds, unrecorded };
}

function sentTwice(a: RecordingDirectory, b: RecordingDirectory): SentRequest[] {
    const again = new Set(b.readRequests().map(auditID));
    return a.readRequests().filter((request) => again.has(request.auditID));
}

const auditID = (request: SentRequest) => request.auditID;

const none = { min: 0, max: 0 };

function inWords({ auditID, as, method, path, status }: SentRequest): string {
    return `${auditID} ${method} ${path} by ${as}: ${status}`;
}

interface Prediction {
    readonly policy: Policy;
    readonly recordedWith: Policy;
    readonly sent: readonly SentRequest[];
}

/** A replay for each verb and resource, with each stage alone. */
async function predict(
    recording: RecordingDirectory,
    { policy, recordedWith, sent }: Prediction,
): Promise<Map<string, Bounds>> {
    const ids = new Set(sent.map(auditID));
    const replays = new Map<string, Replay>();
    const replayOf = (kind: string, stage: Stage) => {
        const key = `${stage} ${kind}`;
        const replay = replays.get(key) ?? new Replay({ policy: onlyStage(policy, stage), recordedWith });
        replays.set(key, replay);
        return replay;
    };
    const selection = selectionOf(readQuery({ "audit-id": ["driven-*"] }), "whole");
    const onDamage = ({ reason }: { reason: string }) => {
        throw new Error(reason);
    };
    for await (const { event } of readEvents(findSources([recording.log]), { selection, onDamage })) {
        if (ids.has(event.auditID)) {
            stages.forEach((stage) => {
                replayOf(kindOf(event), stage).add(event);
            });
        }
    }
    const counts = new Map<string, Bounds>();
    for (const [key, replay] of replays) {
        for (const [level, { events }] of Object.entries(replay.result(0).policy.levels)) {
            if (events.max > 0) {
                counts.set(`${level} ${key}`, events);
            }
        }
    }
    return counts;
}

function onlyStage(policy: Policy, stage: Stage): Policy {
    return { ...policy, omitStages: [...(policy.omitStages ?? []), ...stages.filter((other) => other !== stage)] };
}

/** @param event - jq has `null` for an `objectRef` that is not there */
function kindOf({ verb, objectRef }: Pick<AuditEvent, "verb" | "objectRef">): string {
    const { apiGroup, resource = "", subresource } = objectRef ?? {};
    const name = [resource, apiGroup].filter(Boolean).join(".") || "no resource";
    return `${verb} ${name}${subresource === undefined ? "" : `/${subresource}`}`;
}

/** What the API server has written of the requests; apart, what it has written of those that were not recorded before. */
async function count(
    recording: RecordingDirectory,
    sent: readonly SentRequest[],
    without: ReadonlySet<string>,
): Promise<{ known: Map<string, number>; unrecorded: Map<string, number> }> {
    const ids = new Set(sent.map(auditID));
    const counts = { known: new Map<string, number>(), unrecorded: new Map<string, number>() };
    const paths = recording.files().map(({ path }) => path);
    for await (const answer of jq("{auditID, level, stage, verb, objectRef}", paths)) {
        const event = answer as AuditEvent;
        if (ids.has(event.auditID)) {
            const list = without.has(event.auditID) ? counts.unrecorded : counts.known;
            const kind = `${event.level} ${event.stage} ${kindOf(event)}`;
            list.set(kind, (list.get(kind) ?? 0) + 1);
        }
    }
    return counts;
}
