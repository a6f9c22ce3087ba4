import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readQuery, type QueryValues } from "../../../cli/queryOptions";
import { selectionOf } from "../../../events/query/query";
import { visitEvents } from "../../../events/readEvents";
import { findSources } from "../../../events/sources";
import type { Depth } from "../../../events/scanner";
import { incidentFiles } from "../incident";

const now = Date.parse("2026-03-02T10:00:00Z");

async function find(values: QueryValues, depth: Depth): Promise<string[]> {
    const found: string[] = [];
    await visitEvents(
        findSources(incidentFiles),
        { selection: selectionOf(readQuery(values, now), depth), onDamage: ({ reason }) => assert.fail(reason) },
        ({ auditID, stage }) => found.push(`${auditID} ${stage}`),
    );
    return found.sort();
}

/** What jq says of each event, for all conditions at once. */
function jq(conditions: readonly string[]): string[][] {
    const program = `[.auditID + " " + .stage, ${conditions.map((condition) => `(${condition})`).join(", ")}]`;
    const lines = execFileSync("jq", ["-c", program, ...incidentFiles], { encoding: "utf8" })
        .trim()
        .split("\n");
    const answers = lines.map((line) => JSON.parse(line) as [string, ...boolean[]]);
    return conditions.map((_, index) =>
        answers
            .filter((answer) => answer[index + 1] === true)
            .map(([event]) => event)
            .sort(),
    );
}

const latency =
    '((.stageTimestamp[20:26] | tonumber) / 1000 + (.stageTimestamp[0:19] + "Z" | fromdate) * 1000 - ' +
    '(.requestReceivedTimestamp[20:26] | tonumber) / 1000 - (.requestReceivedTimestamp[0:19] + "Z" | fromdate) * 1000)';

const cases: readonly (readonly [QueryValues, string])[] = [
    [{ verb: ["delete"] }, '.verb == "delete"'],
    [{ verb: ["delete,patch", "create"] }, '.verb | IN("delete", "patch", "create")'],
    [{ verb: ["-get,-update"] }, '.verb != "get" and .verb != "update"'],
    [{ verb: ["delete*"] }, '.verb | startswith("delete")'],
    [{ resource: ["pods"] }, '.objectRef.resource == "pods"'],
    [{ resource: ["-pods"] }, '.objectRef.resource != "pods"'],
    [{ resource: [""] }, ".objectRef == null"],
    [{ "api-group": ["rbac.authorization.k8s.io"] }, '.objectRef.apiGroup == "rbac.authorization.k8s.io"'],
    [{ "api-group": ["core"], resource: ["-"] }, ".objectRef != null and .objectRef.apiGroup == null"],
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
    [{ "service-account": ["monitoring:*"] }, '.user.username // "" | startswith("system:serviceaccount:monitoring:")'],
    [{ as: ["admin"] }, '.impersonatedUser.username == "admin"'],
    [{ "user-agent": ["kubectl/*"] }, '.userAgent | startswith("kubectl/")'],
    [{ "user-agent": ["*kubernetes/f3b1f8d*"] }, '.userAgent | contains("kubernetes/f3b1f8d")'],
    [{ "source-ip": ["203.0.113.50"] }, '.sourceIPs | any(. == "203.0.113.50")'],
    [{ "source-ip": ["10.244.0.0/16"] }, '.sourceIPs | any(startswith("10.244."))'],
    [{ "source-ip": ["-10.0.0.0/8"] }, '.sourceIPs | all(startswith("10.") | not)'],
    [{ status: ["403"] }, ".responseStatus.code == 403"],
    [{ status: ["4xx"] }, ".responseStatus.code >= 400 and .responseStatus.code < 500"],
    [{ status: ["-4xx,-101"] }, "(.responseStatus.code // 0) as $c | ($c < 400 or $c >= 500) and $c != 101"],
    [{ status: ["101,400-404"] }, ".responseStatus.code as $c | $c == 101 or ($c >= 400 and $c <= 404)"],
    [{ failed: true }, '.responseStatus.code >= 400 or .stage == "Panic"'],
    [{ decision: ["forbid"] }, '.annotations["authorization.k8s.io/decision"] == "forbid"'],
    [{ reason: ["*cluster-admin*"] }, '.annotations["authorization.k8s.io/reason"] // "" | contains("cluster-admin")'],
    [{ stage: ["responsestarted"] }, '.stage == "ResponseStarted"'],
    [{ level: ["Metadata"] }, '.level == "Metadata"'],
    [{ level: ["-metadata"] }, '.level != "Metadata"'],
    [{ "min-latency": ["1s"].join("") }, `${latency} >= 1000`],
    [{ "min-latency": "10ms", "max-latency": "60ms" }, `${latency} >= 10 and ${latency} <= 60`],
    [{ since: "2026-03-02T09:40" }, '.stageTimestamp >= "2026-03-02T09:40:00"'],
    [
        { since: "20m", until: "2026-03-02T09:45:09.424303Z" },
        '.stageTimestamp >= "2026-03-02T09:40" and .stageTimestamp < "2026-03-02T09:45:09.424303Z"',
    ],
    [{ since: "2026-03-02T10:40:00+01:00" }, '.stageTimestamp >= "2026-03-02T09:40"'],
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

describe("queries", () => {
    let answers: string[][];

    before(() => {
        answers = jq(cases.map(([, condition]) => condition));
    });

    cases.forEach(([values], index) => {
        it(`${JSON.stringify(values)} finds what jq finds`, async () => {
            const wanted = answers[index]!;
            assert.ok(wanted.length > 0 && wanted.length < 180, "it tells events apart");
            assert.deepEqual(await find(values, "whole"), wanted);
            assert.deepEqual(await find(values, "texts"), wanted);
        });
    });

    it("says what is wrong with an option", () => {
        const message = (values: QueryValues) => {
            try {
                readQuery(values);
            } catch (error) {
                return (error as Error).message;
            }
            return "";
        };
        assert.deepEqual(
            [
                message({ status: ["many"] }),
                message({ "source-ip": ["10.0.0.0/40"] }),
                message({ level: ["Meta"] }),
                message({ since: "yesterday" }),
                message({ "min-latency": "5" }),
                message({ where: ["verb = 1"] }),
                message({ where: ['user =~ "("'] }),
                message({ where: ["(verb"] }),
            ],
            [
                '--status: a status is "many"; give one such as 404, 4xx or 400-404',
                '--source-ip: "10.0.0.0/40" is neither an address nor a network such as 10.0.0.0/8',
                '--level: there is no level "Meta", but None, Metadata, Request, RequestResponse',
                '--since is "yesterday"; give a time such as 2026-03-02, 2026-03-02T09:15 (UTC), 2026-03-02T09:15:04+01:00, or back from now: 30m, 2h, 7d',
                '--min-latency is "5"; give a duration such as 500ms, 2s, 30m, 12h or 7d',
                "--where: this cannot be read\n  verb = 1\n       ^",
                '--where: Invalid regular expression: /(/: Unterminated group\n  user =~ "("\n          ^',
                "--where: expected )\n  (verb\n       ^",
            ],
        );
    });

    it("names what an event has where a path begins with something else", () => {
        assert.throws(() => selectionOf(readQuery({ where: ['usr == "jane"'] })), {
            name: "QueryError",
            message: /^there is no "usr" in an event, but auditID, name, user, /,
        });
    });
});
