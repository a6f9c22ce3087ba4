import type { Attributes, Decision } from "../evaluate";
import type { KubernetesMinor } from "../kubernetes";
import type { Policy } from "../types";
import { falcoRules, type FalcoRule } from "./falcoRules";
import { aboutPolicy, fail, pass, type Framework, type Judgement } from "./framework";
import {
    byRule,
    decide,
    inWords,
    isAnonymous,
    isOutsider,
    kindsIn,
    principals,
    requestsOf,
    type Principal,
} from "./requestClass";

/** The rules that Falco's plugin `k8saudit` brings. One fails when it is blind to a request that it is about. */
export function falco(): Framework {
    return {
        name: "falco",
        controls: [
            ...falcoRules().map((rule) => ({
                id: rule.name,
                title: rule.title,
                judge: aboutPolicy((policy, kubernetes) => seesEverything(rule, policy, kubernetes)),
            })),
            {
                id: "All K8s Audit Events",
                title: "Every event",
                judge: () => ({
                    result: "not-applicable" as const,
                    reason: "Off until somebody turns it on; it reports whatever the policy records.",
                }),
            },
        ],
    };
}

function seesEverything(rule: FalcoRule, policy: Policy, kubernetes: KubernetesMinor): Judgement {
    const decisions = decide(requestsFor(rule, policy), policy, kubernetes);
    const unseen = decisions.flatMap((decision) => {
        const why = whyUnseen(decision, rule);
        return why ? [{ ...decision, why }] : [];
    });
    const [first] = unseen;
    if (!first) {
        return pass("Sees every request it is about.");
    }
    const blind = unseen.length === decisions.length ? "Blind" : "Blind to some";
    return fail(`${blind}: ${inWords(first.request)} ${first.why} (${byRule(first)}).`);
}

function whyUnseen(
    { level, omitStages }: Decision,
    { readsBody, stage = "ResponseComplete" }: FalcoRule,
): string | undefined {
    if (level === "None") {
        return "is not recorded";
    }
    if (readsBody && level === "Metadata") {
        return "is recorded without its body, which the rule reads";
    }
    const omitted = stage === "any" ? (["ResponseStarted", "ResponseComplete"] as const) : [stage];
    return omitted.every((one) => omitStages.includes(one))
        ? `is recorded without the stage ${omitted.join(" or ")}, for which the rule waits`
        : undefined;
}

function requestsFor({ requests }: FalcoRule, policy: Policy): Attributes[] {
    switch (requests) {
        case "anything by outsiders":
            return anythingBy(isOutsider, policy);
        case "anything by the anonymous":
            return anythingBy(isAnonymous, policy);
        case "anything by administrators":
            return anythingBy(({ user }) => administrators.has(user), policy);
        default:
            return requestsOf(requests, policy);
    }
}

/** Falco's list `full_admin_k8s_users`. */
const administrators = new Set([
    "admin",
    "kubernetes-admin",
    "kubernetes-admin@kubernetes",
    "kubernetes-admin@cluster.local",
    "minikube-user",
]);

const kindsOfEverySort = [
    "pods",
    "pods:log",
    "pods:exec",
    "secrets",
    "configmaps",
    "services",
    "endpoints",
    "events",
    "nodes",
    "namespaces",
    "serviceaccounts",
    "serviceaccounts:token",
    "apps/deployments",
    "batch/jobs",
    "coordination.k8s.io/leases",
    "discovery.k8s.io/endpointslices",
    "events.k8s.io/events",
    "authentication.k8s.io/tokenreviews",
    "rbac.authorization.k8s.io/clusterroles",
    "example.com/examples",
];

const pathsOfEverySort = ["/", "/api", "/api/v1", "/apis/apps/v1", "/openapi/v3", "/version", "/metrics", "/logs/"];

/** Requests of every sort, but for health checks, which two of Falco's rules leave out and nobody wants from the third. */
function anythingBy(who: (principal: Principal) => boolean, policy: Policy): Attributes[] {
    const verbs = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];
    const named = policy.rules
        .flatMap(({ nonResourceURLs = [] }) => nonResourceURLs)
        .map((url) => url.replace(/\*+$/, ""))
        .filter((url) => url !== "" && !/^\/(healthz|livez|readyz)/.test(url));
    const paths = [...new Set([...pathsOfEverySort, ...named])];
    const onPaths = principals(policy)
        .filter(who)
        .flatMap(({ user, groups }) =>
            paths.flatMap((path) => ["get", "post"].map((verb) => ({ user, groups, verb, path, isResource: false }))),
        );
    const kinds = [...new Set([...kindsOfEverySort, ...kindsIn(policy)])];
    return [...requestsOf({ verbs, kinds, who }, policy), ...onPaths];
}
