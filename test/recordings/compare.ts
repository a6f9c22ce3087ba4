import { join } from "node:path";
import { readQuery } from "../../cli/queryOptions";
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

/** Events of one kind: `level stage verb resource`. */
type Counts = Map<string, { min: number; max: number }>;

/**
 * Replays a recording with another policy, and compares with what an API server wrote of the same requests with that policy in
 * force. Of the requests in both recordings; those of the controllers come as they like.
 */
export async function check(directory: string): Promise<boolean> {
    const [a, b] = ["a", "b"].map((name) => new RecordingDirectory(join(directory, name))) as [
        RecordingDirectory,
        RecordingDirectory,
    ];
    const report = new Report();
    const again = new Map(b.readRequests().map((request) => [request.auditID, request]));
    const sent = a.readRequests().filter(({ auditID }) => again.has(auditID));
    report.sameLists("requests and their answers", sent.map(inWords), [...again.values()].map(inWords));

    const recordedWith = readPolicy(a.policy);
    const policy = readPolicy(b.policy);
    const unrecorded = new Set(
        sent.filter((one) => decide(one, recordedWith).level === "None").map((one) => one.auditID),
    );
    const predicted = await predict(a, { policy, recordedWith, sent });
    const written = await count(b, sent, unrecorded);
    let exact = 0;
    for (const kind of [...new Set([...predicted.keys(), ...written.known.keys()])].sort()) {
        const { min, max } = predicted.get(kind) ?? none;
        const { min: found } = written.known.get(kind) ?? none;
        exact += min === max ? 1 : 0;
        report.within(kind, found, min, max);
    }
    report.note(`${exact} of ${predicted.size} kinds are predicted exactly`);
    report.note(`${unrecorded.size} requests were not recorded the first time; their events the second time:`);
    written.unknown.forEach(({ min }, kind) => {
        report.note(`${kind}: ${min}`);
    });
    return report.finish();
}

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
async function predict(recording: RecordingDirectory, { policy, recordedWith, sent }: Prediction): Promise<Counts> {
    const ids = new Set(sent.map(({ auditID }) => auditID));
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
    const counts: Counts = new Map();
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

function kindOf({ verb, objectRef }: Pick<AuditEvent, "verb" | "objectRef">): string {
    const { apiGroup, resource = "", subresource } = objectRef ?? {};
    const name = [resource, apiGroup].filter(Boolean).join(".") || "no resource";
    return `${verb} ${name}${subresource === undefined ? "" : `/${subresource}`}`;
}

/** What the API server has written of the requests. */
async function count(
    recording: RecordingDirectory,
    sent: readonly SentRequest[],
    unrecorded: ReadonlySet<string>,
): Promise<{ known: Counts; unknown: Counts }> {
    const ids = new Set(sent.map(({ auditID }) => auditID));
    const counts = { known: new Map() as Counts, unknown: new Map() as Counts };
    const paths = recording.files().map(({ path }) => path);
    for await (const answer of jq("{auditID, level, stage, verb, objectRef}", paths)) {
        const { auditID, level, stage, verb, objectRef } = answer as AuditEvent & {
            objectRef: AuditEvent["objectRef"] | null;
        };
        if (ids.has(auditID)) {
            const list = unrecorded.has(auditID) ? counts.unknown : counts.known;
            const kind = `${level} ${stage} ${kindOf({ verb, ...(objectRef && { objectRef }) })}`;
            const found = (list.get(kind)?.min ?? 0) + 1;
            list.set(kind, { min: found, max: found });
        }
    }
    return counts;
}
