import assert from "node:assert/strict";
import fc from "fast-check";
import { ignore, policy, record, type RuleSentence } from "../../policy/builder";
import { checkPolicy } from "../../policy/check";
import * as named from "../../policy/namedRequests";
import {
    changeVerbs,
    configMaps,
    deployments,
    group,
    leases,
    named as withNames,
    noNamespace,
    pods,
    readVerbs,
    secrets,
} from "../../policy/requests";
import { stages, type Policy, type PolicyRule } from "../../policy/types";

const sentences: [string, RuleSentence, PolicyRule][] = [
    ["everything", record().at("Metadata"), { level: "Metadata" }],
    ["nothing", ignore(), { level: "None" }],
    ["verbs", record(...readVerbs).at("Metadata"), { verbs: ["get", "list", "watch"], level: "Metadata" }],
    [
        "kinds, whole groups and names",
        record()
            .of(pods(), secrets("a", "b"), group("apps"))
            .of(withNames(group("batch", "jobs", "cronjobs"), "c"))
            .at("Request"),
        {
            resources: [
                { group: "", resources: ["pods"] },
                { group: "", resources: ["secrets"], resourceNames: ["a", "b"] },
                { group: "apps" },
                { group: "batch", resources: ["jobs", "cronjobs"], resourceNames: ["c"] },
            ],
            level: "Request",
        },
    ],
    [
        "the kinds that have a word of their own",
        ignore().of(configMaps("x"), deployments(), leases("y")),
        {
            level: "None",
            resources: [
                { group: "", resources: ["configmaps"], resourceNames: ["x"] },
                { group: "apps", resources: ["deployments"] },
                { group: "coordination.k8s.io", resources: ["leases"], resourceNames: ["y"] },
            ],
        },
    ],
    [
        "namespaces and no namespace",
        record(...changeVerbs)
            .in("kube-system")
            .in(noNamespace)
            .at("RequestResponse"),
        {
            verbs: ["create", "update", "patch", "delete", "deletecollection"],
            namespaces: ["kube-system", ""],
            level: "RequestResponse",
        },
    ],
    [
        "paths",
        ignore("get").to("/metrics", "/debug/*").to("*"),
        { verbs: ["get"], level: "None", nonResourceURLs: ["/metrics", "/debug/*", "*"] },
    ],
    [
        "users and groups",
        record().by("a").by("b", "c").byGroup("d").byGroup("e").at("Metadata"),
        { users: ["a", "b", "c"], userGroups: ["d", "e"], level: "Metadata" },
    ],
    [
        "stages and managed fields",
        record("watch")
            .omittingStages("RequestReceived")
            .omittingStages("ResponseStarted", "Panic")
            .at("Metadata")
            .omittingManagedFields(),
        {
            verbs: ["watch"],
            omitStages: ["RequestReceived", "ResponseStarted", "Panic"],
            level: "Metadata",
            omitManagedFields: true,
        },
    ],
    [
        "a description, narrowed further",
        ignore(named.nodeHeartbeats()).by("system:node:a"),
        {
            userGroups: ["system:nodes"],
            verbs: ["get", "create", "update", "patch"],
            resources: [
                { group: "coordination.k8s.io", resources: ["leases"] },
                { group: "", resources: ["nodes/status"] },
            ],
            namespaces: ["kube-node-lease", ""],
            level: "None",
            users: ["system:node:a"],
        },
    ],
    [
        "a description of paths",
        ignore(named.healthChecks()).to("/metrics"),
        { nonResourceURLs: ["/healthz", "/livez", "/readyz", "/metrics"], level: "None" },
    ],
];

describe("record and ignore", () => {
    for (const [name, sentence, rule] of sentences) {
        it(`say ${name}`, () => {
            assert.deepEqual(sentence.rule, rule);
            assert.ok(checkPolicy(policy(sentence)).policy);
        });
    }

    it("leave a sentence as it was when it is continued", () => {
        const deletions = record("delete");
        const ofPods = deletions.of(pods());
        assert.deepEqual(ofPods.at("Request").rule, {
            verbs: ["delete"],
            resources: [{ group: "", resources: ["pods"] }],
            level: "Request",
        });
        assert.deepEqual(deletions.at("Metadata").rule, { verbs: ["delete"], level: "Metadata" });
    });

    it("do not let the compiler accept what the API server would refuse", () => {
        const never = () => {
            // @ts-expect-error paths have no namespaces
            ignore().to("/healthz").in("default");
            // @ts-expect-error paths are no resources
            ignore(named.healthChecks()).of(pods());
            // @ts-expect-error resources have no paths
            ignore(pods()).to("/healthz");
            // @ts-expect-error a path begins with /
            ignore().to("healthz");
            // @ts-expect-error only the last character of a path may be *
            ignore().to("/a*b");
            // @ts-expect-error once is enough
            ignore().to("/**");
            // @ts-expect-error a rule has a level
            policy(record("get"));
            // @ts-expect-error a level is said once
            record().at("Metadata").at("Request");
            // @ts-expect-error there is no such level
            record().at("metadata");
            // @ts-expect-error to record nothing is to ignore
            record().at("None");
            // @ts-expect-error there is no such stage
            ignore().omittingStages("ResponseCompleted");
            // @ts-expect-error there is no such verb
            record("remove");
            // @ts-expect-error names need kinds
            withNames(group("apps"), "web");
            // @ts-expect-error a group has no version
            group("apps/v1", "deployments");
            // @ts-expect-error a group is in lower case
            group("Apps");
            // @ts-expect-error not before Kubernetes 1.36
            group("*", "deployments");
            // @ts-expect-error a policy has a rule
            policy();
            // @ts-expect-error a policy has a rule, also with settings
            policy({ omitManagedFields: true });
        };
        assert.equal(typeof never, "function");
    });
});

describe("policy", () => {
    it("says the canonical case in four lines", () => {
        const podDeletions = policy(
            { omitStages: ["RequestReceived"] },
            record("delete").of(pods("webapp-pod")).in("prod-namespace").at("RequestResponse"),
        );
        const expected: Policy = {
            omitStages: ["RequestReceived"],
            rules: [
                {
                    level: "RequestResponse",
                    verbs: ["delete"],
                    resources: [{ group: "", resources: ["pods"], resourceNames: ["webapp-pod"] }],
                    namespaces: ["prod-namespace"],
                },
            ],
        };
        assert.deepEqual(podDeletions, expected);
        assert.deepEqual(checkPolicy(podDeletions), {
            policy: { apiVersion: "audit.k8s.io/v1", ...expected },
            findings: [],
        });
    });

    const unknownToTheCompiler: [string, string][] = [
        ["Apps", "a lowercase RFC 1123 subdomain must consist of"],
        ["*", "a lowercase RFC 1123 subdomain must consist of"],
    ];
    for (const [name, complaint] of unknownToTheCompiler) {
        it(`refuses the group ${name} when only the running program knows it`, () => {
            assert.throws(
                () => policy(ignore(), record().of(group(name)).at("Metadata")),
                (error: Error) =>
                    error.message.startsWith(
                        `The API server would not accept this policy: rules[1].resources.group: Invalid value: "${name}": ${complaint}`,
                    ),
            );
        });
    }

    it("makes only policies that every version accepts, or none", () => {
        const texts = fc.oneof(fc.string(), fc.constantFrom("apps", "*", "/a*b", "/healthz", "batch/v1", ""));
        const sentence = fc.tuple(texts, texts, texts, fc.constantFrom(...stages), fc.boolean()).map((choice) => {
            const [a, b, c, stage, path] = choice;
            const begun = record("get").by(a).byGroup(b).omittingStages(stage);
            return path
                ? begun.to(c as `/${string}`).at("Metadata")
                : begun
                      .of(withNames(group(a, b), c))
                      .in(c)
                      .at("Request");
        });
        fc.assert(
            fc.property(sentence, sentence, (first, second) => {
                let made: Policy;
                try {
                    made = policy(first, second);
                } catch {
                    return;
                }
                assert.deepEqual(checkPolicy(made, { kubernetes: 24 }).findings, []);
                assert.deepEqual(checkPolicy(made, { kubernetes: 36 }).findings, []);
            }),
        );
    });
});
