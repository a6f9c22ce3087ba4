import { describeResource, describeUser } from "../describe";
import { joinStages } from "../joinStages";
import { retentionOfLog, type LogRetention } from "../logRetention";
import { LogMeter } from "../logRate";
import type { LocatedEvent } from "../readEvents";
import type { RotationSettings } from "../retention";
import { Replay, type Simulation } from "../simulate";
import { attributesOf } from "../attributes";
import { compilePolicy } from "../../policy/compile";
import { newestMinor, type KubernetesMinor } from "../../policy/kubernetes";
import type { Policy } from "../../policy/types";
import { ActivityCounter, type Activity } from "./activity";
import { evidenceOf, mostEvidence, type Evidence, type Figure } from "./evidence";
import { Figures } from "./figures";
import { sensitiveActions, type SensitiveAction } from "./sensitive";

/** What {@link collectReport} can be told. */
export interface ReportOptions {
    /** Also report what this policy does with the requests. Valid. Default: no such section. */
    readonly policy?: Policy | undefined;
    /** How the logs are rotated. */
    readonly rotation: RotationSettings;
    /** Whose API server. Default: the newest known. */
    readonly kubernetes?: KubernetesMinor | undefined;
    /** How many rows a list has. Default 10. */
    readonly top?: number | undefined;
}

/** What a report tells. */
export interface Report {
    /** The first and the last event's time, to the millisecond; absent without events. */
    readonly window?: { readonly from: string; readonly to: string; readonly seconds: number };
    readonly events: number;
    /** Requests, each by the last stage that was found. */
    readonly requests: number;
    /** Those with a status from 400 on. */
    readonly failed: number;
    readonly activity: Activity;
    readonly users: readonly Figure[];
    readonly verbs: readonly Figure[];
    readonly resources: readonly Figure[];
    /** By user, verb, resource and status: those that were not let in (401) or refused (403). */
    readonly denials: { readonly total: number; readonly figures: readonly Figure[] };
    readonly sensitive: readonly (Omit<SensitiveAction, "labels"> & {
        readonly total: number;
        readonly figures: readonly Figure[];
    })[];
    readonly policy?: {
        readonly simulation: Simulation;
        readonly evidence: ReadonlyMap<number | null, readonly Evidence[]>;
    };
    readonly logs: readonly (LogRetention & {
        readonly name: string;
        readonly events: number;
        readonly evidence: readonly Evidence[];
    })[];
}

/** Buckets of the plot: few enough for a telephone. */
const mostBuckets = 48;

/** Goes through logs once and collects what a report tells; memory does not depend on their length. */
export async function collectReport(events: AsyncIterable<LocatedEvent>, options: ReportOptions): Promise<Report> {
    const { policy, rotation, kubernetes = newestMinor, top = 10 } = options;
    const logs = new Logs();
    const replay = policy && new Replay({ policy, kubernetes });
    const decide = policy && compilePolicy(policy, kubernetes);
    const ofRules = new Figures();
    const [users, verbs, resources, denials] = [new Figures(), new Figures(), new Figures(), new Figures()];
    const sensitive = sensitiveActions.map((action) => ({ action, figures: new Figures() }));
    const activity = new ActivityCounter();
    let [requests, failed] = [0, 0];
    const each = (located: LocatedEvent) => {
        logs.add(located);
        replay?.add(located.event);
    };
    for await (const { stages } of joinStages(passOn(events, each))) {
        const last = stages.at(-1)!;
        const { event } = last;
        const code = event.responseStatus?.code ?? 0;
        requests++;
        failed += code >= 400 ? 1 : 0;
        activity.add(last);
        users.add([describeUser(event)], last);
        verbs.add([event.verb], last);
        resources.add([describeResource(event)], last);
        if (decide) {
            ofRules.add([String(decide(attributesOf(event)).rule ?? "")], last);
        }
        if (code === 401 || code === 403) {
            denials.add([describeUser(event), event.verb, describeResource(event), String(code)], last);
        }
        for (const { action, figures } of sensitive) {
            const labels = code < 400 ? action.labels(event) : undefined;
            if (labels) {
                figures.add(labels, last);
            }
        }
    }
    const ruleOf = ({ labels: [rule = ""] }: Figure) => (rule === "" ? null : Number(rule));
    const retention = logs.retention(rotation, kubernetes);
    return {
        ...windowOf(retention),
        events: logs.events,
        requests,
        failed,
        activity: activity.result(mostBuckets),
        users: users.top(top),
        verbs: verbs.top(top),
        resources: resources.top(top),
        denials: { total: denials.total, figures: denials.top(top) },
        sensitive: sensitive.map(({ action: { title, reason, columns }, figures }) => ({
            title,
            reason,
            columns,
            total: figures.total,
            figures: figures.top(top),
        })),
        ...(replay && {
            policy: {
                simulation: replay.result(top),
                evidence: new Map(ofRules.top(Infinity).map((figure) => [ruleOf(figure), figure.evidence])),
            },
        }),
        logs: retention,
    };
}

/** Without the bodies, which nobody looks at later: the stages of a request may have to wait for each other. */
async function* passOn(events: AsyncIterable<LocatedEvent>, each: (located: LocatedEvent) => void) {
    for await (const located of events) {
        each(located);
        yield { ...located, event: { ...located.event, requestObject: undefined, responseObject: undefined } };
    }
}

/** From the first event of all logs to the last. */
function windowOf(logs: Report["logs"]): Pick<Report, "window"> {
    const windows = logs.flatMap(({ window }) => window ?? []);
    const [from] = windows.map((one) => one.from).sort();
    const to = windows
        .map((one) => one.to)
        .sort()
        .at(-1);
    return from === undefined || to === undefined
        ? {}
        : { window: { from, to, seconds: (Date.parse(to) - Date.parse(from)) / 1000 } };
}

/** The logs, each with its rate and its first events. */
class Logs {
    private readonly byName = new Map<string, { meter: LogMeter; evidence: Evidence[] }>();
    events = 0;

    add(located: LocatedEvent): void {
        this.events++;
        const { name } = located.source;
        const log = this.byName.get(name) ?? { meter: new LogMeter(), evidence: [] };
        this.byName.set(name, log);
        log.meter.add(located.event);
        if (log.evidence.length < mostEvidence) {
            log.evidence.push(evidenceOf(located));
        }
    }

    retention(settings: RotationSettings, kubernetes: KubernetesMinor): Report["logs"] {
        return [...this.byName].map(([name, { meter, evidence }]) => {
            const rate = meter.result();
            return { name, events: rate.events, evidence, ...retentionOfLog(rate, { settings, kubernetes }) };
        });
    }
}
