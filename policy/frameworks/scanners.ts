import type { Level, Policy, PolicyRule } from "../types";
import { isAtLeast, isSet } from "./flags";
import { aboutPolicy, fail, pass, type Audited, type Framework, type Judgement } from "./framework";

/** Source: aquasecurity/trivy-checks, `checks/kubernetes/audit_log_*.rego`: the flag's value is not looked at. */
export function trivy(): Framework {
    return {
        name: "trivy",
        controls: [
            { id: "KCV-0019", title: "The audit log has a path", judge: isThere("audit-log-path") },
            { id: "KCV-0020", title: "The age of rotated logs is said", judge: isThere("audit-log-maxage") },
            { id: "KCV-0021", title: "The number of rotated logs is said", judge: isThere("audit-log-maxbackup") },
            { id: "KCV-0022", title: "The size of a log is said", judge: isThere("audit-log-maxsize") },
        ],
    };
}

function isThere(name: string): (audited: Audited) => Judgement {
    return ({ flags }) =>
        flags[name] === undefined
            ? fail(`--${name} is not set.`)
            : pass(`--${name}=${flags[name]}; the check does not look at the value.`);
}

/** Source: bridgecrewio/checkov, `checkov/kubernetes/checks/resource/k8s/ApiServerAuditLog*.py`. */
export function checkov(): Framework {
    return {
        name: "checkov",
        controls: [
            { id: "CKV_K8S_91", title: "The audit log has a path", judge: isSet("audit-log-path") },
            { id: "CKV_K8S_92", title: "Rotated logs are kept for 30 days", judge: isAtLeast("audit-log-maxage", 30) },
            { id: "CKV_K8S_93", title: "10 rotated logs are kept", judge: isAtLeast("audit-log-maxbackup", 10) },
            {
                id: "CKV_K8S_94",
                title: "A log is rotated at 100 MB, not earlier",
                judge: isAtLeast("audit-log-maxsize", 100),
            },
        ],
    };
}

/** Source: kubescape/regolibrary, `controls/C-*.json` and the `raw.rego` of the rules they name. */
export function kubescape(): Framework {
    return {
        name: "kubescape",
        controls: [
            { id: "C-0067", title: "Audit logging is on", judge: isSet("audit-policy-file") },
            { id: "C-0130", title: "The audit log has a path", judge: isSet("audit-log-path") },
            { id: "C-0131", title: "Rotated logs are kept for 30 days", judge: isAtLeast("audit-log-maxage", 30) },
            { id: "C-0132", title: "10 rotated logs are kept", judge: isAtLeast("audit-log-maxbackup", 10) },
            {
                id: "C-0133",
                title: "A log is rotated at 100 MB, not earlier",
                judge: isAtLeast("audit-log-maxsize", 100),
            },
            { id: "C-0160", title: "There is an audit policy", judge: isSet("audit-policy-file") },
            {
                id: "C-0161",
                title: "Nine kinds are named in rules, all of a fitting level",
                judge: aboutPolicy((policy) => namesKinds(policy, kubescapeKinds, "every")),
            },
        ],
    };
}

/** Source: Checkmarx/kics, `assets/queries/k8s/audit_*`, `metadata.json` and `query.rego`. */
export function kics(): Framework {
    return {
        name: "kics",
        controls: [
            {
                id: "73e251f0-363d-4e53-86e2-0a93592437eb",
                title: "The audit log has a path",
                judge: isSet("audit-log-path"),
            },
            {
                id: "da9f3aa8-fbfb-472f-b5a1-576127944218",
                title: "Rotated logs are kept for 30 days",
                judge: isAtLeast("audit-log-maxage", 30),
            },
            {
                id: "768aab52-2504-4a2f-a3e3-329d5a679848",
                title: "10 rotated logs are kept",
                judge: isAtLeast("audit-log-maxbackup", 10),
            },
            {
                id: "35c0a471-f7c8-4993-aa2c-503a3c712a66",
                title: "A log is rotated at 100 MB, not earlier",
                judge: isAtLeast("audit-log-maxsize", 100),
            },
            {
                id: "13a49a2e-488e-4309-a7c0-d6b05577a5fb",
                title: "There is an audit policy",
                judge: isSet("audit-policy-file"),
            },
            {
                id: "1828a670-5957-4bc5-9974-47da228f75e2",
                title: "Nine kinds are named in rules, each in one of a fitting level",
                judge: aboutPolicy((policy) => namesKinds(policy, kicsKinds, "some")),
            },
        ],
    };
}

/** The kinds that have to be named, in any group, with the levels that fit. */
type FittingLevels = Readonly<Record<string, readonly Level[]>>;

const recorded: readonly Level[] = ["Metadata", "Request", "RequestResponse"];
const metadata: readonly Level[] = ["Metadata"];

const kubescapeKinds: FittingLevels = {
    secrets: metadata,
    configmaps: metadata,
    tokenreviews: metadata,
    pods: recorded,
    deployments: recorded,
    "pods/exec": recorded,
    "pods/portforward": recorded,
    "pods/proxy": recorded,
    "services/proxy": recorded,
};

const kicsKinds: FittingLevels = { ...kubescapeKinds, pods: metadata, deployments: metadata };

/** Looks for the names alone, as these programs do: not at groups, users, verbs, or which rule comes first. */
function namesKinds(policy: Policy, kinds: FittingLevels, which: "some" | "every"): Judgement {
    for (const [kind, levels] of Object.entries(kinds)) {
        const naming = policy.rules.filter((rule) => names(rule, kind));
        if (naming.length === 0) {
            return fail(`No rule names ${kind}; one that covers it without naming it does not count.`);
        }
        const fits = ({ level }: PolicyRule) => levels.includes(level);
        const unfit = naming.find((rule) => !fits(rule));
        if (unfit && (which === "every" || !naming.some(fits))) {
            return fail(
                `rules[${policy.rules.indexOf(unfit)}] names ${kind} with the level ${unfit.level}, not ${levels.join(" or ")}.`,
            );
        }
    }
    return pass("All nine kinds are named with fitting levels.");
}

function names({ resources = [] }: PolicyRule, kind: string): boolean {
    return resources.some(({ resources: kinds = [] }) => kinds.includes(kind));
}
