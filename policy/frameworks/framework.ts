import type { KubernetesMinor } from "../kubernetes";
import type { Policy } from "../types";

/** What is judged: a policy and the kube-apiserver's flags. */
export interface Audited {
    /** A valid policy. Without it, what depends on its content is left to a person. */
    policy?: Policy | undefined;
    /** The flags on the kube-apiserver's command line, without their dashes: `{ "audit-log-maxage": "30" }`. */
    flags: Readonly<Record<string, string>>;
}

/** Whether what a control demands is so. `manual`: a person has to look; `not-applicable`: there is nothing to demand. */
export type VerdictResult = "pass" | "fail" | "not-applicable" | "manual";

/** How a control came out, and why. */
export interface Judgement {
    result: VerdictResult;
    reason: string;
}

/** One demand of a framework. */
export interface Control {
    /** The framework's own identifier. */
    id: string;
    /** What it demands, in our words. */
    title: string;
    judge(audited: Audited, kubernetes: KubernetesMinor): Judgement;
}

/** A benchmark, a guide, or a program that checks. */
export interface Framework {
    name: string;
    controls: readonly Control[];
}

export function pass(reason: string): Judgement {
    return { result: "pass", reason };
}

export function fail(reason: string): Judgement {
    return { result: "fail", reason };
}

/** Judges a policy's content, where there is one. */
export function aboutPolicy(
    judge: (policy: Policy, kubernetes: KubernetesMinor) => Judgement,
): (audited: Audited, kubernetes: KubernetesMinor) => Judgement {
    return ({ policy, flags }, kubernetes) => {
        if (policy) {
            return judge(policy, kubernetes);
        }
        return flags["audit-policy-file"]
            ? { result: "manual", reason: "The policy was not given: its content decides." }
            : fail("There is no policy: --audit-policy-file is not set, and nothing is recorded.");
    };
}
