import type { Finding, Remark } from "./finding";
import { anyGroupSince, type KubernetesMinor } from "./kubernetes";
import { suggest } from "./suggest";
import { levels, stages } from "./types";
import type { UnvalidatedPolicy, Violation } from "./validate";

/** Puts advice to a violation of the validator's rules. One that only some versions see is a warning. */
export function explainViolation(
    violation: Violation & Pick<Finding, "kubernetes">,
    policy: UnvalidatedPolicy,
    kubernetes: KubernetesMinor | undefined,
): Remark {
    const advice = adviceFor(violation, policy, kubernetes);
    return { severity: violation.kubernetes ? "warning" : "error", ...violation, ...advice };
}

function adviceFor(
    { code, path }: Violation,
    policy: UnvalidatedPolicy,
    kubernetes: KubernetesMinor | undefined,
): Pick<Remark, "reason" | "fix"> {
    switch (code) {
        case "level-required":
            return { fix: `Give the rule a level: ${levels.join(", ")}.` };
        case "level-unsupported":
            return oneOf(textAt(path, policy), levels);
        case "stage-unknown":
            return oneOf(textAt(path, policy), stages);
        case "url-without-slash":
            return { fix: 'Write the path with its leading /, such as "/healthz", or "*" for every path.' };
        case "url-wildcard":
            return { fix: "End the path with one *, which also stands for slashes, and use none before it." };
        case "group-name":
            return adviceForGroup(textAt(path, policy), kubernetes);
        case "resource-names-without-resources":
            return { fix: "Say which resources the names are of." };
        case "urls-with-resources":
            return {
                reason: "A request is either about a resource or about another URL, so no request would match both.",
                fix: "Make two rules of it.",
            };
    }
}

function adviceForGroup(group: string, kubernetes: KubernetesMinor | undefined): Pick<Remark, "reason" | "fix"> {
    if (group === "*") {
        const refusing = kubernetes === undefined ? `before that, the API server` : `Kubernetes 1.${kubernetes}`;
        return {
            reason: `group: "*" means every API group from Kubernetes 1.${anyGroupSince} on; ${refusing} refuses it.`,
            fix: "List the groups, or leave resources out to match all of them.",
        };
    }
    const withoutVersion = /^([^/]+)\/v\d\w*$/.exec(group)?.[1];
    if (withoutVersion !== undefined) {
        return { fix: `Write the group without its version: ${withoutVersion}.` };
    }
    return { fix: 'Write an API group such as apps or rbac.authorization.k8s.io, or "" for the core group.' };
}

function oneOf(text: string, known: readonly string[]): Pick<Remark, "fix"> {
    const meant = suggest(text, known);
    return { fix: meant === undefined ? `Use one of ${known.join(", ")}.` : `Did you mean ${meant}?` };
}

/** The text at a path such as `rules[3].resources[0].group`. */
function textAt(path: string, policy: UnvalidatedPolicy): string {
    const steps = path.match(/[^.[\]]+/g) ?? [];
    const found = steps.reduce<unknown>((value, step) => (value as Record<string, unknown>)[step], policy);
    return typeof found === "string" ? found : "";
}
