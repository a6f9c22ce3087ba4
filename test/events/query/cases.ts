import type { QueryValues } from "../../../cli/queryOptions";

/** A query as its options are given, and what jq says of an event that it finds. */
export type QueryCase = readonly [QueryValues, condition: string];

/** Times that the queries of one log are about. */
export interface Instants {
    /** Of an event in the log's midst. */
    readonly minute: string;
    /** The `stageTimestamp` of a later one. */
    readonly instant: string;
}

/** Twenty minutes after the minute, in milliseconds since 1970: what `20m` is counted back from. */
export function nowOf({ minute }: Instants): number {
    return Date.parse(`${minute}:00Z`) + 20 * 60_000;
}

const latency =
    '((.stageTimestamp[20:26] | tonumber) / 1000 + (.stageTimestamp[0:19] + "Z" | fromdate) * 1000 - ' +
    '(.requestReceivedTimestamp[20:26] | tonumber) / 1000 - (.requestReceivedTimestamp[0:19] + "Z" | fromdate) * 1000)';

/** Every filter of `kube-audit logs`, for a log in which each of them finds something. */
export function queryCases({ minute, instant }: Instants): readonly QueryCase[] {
    const elsewhere = `${new Date(Date.parse(`${minute}:00Z`) + 3600_000).toISOString().slice(0, 19)}+01:00`;
    return [
        [{ verb: ["delete"] }, '.verb == "delete"'],
        [{ verb: ["delete,patch", "create"] }, '.verb | IN("delete", "patch", "create")'],
        [{ verb: ["-get,-update"] }, '.verb != "get" and .verb != "update"'],
        [{ verb: ["delete*"] }, '.verb | startswith("delete")'],
        [{ resource: ["pods"] }, '.objectRef.resource == "pods"'],
        [{ resource: ["-pods"] }, '.objectRef.resource != "pods"'],
        [{ resource: [""] }, ".objectRef.resource == null"],
        [{ "api-group": ["rbac.authorization.k8s.io"] }, '.objectRef.apiGroup == "rbac.authorization.k8s.io"'],
        [{ "api-group": ["core"], resource: ["-"] }, ".objectRef.resource != null and .objectRef.apiGroup == null"],
        [{ subresource: ["exec,log"] }, '.objectRef.subresource | IN("exec", "log")'],
        [
            { namespace: ["prod-namespace"], subresource: [""] },
            '.objectRef.namespace == "prod-namespace" and .objectRef.subresource == null',
        ],
        [{ name: ["webapp-pod"] }, '.objectRef.name == "webapp-pod"'],
        [{ name: ["webapp*"], verb: ["-get"] }, '(.objectRef.name // "" | startswith("webapp")) and .verb != "get"'],
        [{ user: ["jane,ops@example.com"] }, '.user.username | IN("jane", "ops@example.com")'],
        [{ user: ["-system:*"] }, '.user.username // "" | startswith("system:") | not'],
        [{ user: [""] }, ".user.username == null"],
        [{ group: ["developers"] }, '.user.groups // [] | any(. == "developers")'],
        [{ group: ["-system:authenticated"] }, '.user.groups // [] | all(. != "system:authenticated")'],
        [{ "service-account": ["ci/deployer"] }, '.user.username == "system:serviceaccount:ci:deployer"'],
        [
            { "service-account": ["monitoring:*"] },
            '.user.username // "" | startswith("system:serviceaccount:monitoring:")',
        ],
        [{ as: ["admin"] }, '.impersonatedUser.username == "admin"'],
        [{ "user-agent": ["kubectl/*"] }, '.userAgent // "" | startswith("kubectl/")'],
        [{ "user-agent": ["*kubernetes/f3b1f8d*"] }, '.userAgent // "" | contains("kubernetes/f3b1f8d")'],
        [{ "source-ip": ["203.0.113.50"] }, '.sourceIPs | any(. == "203.0.113.50")'],
        [{ "source-ip": ["10.244.0.0/16"] }, '.sourceIPs | any(startswith("10.244."))'],
        [{ "source-ip": ["-10.0.0.0/8"] }, '.sourceIPs | all(startswith("10.") | not)'],
        [{ status: ["403"] }, ".responseStatus.code == 403"],
        [{ status: ["4xx"] }, ".responseStatus.code >= 400 and .responseStatus.code < 500"],
        [{ status: ["-4xx,-101"] }, "(.responseStatus.code // 0) as $c | ($c < 400 or $c >= 500) and $c != 101"],
        [{ status: ["101,400-404"] }, ".responseStatus.code as $c | $c == 101 or ($c >= 400 and $c <= 404)"],
        [{ failed: true }, '.responseStatus.code >= 400 or .stage == "Panic"'],
        [{ decision: ["forbid"] }, '.annotations["authorization.k8s.io/decision"] == "forbid"'],
        [
            { reason: ["*cluster-admin*"] },
            '.annotations["authorization.k8s.io/reason"] // "" | contains("cluster-admin")',
        ],
        [{ stage: ["responsestarted"] }, '.stage == "ResponseStarted"'],
        [{ level: ["Metadata"] }, '.level == "Metadata"'],
        [{ level: ["-metadata"] }, '.level != "Metadata"'],
        [{ "min-latency": ["1s"].join("") }, `${latency} >= 1000`],
        [{ "min-latency": "10ms", "max-latency": "60ms" }, `${latency} >= 10 and ${latency} <= 60`],
        [{ since: minute }, `.stageTimestamp >= "${minute}:00"`],
        [{ since: "20m", until: instant }, `.stageTimestamp >= "${minute}" and .stageTimestamp < "${instant}"`],
        [{ since: elsewhere }, `.stageTimestamp >= "${minute}"`],
        [{ where: ['verb == "delete" && (status >= 200 || !status)'] }, '.verb == "delete"'],
        [
            { where: ['user =~ "^system:" and not resource in ("leases", "secrets")'] },
            '(.user.username // "" | test("^system:")) and (.objectRef.resource | IN("leases", "secrets") | not)',
        ],
        [
            { where: ["requestObject.spec.replicas == 3"] },
            '(.requestObject | type) == "object" and .requestObject.spec.replicas == 3',
        ],
        [
            { where: ['requestObject.subjects.name == "deployer"'] },
            '(.requestObject | type) == "object" and (.requestObject.subjects // [] | any(.name == "deployer"))',
        ],
        [{ where: ['annotations["k8s.io/deprecated"] == "true"'] }, '.annotations["k8s.io/deprecated"] == "true"'],
        [
            { where: ['sourceIP != "10.0.0.5"', "latency > 500ms"] },
            `(.sourceIPs | all(. != "10.0.0.5")) and ${latency} > 500`,
        ],
        [
            { where: ['group == "system:masters" or as == "admin"'] },
            '(.user.groups // [] | any(. == "system:masters")) or .impersonatedUser.username == "admin"',
        ],
        [{ where: ["responseStatus.details.kind"] }, ".responseStatus.details.kind != null"],
    ];
}
