import { compilePolicy } from "../policy/compile";
import type { Attributes, Decision } from "../policy/evaluate";
import type { KubernetesMinor } from "../policy/kubernetes";
import { levels, type Level, type Policy } from "../policy/types";
import { exactly, plus, type Bounds } from "./bounds";
import { HeavyHitters } from "./heavyHitters";
import { describeRule } from "./ruleWords";

/** How much of a log is due to some requests. */
export interface Volume {
    readonly requests: number;
    readonly events: Bounds;
    readonly bytes: Bounds;
    /** So many events have a body, or fields of one, that the log does not have; `bytes` has them without it. */
    readonly eventsOfUnknownSize: number;
}

/** What one rule decides. */
export interface RuleVolume extends Volume {
    /** Its index; `null` for the requests that no rule matches. */
    readonly rule: number | null;
    readonly level: Level;
    /** The rule in words. */
    readonly description: string;
}

/** Requests of one user with one verb about one resource. */
export interface Contributor {
    /** Empty where the authentication failed. */
    readonly user: string;
    readonly verb: string;
    /** Such as `deployments.apps/scale`; a path where the request is about no resource. */
    readonly resource: string;
}

/** A contributor's share of the bytes: of what is known of them. */
export interface ContributorVolume extends Contributor {
    readonly bytes: number;
    /** So many of the bytes may be others'; 0 unless there were too many contributors to count them all. */
    readonly surplus: number;
}

/** What a policy would have recorded. */
export interface PolicyVolumes {
    readonly total: Volume;
    /** By the level that the policy gives; `None` has requests without events. */
    readonly levels: Readonly<Record<Level, Volume>>;
    /** In the policy's order, then the requests that no rule matches, if there were any. */
    readonly rules: readonly RuleVolume[];
    /** The indices of the rules that decided about no request. */
    readonly unusedRules: readonly number[];
    /** Those with the most bytes. */
    readonly top: readonly ContributorVolume[];
}

/** So many contributors are counted exactly. */
const contributors = 20_000;

/** Adds up what a policy records. */
export class PolicyVolume {
    /** What the policy says about a request. */
    readonly decide: (attributes: Attributes) => Decision;
    private readonly rules: VolumeSum[];
    private readonly top = new HeavyHitters<Contributor>(contributors);

    constructor(
        private readonly policy: Policy,
        version: KubernetesMinor,
    ) {
        this.decide = compilePolicy(policy, version);
        this.rules = [...policy.rules, undefined].map(() => new VolumeSum());
    }

    addRequest({ rule }: Decision): void {
        this.sumOf(rule).requests++;
    }

    /** @param events - 1, or from 0 to 1 where nobody knows whether there was such an event */
    addEvents({ rule }: Decision, by: Contributor, events: Bounds, bytes: Bounds): void {
        this.sumOf(rule).add(events, bytes);
        this.top.add(JSON.stringify([by.user, by.verb, by.resource]), by, bytes.min);
    }

    /** @param count - how many contributors are named */
    result(count: number): PolicyVolumes {
        const { rules } = this.policy;
        const named = this.rules.map((sum, index): RuleVolume => {
            const rule = rules[index];
            const description = rule ? describeRule(rule) : "None: no rule matches";
            return { rule: rule ? index : null, level: rule?.level ?? "None", description, ...sum.volume() };
        });
        const ofLevel = (level: Level) => sumOf(named.filter((one) => one.level === level));
        return {
            total: sumOf(named),
            levels: Object.fromEntries(levels.map((level) => [level, ofLevel(level)])) as Record<Level, Volume>,
            rules: named.filter(({ rule, requests }) => rule !== null || requests > 0),
            unusedRules: named.flatMap(({ rule, requests }) => (rule !== null && requests === 0 ? [rule] : [])),
            top: this.top.top(count).map(({ key, value, surplus }) => ({ ...key, bytes: value, surplus })),
        };
    }

    private sumOf(rule: number | undefined): VolumeSum {
        return this.rules[rule ?? this.rules.length - 1]!;
    }
}

class VolumeSum {
    requests = 0;
    private events = exactly(0);
    private bytes = exactly(0);
    private eventsOfUnknownSize = 0;

    add(events: Bounds, bytes: Bounds): void {
        this.events = plus(this.events, events);
        this.bytes = plus(this.bytes, bytes);
        this.eventsOfUnknownSize += bytes.max === Infinity ? 1 : 0;
    }

    volume(): Volume {
        const { requests, events, bytes, eventsOfUnknownSize } = this;
        return { requests, events, bytes, eventsOfUnknownSize };
    }
}

function sumOf(volumes: readonly Volume[]): Volume {
    return volumes.reduce<Volume>(
        (sum, { requests, events, bytes, eventsOfUnknownSize }) => ({
            requests: sum.requests + requests,
            events: plus(sum.events, events),
            bytes: plus(sum.bytes, bytes),
            eventsOfUnknownSize: sum.eventsOfUnknownSize + eventsOfUnknownSize,
        }),
        { requests: 0, events: exactly(0), bytes: exactly(0), eventsOfUnknownSize: 0 },
    );
}
