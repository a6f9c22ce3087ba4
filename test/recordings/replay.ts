import { createReadStream, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { checkPolicy } from "../../policy/check";
import { compilePolicy } from "../../policy/compile";
import { newestMinor } from "../../policy/kubernetes";
import type { Policy } from "../../policy/types";
import { resolveRequest } from "../../policy/requestInfo";
import type { AuditEvent } from "../../events/event";
import { lineSize } from "../../events/lineSize";
import { findSources } from "../../events/sources";
import type { Simulation } from "../../events/simulate";
import { isLongRunning } from "../../events/longRunning";
import { kubeAudit } from "./command";
import { IDENTITIES, type Identity } from "./identities";
import { jq } from "./jq";
import { RecordingDirectory, type SentRequest } from "./recording";
import { Report } from "./report";

/** Replays a recording with the policy that recorded it. */
export async function check(directory: string): Promise<boolean> {
    const recording = new RecordingDirectory(join(directory, "a"));
    const report = new Report();
    const found = await findEvents(recording);
    const simulation = (await kubeAudit([
        ...["simulate", recording.log, "--policy", recording.policy, "--recorded-with", recording.policy],
    ])) as Simulation;

    // A patch is recorded as it was sent, in a spelling that Go and JavaScript may not have.
    const respelt = await respelledBytes(recording.log);
    const bytes = recording.files().reduce((sum, file) => sum + file.bytes, 0) - (respelt.get("patch") ?? 0);
    report.same("verbs of events that JavaScript writes otherwise", [...respelt.keys()], ["patch"]);
    report.note(`by ${respelt.get("patch") ?? 0} bytes of ${bytes}`);
    const { policy, log, recording: levels } = simulation;
    report.same("events that the replay reads", log.events, found.events);
    report.same("events of the replay", policy.total.events, exactly(found.events));
    report.same("bytes that the replay reads", log.bytes, bytes);
    report.same("bytes of the replay", policy.total.bytes, exactly(bytes));
    report.same("events of another level", levels?.otherwise, 0);
    for (const [level, { events }] of Object.entries(policy.levels)) {
        report.same(`events of the level ${level}`, events, exactly(found.levels.get(level) ?? 0));
    }
    const [before, after] = recording.readFacts().counted;
    report.within("events that the API server counts", found.events, before.events, after.events);
    report.same("errors that the API server counts", after.errors, 0);

    const sent = recording.readRequests();
    const inForce = readPolicy(recording.policy);
    const expected = sent.flatMap((request) => eventsOf(request, inForce));
    report.sameLists("events of the driven requests", found.driven, expected);
    return report.finish();
}

/** By verb, how much shorter the events are as JavaScript writes them. */
async function respelledBytes(log: string): Promise<Map<string, number>> {
    const bytes = new Map<string, number>();
    for (const { files } of findSources([log])) {
        for (const file of files) {
            for await (const line of createInterface({ input: createReadStream(file) })) {
                const event = JSON.parse(line) as AuditEvent;
                const shorter = Buffer.byteLength(line) + 1 - lineSize(event);
                if (shorter !== 0) {
                    bytes.set(event.verb, (bytes.get(event.verb) ?? 0) + shorter);
                }
            }
        }
    }
    return bytes;
}

const exactly = (value: number) => ({ min: value, max: value });

export function readPolicy(path: string): Policy {
    return checkPolicy(readFileSync(path)).policy!;
}

interface Found {
    readonly events: number;
    readonly levels: ReadonlyMap<string, number>;
    /** `auditID stage level` of the driven requests. */
    readonly driven: string[];
}

async function findEvents(recording: RecordingDirectory): Promise<Found> {
    const levels = new Map<string, number>();
    const driven: string[] = [];
    let events = 0;
    const paths = recording.files().map(({ path }) => path);
    for await (const event of jq("[.auditID, .stage, .level]", paths)) {
        const [auditID, stage, level] = event as [string, string, string];
        events++;
        levels.set(level, (levels.get(level) ?? 0) + 1);
        if (auditID.startsWith("driven-")) {
            driven.push(`${auditID} ${stage} ${level}`);
        }
    }
    return { events, levels, driven };
}

/** The events that the API server has to write of a request, from what was sent alone. */
export function eventsOf(request: SentRequest, policy: Policy): string[] {
    const { level, omitStages } = decide(request, policy);
    return level === "None"
        ? []
        : stagesOf(request)
              .filter((stage) => !omitStages.includes(stage))
              .map((stage) => `${request.auditID} ${stage} ${level}`);
}

export function decide(request: SentRequest, policy: Policy) {
    return compiled(policy)(attributes(request));
}

const decisions = new WeakMap<Policy, ReturnType<typeof compilePolicy>>();

function compiled(policy: Policy): ReturnType<typeof compilePolicy> {
    const decide = decisions.get(policy) ?? compilePolicy(policy, newestMinor);
    decisions.set(policy, decide);
    return decide;
}

function attributes({ as, method, path }: SentRequest) {
    return resolveRequest({ method, url: path, ...IDENTITIES[as as Identity] });
}

function stagesOf(request: SentRequest) {
    const asked = attributes(request);
    if (asked.user === undefined) {
        return ["ResponseStarted"] as const;
    }
    return isLongRunning(asked)
        ? (["RequestReceived", "ResponseStarted", "ResponseComplete"] as const)
        : (["RequestReceived", "ResponseComplete"] as const);
}
