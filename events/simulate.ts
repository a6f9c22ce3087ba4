import { compilePolicy } from "../policy/compile";
import type { Attributes, Decision } from "../policy/evaluate";
import { newestMinor, type KubernetesMinor } from "../policy/kubernetes";
import type { Policy, Stage } from "../policy/types";
import { attributesOf } from "./attributes";
import { exactly, type Bounds } from "./bounds";
import { PolicyComparison, type Comparison } from "./comparison";
import type { AuditEvent } from "./event";
import { lineSize } from "./lineSize";
import { isLongRunning } from "./longRunning";
import { PolicyVolume, type Contributor, type PolicyVolumes } from "./policyVolume";
import { receivedSize, sizeAs, sizeOfUnseen, type Recording } from "./recordedAs";
import { unseenStages } from "./requestStages";
import { describeResource } from "./describe";

/** What {@link simulate} can be told. */
export interface SimulateOptions {
    /** The policy to try. Valid. */
    readonly policy: Policy;
    /** The policy to compare it with. Valid. */
    readonly against?: Policy | undefined;
    /**
     * The policy with which the log was recorded. Valid. Default: not known; what the log cut off at its beginning and end
     * then makes the figures bounds.
     */
    readonly recordedWith?: Policy | undefined;
    /** Whose API server. Default: the newest known. */
    readonly kubernetes?: KubernetesMinor | undefined;
    /** How many contributors, and kinds of changed requests of each change, are told. Default 10. */
    readonly top?: number | undefined;
}

/** What another policy would have recorded of the requests in a log. JSON writes a `max` that nobody knows as `null`. */
export interface Simulation {
    /** The time that the log covers; absent where it has no event. */
    readonly window?: { readonly from: string; readonly to: string; readonly seconds: number };
    /** What the log has. */
    readonly log: { readonly requests: number; readonly events: number; readonly bytes: number };
    readonly policy: PolicyVolumes;
    /** The same for the policy that it is compared with. */
    readonly against?: PolicyVolumes;
    readonly comparison?: Comparison;
    /** So many of the log's events have the level that the policy gives with which they are said to be recorded, or not. */
    readonly recording?: { readonly asSaid: number; readonly otherwise: number };
}

/**
 * Replays the requests of a log: says what other policies would have recorded of them.
 *
 * All events of an audit ID are one request. What the log does not have cannot be replayed: requests that were not recorded,
 * and the bodies of those that were recorded without; {@link Bounds} say what follows from that.
 *
 * Memory is bounded, whatever the log's length.
 *
 * @param events - in the order in which they were written; those of several hosts merged by time
 */
export async function simulate(
    events: AsyncIterable<AuditEvent> | Iterable<AuditEvent>,
    options: SimulateOptions,
): Promise<Simulation> {
    const replay = new Replay(options);
    for await (const event of events) {
        replay.add(event);
    }
    return replay.result(options.top ?? 10);
}

/** So many requests can wait for their next event. The oldest is taken for one that has none. */
const mostWaiting = 100_000;

/** A request between its first event and its last. */
interface OpenRequest {
    readonly seen: Set<Stage>;
    readonly received: number;
    readonly longRunning: boolean;
    readonly authenticated: boolean;
    /** The size of its `RequestReceived` at the level `Metadata`. */
    readonly receivedSize: number;
    readonly by: Contributor;
    /** What the policies say, in the order of the accounts. */
    readonly decisions: readonly Decision[];
    readonly recording: Decision | undefined;
}

/** Replays a log event by event; see {@link simulate}. */
export class Replay {
    private readonly accounts: PolicyVolume[];
    private readonly comparison: PolicyComparison | undefined;
    private readonly decideRecording: ((attributes: Attributes) => Decision) | undefined;
    private readonly waiting = new Map<string, OpenRequest>();
    private readonly log = { requests: 0, events: 0, bytes: 0 };
    private readonly recording = { asSaid: 0, otherwise: 0 };
    private from = Infinity;
    private to = -Infinity;

    constructor({ policy, against, recordedWith, kubernetes = newestMinor }: SimulateOptions) {
        this.accounts = [policy, ...(against ? [against] : [])].map((one) => new PolicyVolume(one, kubernetes));
        this.comparison = against && new PolicyComparison();
        this.decideRecording = recordedWith && compilePolicy(recordedWith, kubernetes);
    }

    add(event: AuditEvent): void {
        const time = Date.parse(event.stageTimestamp);
        this.from = Math.min(this.from, time);
        this.to = Math.max(this.to, time);
        const attributes = attributesOf(event);
        const request = this.requestOf(event, attributes);
        request.seen.add(event.stage);
        this.countEvent(event, attributes, request);
        if (event.stage === "ResponseComplete" || event.stage === "Panic" || !request.authenticated) {
            this.close(event.auditID, request);
        }
    }

    result(top: number): Simulation {
        for (const [auditID, request] of this.waiting) {
            this.close(auditID, request);
        }
        const [policy, against] = this.accounts.map((account) => account.result(top));
        const time = (at: number) => new Date(at).toISOString();
        const seconds = (this.to - this.from) / 1000;
        return {
            ...(this.log.events > 0 && { window: { from: time(this.from), to: time(this.to), seconds } }),
            log: this.log,
            policy: policy!,
            ...(against && { against }),
            ...(this.comparison && { comparison: this.comparison.result(top) }),
            ...(this.decideRecording && { recording: this.recording }),
        };
    }

    private requestOf(event: AuditEvent, attributes: Attributes): OpenRequest {
        const waiting = this.waiting.get(event.auditID);
        if (waiting && !waiting.seen.has(event.stage)) {
            return waiting;
        }
        if (waiting) {
            // A client may send the same audit ID again.
            this.close(event.auditID, waiting);
        }
        return this.open(event, attributes);
    }

    private open(event: AuditEvent, attributes: Attributes): OpenRequest {
        const request: OpenRequest = {
            seen: new Set(),
            received: Date.parse(event.requestReceivedTimestamp),
            longRunning: isLongRunning(attributes),
            authenticated: attributes.user !== undefined,
            receivedSize: receivedSize(event, attributes),
            by: { user: attributes.user ?? "", verb: attributes.verb, resource: describeResource(event) },
            decisions: this.accounts.map((account) => account.decide(attributes)),
            recording: this.decideRecording?.(attributes),
        };
        this.log.requests++;
        const [now, old] = request.decisions;
        request.decisions.forEach((decision, index) => {
            this.accounts[index]!.addRequest(decision);
        });
        if (now && old) {
            this.comparison?.add(event, attributes, old, now);
        }
        const [oldest] = this.waiting;
        if (oldest && this.waiting.size >= mostWaiting) {
            this.close(...oldest);
        }
        this.waiting.set(event.auditID, request);
        return request;
    }

    private countEvent(event: AuditEvent, attributes: Attributes, { recording, decisions, by }: OpenRequest): void {
        this.log.events++;
        this.log.bytes += lineSize(event);
        if (recording) {
            this.recording[recording.level === event.level ? "asSaid" : "otherwise"]++;
        }
        const sizes = new Map<string, Bounds>();
        decisions.forEach((decision, index) => {
            if (!records(decision, event.stage)) {
                return;
            }
            const key = `${decision.level} ${decision.omitManagedFields}`;
            const size = sizes.get(key) ?? sizeAs(event, attributes, decision, recording?.omitManagedFields);
            sizes.set(key, size);
            this.accounts[index]!.addEvents(decision, by, exactly(1), size);
        });
    }

    /** Counts the events that the request had and the log does not have. */
    private close(auditID: string, request: OpenRequest): void {
        this.waiting.delete(auditID);
        const { from, to } = this;
        const omitted = request.recording?.level === "None" ? undefined : request.recording?.omitStages;
        for (const { stage, certainty } of unseenStages(request, { from, to, omitted })) {
            request.decisions.forEach((decision, index) => {
                if (records(decision, stage)) {
                    const { min, max } = sizeOfUnseen(request.receivedSize, stage, decision.level);
                    const sure = certainty === "happened";
                    const events = sure ? exactly(1) : { min: 0, max: 1 };
                    this.accounts[index]!.addEvents(decision, request.by, events, { min: sure ? min : 0, max });
                }
            });
        }
    }
}

function records({ level, omitStages }: Recording & Pick<Decision, "omitStages">, stage: Stage): boolean {
    return level !== "None" && !omitStages.includes(stage);
}
