import { onlyRule, rulesBetween } from "../classes/dimension";
import { narrow, RequestSpace, type Condition } from "../classes/space";
import type { Attributes } from "../evaluate";
import { newestMinor, type KubernetesMinor } from "../kubernetes";
import type { Policy } from "../types";

/** What the groups of lint rules work with. */
export interface LintContext {
    policy: Policy;
    /** The API server's version; absent: any. */
    kubernetes: KubernetesMinor | undefined;
    /** All requests, as the rules and after them {@link probes} tell them apart. */
    space: RequestSpace;
    /** Whether bodies of config maps count as credentials. */
    configMaps: boolean;
}

/** Requests about resources that lint rules ask about. */
export const probes = {
    secretsRequest: writes("", "secrets"),
    secretsResponse: allButWatch("", "secrets"),
    tokensResponse: { verbs: ["create"], resources: [{ group: "", resources: ["serviceaccounts/token"] }] },
    tokenReviewsRequest: {
        verbs: ["create"],
        resources: [{ group: "authentication.k8s.io", resources: ["tokenreviews"] }],
    },
    signingRequest: writes("certificates.k8s.io", "certificatesigningrequests"),
    signingResponse: allButWatch("certificates.k8s.io", "certificatesigningrequests"),
    configMapsRequest: writes("", "configmaps"),
    configMapsResponse: allButWatch("", "configmaps"),
    sessions: {
        verbs: ["create", "get"],
        resources: [{ group: "", resources: ["pods/exec", "pods/attach", "pods/portforward"] }],
    },
    nodeLeases: {
        userGroups: ["system:nodes"],
        verbs: ["update"],
        namespaces: ["kube-node-lease"],
        resources: [{ group: "coordination.k8s.io", resources: ["leases"] }],
    },
} satisfies Record<string, Condition>;

/** The name of one of {@link probes}. */
export type Probe = keyof typeof probes;

function writes(group: string, resource: string): Condition {
    return { verbs: ["create", "update", "patch"], resources: [{ group, resources: [resource] }] };
}

/** A watch has no recorded body. */
function allButWatch(group: string, resource: string): Condition {
    return {
        verbs: ["get", "list", "create", "update", "patch", "delete", "deletecollection"],
        resources: [{ group, resources: [resource] }],
    };
}

/** Prepares a valid policy for linting. */
export function contextOf(policy: Policy, kubernetes: KubernetesMinor | undefined, configMaps: boolean): LintContext {
    const space = new RequestSpace([...policy.rules, ...Object.values<Condition>(probes)], kubernetes ?? newestMinor);
    return { policy, kubernetes, space, configMaps };
}

/** A rule that decides some of the requests asked about, and one of them. */
export interface Deciding {
    index: number;
    example: Attributes;
}

/** The rules that decide some of a probe's requests. */
export function decidingRules({ policy, space }: LintContext, probe: Probe): Deciding[] {
    const asked = onlyRule(policy.rules.length + Object.keys(probes).indexOf(probe));
    const part = narrow(space.resources, asked);
    return [...policy.rules.keys()].flatMap((index) => {
        const point = space.findIn(part, { wanted: onlyRule(index) | asked, unwanted: rulesBetween(0, index) });
        return point ? [{ index, example: space.exampleOf(point) }] : [];
    });
}

/** Whether any request reaches a rule. */
export function isReached({ space }: LintContext, index: number): boolean {
    return space.find({ wanted: onlyRule(index), unwanted: rulesBetween(0, index) }) !== undefined;
}
