import assert from "node:assert/strict";
import fc from "fast-check";
import { evaluate, type Attributes } from "../../policy/evaluate";
import { presets } from "../../policy/presets";
import { levels, stages, type Policy, type PolicyRule } from "../../policy/types";
import { frameworkNames, judge, readFlags, type Audited, type JudgeOptions, type Verdict } from "../../policy/verdicts";
import { request } from "./request";

const enough = {
    "audit-policy-file": "/etc/kubernetes/audit/policy.yaml",
    "audit-log-path": "/var/log/kubernetes/audit/audit.log",
    "audit-log-maxage": "30",
    "audit-log-maxbackup": "10",
    "audit-log-maxsize": "100",
};

/** Verdicts, a line each. */
function lines(audited: Audited, options?: JudgeOptions): string[] {
    return judge(audited, options).map(
        ({ framework, id, result, reason }) => `${framework} ${id}: ${result}. ${reason}`,
    );
}

/** Those of some result, as `framework id`. */
function ids(verdicts: readonly Verdict[], result: Verdict["result"]): string[] {
    return verdicts.filter((verdict) => verdict.result === result).map(({ framework, id }) => `${framework} ${id}`);
}

describe("judge", () => {
    it("says of every demand what it is, how it came out, why, and what contradicts it", () => {
        const verdicts = judge({ policy: presets.stig.policy(), flags: enough }, { frameworks: ["cis-1.12", "stig"] });
        assert.deepEqual(verdicts, [
            {
                framework: "cis-1.12",
                id: "1.2.16",
                title: "The audit log has a path",
                result: "pass",
                reason: "--audit-log-path=/var/log/kubernetes/audit/audit.log",
                contradicts: [],
            },
            {
                framework: "cis-1.12",
                id: "1.2.17",
                title: "Rotated logs are kept for 30 days",
                result: "pass",
                reason: "--audit-log-maxage=30",
                contradicts: [],
            },
            {
                framework: "cis-1.12",
                id: "1.2.18",
                title: "10 rotated logs are kept",
                result: "pass",
                reason: "--audit-log-maxbackup=10",
                contradicts: [],
            },
            {
                framework: "cis-1.12",
                id: "1.2.19",
                title: "A log is rotated at 100 MB, not earlier",
                result: "pass",
                reason: "--audit-log-maxsize=100",
                contradicts: [],
            },
            {
                framework: "cis-1.12",
                id: "3.2.1",
                title: "There is an audit policy",
                result: "pass",
                reason: "--audit-policy-file=/etc/kubernetes/audit/policy.yaml",
                contradicts: [],
            },
            {
                framework: "cis-1.12",
                id: "3.2.2",
                title: "The policy records what matters, and no bodies of what is secret",
                result: "fail",
                reason: "get secrets in default by alice is recorded at RequestResponse (rules[0]), with bodies; Metadata is the most.",
                contradicts: ["stig V-242403"],
            },
            {
                framework: "stig",
                id: "V-242402",
                title: "The audit log has a path",
                result: "pass",
                reason: "--audit-log-path=/var/log/kubernetes/audit/audit.log",
                contradicts: [],
            },
            {
                framework: "stig",
                id: "V-242403",
                title: "Every request is recorded with everything sent and answered",
                result: "pass",
                reason: "Every request is recorded at RequestResponse, credentials included.",
                contradicts: ["cis-1.12 3.2.2"],
            },
            {
                framework: "stig",
                id: "V-242461",
                title: "There is an audit policy",
                result: "pass",
                reason: "--audit-policy-file=/etc/kubernetes/audit/policy.yaml",
                contradicts: [],
            },
            {
                framework: "stig",
                id: "V-242462",
                title: "A log is rotated at 100 MB, not earlier",
                result: "pass",
                reason: "--audit-log-maxsize=100",
                contradicts: [],
            },
            {
                framework: "stig",
                id: "V-242463",
                title: "10 rotated logs are kept",
                result: "pass",
                reason: "--audit-log-maxbackup=10",
                contradicts: [],
            },
            {
                framework: "stig",
                id: "V-242464",
                title: "Rotated logs are kept for 30 days",
                result: "pass",
                reason: "--audit-log-maxage=30",
                contradicts: [],
            },
        ]);
    });

    const frameworks = ["cis", "stig", "trivy", "kubescape", "checkov", "kics"];

    it("finds nothing good in an API server without audit flags", () => {
        const notSet = (framework: string, id: string, flag: string) =>
            `${framework} ${id}: fail. --${flag} is not set` +
            (framework === "trivy" || !/max/.test(flag)
                ? "."
                : `; it has to be at least ${{ maxage: 30, maxbackup: 10, maxsize: 100 }[flag.slice(10)]}, and said, whatever the API server's own default.`);
        const noPolicy = "fail. There is no policy: --audit-policy-file is not set, and nothing is recorded.";
        assert.deepEqual(lines({ flags: {} }, { frameworks }), [
            notSet("cis-1.12", "1.2.16", "audit-log-path"),
            notSet("cis-1.12", "1.2.17", "audit-log-maxage"),
            notSet("cis-1.12", "1.2.18", "audit-log-maxbackup"),
            notSet("cis-1.12", "1.2.19", "audit-log-maxsize"),
            notSet("cis-1.12", "3.2.1", "audit-policy-file"),
            `cis-1.12 3.2.2: ${noPolicy}`,
            notSet("stig", "V-242402", "audit-log-path"),
            `stig V-242403: ${noPolicy}`,
            notSet("stig", "V-242461", "audit-policy-file"),
            notSet("stig", "V-242462", "audit-log-maxsize"),
            notSet("stig", "V-242463", "audit-log-maxbackup"),
            notSet("stig", "V-242464", "audit-log-maxage"),
            notSet("trivy", "KCV-0019", "audit-log-path"),
            notSet("trivy", "KCV-0020", "audit-log-maxage"),
            notSet("trivy", "KCV-0021", "audit-log-maxbackup"),
            notSet("trivy", "KCV-0022", "audit-log-maxsize"),
            notSet("kubescape", "C-0067", "audit-policy-file"),
            notSet("kubescape", "C-0130", "audit-log-path"),
            notSet("kubescape", "C-0131", "audit-log-maxage"),
            notSet("kubescape", "C-0132", "audit-log-maxbackup"),
            notSet("kubescape", "C-0133", "audit-log-maxsize"),
            notSet("kubescape", "C-0160", "audit-policy-file"),
            `kubescape C-0161: ${noPolicy}`,
            notSet("checkov", "CKV_K8S_91", "audit-log-path"),
            notSet("checkov", "CKV_K8S_92", "audit-log-maxage"),
            notSet("checkov", "CKV_K8S_93", "audit-log-maxbackup"),
            notSet("checkov", "CKV_K8S_94", "audit-log-maxsize"),
            notSet("kics", "73e251f0-363d-4e53-86e2-0a93592437eb", "audit-log-path"),
            notSet("kics", "da9f3aa8-fbfb-472f-b5a1-576127944218", "audit-log-maxage"),
            notSet("kics", "768aab52-2504-4a2f-a3e3-329d5a679848", "audit-log-maxbackup"),
            notSet("kics", "35c0a471-f7c8-4993-aa2c-503a3c712a66", "audit-log-maxsize"),
            notSet("kics", "13a49a2e-488e-4309-a7c0-d6b05577a5fb", "audit-policy-file"),
            `kics 1828a670-5957-4bc5-9974-47da228f75e2: ${noPolicy}`,
        ]);
    });

    it("leaves a policy that it was not given to a person", () => {
        const manual = judge({ flags: enough }).filter(({ result }) => result !== "pass");
        assert.deepEqual(
            new Set(manual.map(({ result, reason }) => `${result}: ${reason}`)),
            new Set([
                "manual: The policy was not given: its content decides.",
                "not-applicable: Off until somebody turns it on; it reports whatever the policy records.",
            ]),
        );
        assert.equal(ids(manual, "manual").filter((id) => id.startsWith("falco ")).length, 47);
        assert.deepEqual(
            ids(manual, "manual").filter((id) => !id.startsWith("falco ")),
            ["cis-1.12 3.2.2", "stig V-242403", "kubescape C-0161", "kics 1828a670-5957-4bc5-9974-47da228f75e2"],
        );
    });

    const numbers: [string, string][] = [
        ["29", "cis-1.12 1.2.17: fail. --audit-log-maxage=29 is less than 30."],
        ["0", "cis-1.12 1.2.17: fail. --audit-log-maxage=0 is less than 30, although 0 is no limit."],
        ["-1", "cis-1.12 1.2.17: fail. --audit-log-maxage=-1 is less than 30."],
        ["", "cis-1.12 1.2.17: fail. --audit-log-maxage= is no number."],
        ["30d", "cis-1.12 1.2.17: fail. --audit-log-maxage=30d is no number."],
        ["366", "cis-1.12 1.2.17: pass. --audit-log-maxage=366"],
    ];
    for (const [value, expected] of numbers) {
        it(`reads --audit-log-maxage=${value} as the checkers do`, () => {
            const flags = { ...enough, "audit-log-maxage": value };
            assert.equal(lines({ flags }, { frameworks: ["cis"] })[1], expected);
            const [, trivy] = lines({ flags }, { frameworks: ["trivy"] });
            assert.equal(
                trivy,
                `trivy KCV-0020: pass. --audit-log-maxage=${value}; the check does not look at the value.`,
            );
        });
    }

    it("does not take an empty path for a path", () => {
        assert.equal(
            lines({ flags: { ...enough, "audit-log-path": "" } }, { frameworks: ["checkov"] })[0],
            "checkov CKV_K8S_91: fail. --audit-log-path is empty.",
        );
    });

    it("knows the ids of every CIS benchmark", () => {
        const cis = frameworkNames().filter((name) => name.startsWith("cis-"));
        const numbering = cis.map((name) =>
            judge({ flags: {} }, { frameworks: [name] })
                .map(({ id }) => id)
                .join(" "),
        );
        assert.deepEqual(Object.fromEntries(cis.map((name, index) => [name, numbering[index]])), {
            "cis-1.5": "1.2.22 1.2.23 1.2.24 1.2.25 3.2.1 3.2.2",
            "cis-1.6": "1.2.22 1.2.23 1.2.24 1.2.25 3.2.1 3.2.2",
            "cis-1.20": "1.2.21 1.2.22 1.2.23 1.2.24 3.2.1 3.2.2",
            "cis-1.23": "1.2.19 1.2.20 1.2.21 1.2.22 3.2.1 3.2.2",
            "cis-1.24": "1.2.18 1.2.19 1.2.20 1.2.21 3.2.1 3.2.2",
            "cis-1.7": "1.2.18 1.2.19 1.2.20 1.2.21 3.2.1 3.2.2",
            "cis-1.8": "1.2.17 1.2.18 1.2.19 1.2.20 3.2.1 3.2.2",
            "cis-1.9": "1.2.16 1.2.17 1.2.18 1.2.19 3.2.1 3.2.2",
            "cis-1.10": "1.2.16 1.2.17 1.2.18 1.2.19 3.2.1 3.2.2",
            "cis-1.11": "1.2.16 1.2.17 1.2.18 1.2.19 3.2.1 3.2.2",
            "cis-1.12": "1.2.16 1.2.17 1.2.18 1.2.19 3.2.1 3.2.2",
        });
    });

    it("takes the CIS benchmark that kube-bench takes for a version", () => {
        const taken = [24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36].map(
            (kubernetes) => judge({ flags: {} }, { frameworks: ["cis"], kubernetes })[0]!.framework,
        );
        assert.deepEqual(taken, [
            "cis-1.24",
            "cis-1.7",
            "cis-1.8",
            "cis-1.9",
            "cis-1.10",
            "cis-1.11",
            "cis-1.11",
            "cis-1.11",
            "cis-1.12",
            "cis-1.12",
            "cis-1.12",
            "cis-1.12",
            "cis-1.12",
        ]);
    });

    it("refuses a framework it does not know, with those it does", () => {
        assert.throws(() => judge({ flags: {} }, { frameworks: ["pci"] }), {
            message:
                '"pci" is no framework; there are cis and cis-1.5, cis-1.6, cis-1.20, cis-1.23, cis-1.24, cis-1.7, cis-1.8, ' +
                "cis-1.9, cis-1.10, cis-1.11, cis-1.12, stig, falco, trivy, kubescape, checkov, kics.",
        });
    });
});

describe("CIS 3.2.2", () => {
    const cases: [string, Policy, string][] = [
        [
            "cis",
            presets.cis.policy(),
            "pass. Secrets, ConfigMaps and TokenReviews without bodies; changes of Pods and Deployments, and sessions, are recorded.",
        ],
        [
            "recommended, which records what is written to ConfigMaps",
            presets.recommended.policy(),
            "fail. create configmaps in default by alice is recorded at Request (rules[14]), with bodies; Metadata is the most.",
        ],
        [
            "an exception for somebody",
            { rules: [{ level: "None", users: ["bob"], verbs: ["delete"] }, ...presets.cis.policy().rules] },
            "fail. delete secrets in default by bob is not recorded (rules[0]).",
        ],
        [
            "an exception for a group",
            {
                rules: [
                    { level: "Request", userGroups: ["ops"], resources: [{ group: "authentication.k8s.io" }] },
                    ...presets.cis.policy().rules,
                ],
            },
            "fail. create tokenreviews by alice is recorded at Request (rules[0]), with bodies; Metadata is the most.",
        ],
        [
            "an exception for a namespace and a name",
            {
                rules: [
                    {
                        level: "None",
                        namespaces: ["dev"],
                        resources: [{ resources: ["pods/exec"], resourceNames: ["shell"] }],
                    },
                    ...presets.cis.policy().rules,
                ],
            },
            'fail. get pods/exec "shell" in dev by alice is not recorded (rules[0]).',
        ],
        [
            "an exception for somebody in a group",
            {
                rules: [
                    { level: "None", users: ["bob"], userGroups: ["ops"], verbs: ["create"] },
                    ...presets.cis.policy().rules,
                ],
            },
            "fail. create secrets in default by bob is not recorded (rules[0]).",
        ],
        [
            "an exception for lists across all namespaces",
            { rules: [{ level: "None", verbs: ["list"], namespaces: [""] }, ...presets.cis.policy().rules] },
            "fail. list secrets by alice is not recorded (rules[0]).",
        ],
        [
            "an exception for a list that asks for a name",
            {
                rules: [
                    { level: "Request", verbs: ["list"], resources: [{ resources: ["*"], resourceNames: ["db"] }] },
                    ...presets.cis.policy().rules,
                ],
            },
            'fail. list secrets "db" in default by alice is recorded at Request (rules[0]), with bodies; Metadata is the most.',
        ],
        [
            "nothing of deployments",
            { rules: [{ level: "Metadata", resources: [{ group: "" }] }] },
            "fail. create deployments in default by alice is not recorded (no rule matches).",
        ],
    ];
    for (const [name, policy, expected] of cases) {
        it(`judges ${name}`, () => {
            assert.equal(
                lines({ policy, flags: enough }, { frameworks: ["cis"] }).at(-1),
                `cis-1.12 3.2.2: ${expected}`,
            );
        });
    }
});

/** Mostly nothing, or else one of these: a rule with many conditions matches hardly any request. */
function seldom<T>(...own: T[]): fc.Arbitrary<T[] | undefined> {
    return fc.oneof(
        { weight: 2, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.constantFrom(...own).map((one) => [one]) },
    );
}

const exceptions: fc.Arbitrary<PolicyRule> = fc
    .record({
        level: fc.constantFrom(...levels),
        users: seldom("bob", "system:node:n1", "system:serviceaccount:shop:robot", "system:anonymous"),
        userGroups: seldom(
            "ops",
            "system:masters",
            "system:nodes",
            "system:serviceaccounts:shop",
            "system:authenticated",
        ),
        verbs: seldom("get", "list", "create", "update", "delete"),
        namespaces: seldom("shop", "kube-system", ""),
        omitStages: seldom(...stages),
        resources: seldom(
            { resources: ["*"] },
            ...["secrets", "pods/exec", "*/exec"].map((kind) => ({ resources: [kind] })),
            {
                group: "apps",
                resources: ["deployments"],
            },
            { group: "rbac.authorization.k8s.io", resources: ["*"], resourceNames: ["web"] },
        ),
    })
    .map((rule) => JSON.parse(JSON.stringify(rule)) as PolicyRule);

/** Requests of users in the groups of their sort, and of some in groups that somebody else gives. */
function requestsAbout(...targets: string[]): Attributes[] {
    const people = ["alice", "bob"].flatMap((user) =>
        [[], ["ops"], ["system:masters"], ["ops", "system:masters"]].map((joins) => ({ user, joins })),
    );
    const others = ["system:node:n1", "system:serviceaccount:shop:robot", "system:anonymous"];
    const everybody = [...people, ...others.map((user) => ({ user, joins: [] }))];
    return targets
        .flatMap((target) =>
            ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"].flatMap((verb) =>
                ["in shop named web", "in shop", "in kube-system named other", "named web", ""]
                    .filter((place) => canBe(verb, target, place))
                    .flatMap((place) =>
                        everybody.map((who) => ({ ...who, text: `${verb} ${who.user} ${target} ${place}` })),
                    ),
            ),
        )
        .map(({ text, joins }) => {
            const attributes = request(text);
            return { ...attributes, groups: [...joins, ...attributes.groups!] };
        });
}

/** Whether there are such requests: new objects have no name, single ones a name and a namespace, lists perhaps neither. */
function canBe(verb: string, target: string, place: string): boolean {
    const [named, namespaced] = [place.includes("named"), place.includes("in ")];
    switch (verb) {
        case "list":
        case "watch":
            return true;
        case "create":
            return namespaced && named === target.includes("/");
        case "deletecollection":
            return namespaced && !named;
        default:
            return namespaced && named;
    }
}

/** Puts an exception somewhere into a policy. */
function withException(base: Policy): fc.Arbitrary<Policy> {
    return fc
        .tuple(exceptions, fc.nat(base.rules.length - 1))
        .map(([rule, index]) => ({ ...base, rules: base.rules.toSpliced(index, 0, rule) }));
}

describe("a verdict that something holds", () => {
    it("holds of every request: CIS 3.2.2", () => {
        let passed = 0;
        const requests = requestsAbout(":secrets", ":configmaps", ":pods/exec", "apps:deployments");
        const property = fc.property(withException(presets.cis.policy()), (policy) => {
            const [verdict] = judge({ policy, flags: enough }, { frameworks: ["cis"] }).slice(-1);
            if (verdict?.result !== "pass") {
                return;
            }
            passed++;
            const broken = requests.filter((attributes) => {
                const { level } = evaluate(policy, attributes);
                const { resource, subresource, verb } = attributes;
                const changes = resource === "deployments" && !["get", "list", "watch"].includes(verb);
                const session = subresource === "exec" && ["get", "create"].includes(verb);
                const bodies = (resource === "secrets" || resource === "configmaps") && level.startsWith("Request");
                return bodies || (level === "None" && (resource === "secrets" || changes || session));
            });
            assert.deepEqual(broken, []);
        });
        fc.assert(property, { numRuns: 30 });
        assert.ok(passed >= 3, `${passed} policies passed`);
    });

    const falcoRules: [rule: string, target: string, verbs: string[], stage: string, readsBody: boolean][] = [
        ["Attach/Exec Pod", ":pods/exec", ["get", "create"], "ResponseStarted", false],
        ["ClusterRole With Wildcard Created", "rbac.authorization.k8s.io:roles", ["create"], "ResponseComplete", true],
        ["K8s Secret Get Successfully", ":secrets", ["get"], "ResponseComplete", false],
        ["K8s Deployment Deleted", "apps:deployments", ["delete"], "ResponseComplete", false],
    ];
    it("holds of every request: Falco's rules", () => {
        let passed = 0;
        const property = fc.property(withException(presets.recommended.policy()), (policy) => {
            const verdicts = judge({ policy, flags: enough }, { frameworks: ["falco"] });
            for (const [rule, target, verbs, stage, readsBody] of falcoRules) {
                if (verdicts.find(({ id }) => id === rule)!.result === "pass") {
                    passed++;
                    const asked = requestsAbout(target).filter(({ verb }) => verbs.includes(verb));
                    const unseen = asked.filter((attributes) => {
                        const { level, omitStages } = evaluate(policy, attributes);
                        const bodyless = readsBody && level === "Metadata";
                        return level === "None" || bodyless || omitStages.some((one) => one === stage);
                    });
                    assert.deepEqual(unseen, []);
                }
            }
        });
        fc.assert(property, { numRuns: 6 });
        assert.ok(passed >= 3, `${passed} verdicts passed`);
    });
});

describe("STIG V-242403", () => {
    const cases: [string, Policy, string][] = [
        ["stig", presets.stig.policy(), "pass. Every request is recorded at RequestResponse, credentials included."],
        [
            "rules that add up to everything, and what they shadow",
            {
                omitStages: ["RequestReceived"],
                rules: [{ level: "RequestResponse", verbs: ["get"] }, { level: "RequestResponse" }, { level: "None" }],
            },
            "pass. Every request is recorded at RequestResponse, credentials included.",
        ],
        [
            "no last rule",
            { rules: [{ level: "RequestResponse", resources: [{ group: "" }] }] },
            "fail. Requests that no rule matches are not recorded: the last rule has to be for everything.",
        ],
        [
            "recommended",
            presets.recommended.policy(),
            "fail. rules[0] has the level Metadata; all have to have RequestResponse.",
        ],
        [
            "a stage too many",
            { rules: [{ level: "RequestResponse", omitStages: ["RequestReceived", "ResponseStarted"] }] },
            "fail. rules[0] records nothing at ResponseStarted, and so not the outcome of every request.",
        ],
    ];
    for (const [name, policy, expected] of cases) {
        it(`judges ${name}`, () => {
            assert.equal(lines({ policy, flags: enough }, { frameworks: ["stig"] })[1], `stig V-242403: ${expected}`);
        });
    }
});

describe("the scanners that look for names", () => {
    const rules = presets.cis.policy().rules;
    const cases: [string, Policy, [kubescape: string, kics: string]][] = [
        [
            "cis",
            { rules },
            [
                "pass. All nine kinds are named with fitting levels.",
                "pass. All nine kinds are named with fitting levels.",
            ],
        ],
        [
            "everything in one rule without names",
            presets.metadata.policy(),
            [
                "fail. No rule names secrets; one that covers it without naming it does not count.",
                "fail. No rule names secrets; one that covers it without naming it does not count.",
            ],
        ],
        [
            "an exception that changes little",
            { rules: [{ level: "None", users: ["bob"], resources: [{ resources: ["pods"] }] }, ...rules] },
            [
                "fail. rules[0] names pods with the level None, not Metadata or Request or RequestResponse.",
                "pass. All nine kinds are named with fitting levels.",
            ],
        ],
        [
            "pods with bodies alone",
            { rules: rules.filter(({ verbs }) => !verbs?.includes("list")) },
            [
                "pass. All nine kinds are named with fitting levels.",
                "fail. rules[2] names pods with the level Request, not Metadata.",
            ],
        ],
    ];
    for (const [name, policy, [kubescape, kics]] of cases) {
        it(`judge ${name}`, () => {
            const said = lines({ policy, flags: enough }, { frameworks: ["kubescape", "kics"] });
            assert.deepEqual(
                [said[6], said[12]],
                [`kubescape C-0161: ${kubescape}`, `kics 1828a670-5957-4bc5-9974-47da228f75e2: ${kics}`],
            );
        });
    }
});

const readBodies = [
    "Create Disallowed Pod",
    "Create Privileged Pod",
    "Create Sensitive Mount Pod",
    "Create HostNetwork Pod",
    "Create HostPid Pod",
    "Create HostIPC Pod",
    "Create NodePort Service",
    "Create/Modify Configmap With Private Credentials",
    "Pod Created in Kube Namespace",
    "Attach to cluster-admin Role",
    "ClusterRole With Wildcard Created",
    "ClusterRole With Write Privileges Created",
    "ClusterRole With Pod Exec Created",
    "Ingress Object without TLS Certificate Created",
];

describe("Falco", () => {
    const blind = (policy: Policy) =>
        judge({ policy, flags: enough }, { frameworks: ["falco"] })
            .filter(({ result }) => result === "fail")
            .map(({ id }) => id);
    const names = judge({ flags: {} }, { frameworks: ["falco"] }).map(({ id }) => id);

    it("has 48 rules", () => {
        assert.equal(new Set(names).size, 48);
    });

    for (const key of ["recommended", "falco", "stig"] as const) {
        it(`is blind to nothing with ${key}`, () => {
            assert.deepEqual(blind(presets[key].policy()), []);
        });
    }

    it("needs every rule of falco that records something", () => {
        const { rules, ...settings } = presets.falco.policy();
        const recording = rules.filter(({ level }) => level !== "None");
        const blinded = recording.map((left) => blind({ ...settings, rules: rules.filter((rule) => rule !== left) }));
        assert.deepEqual(
            blinded.map(([first]) => first),
            [
                "Attach/Exec Pod",
                "Create/Modify Configmap With Private Credentials",
                "Create Disallowed Pod",
                "EphemeralContainers Created",
                "K8s Secret Get Successfully",
                "Create Disallowed Namespace",
                "System ClusterRole Modified/Deleted",
                "Disallowed K8s User",
            ],
        );
    });

    const omitting = (...omitStages: Policy["omitStages"] & object): Policy => ({
        omitStages,
        rules: [{ level: "Request" }],
    });
    const cases: [string, Policy, string[]][] = [
        ["metadata blinds the rules that read bodies", presets.metadata.policy(), readBodies],
        ["without ResponseStarted it sees no session", omitting("ResponseStarted"), ["Attach/Exec Pod"]],
        [
            "without ResponseComplete it sees sessions only",
            omitting("ResponseComplete", "Panic"),
            names.filter((name) => !["Attach/Exec Pod", "port-forward", "All K8s Audit Events"].includes(name)),
        ],
        [
            "without either it sees nothing",
            omitting("ResponseComplete", "ResponseStarted"),
            names.filter((name) => name !== "All K8s Audit Events"),
        ],
        [
            "what is not recorded it does not see",
            { rules: [{ level: "None" }] },
            names.filter((name) => name !== "All K8s Audit Events"),
        ],
        [
            "deployments in the core group are none",
            {
                rules: [
                    { level: "RequestResponse", resources: [{ group: "", resources: ["deployments"] }] },
                    { level: "None", resources: [{ group: "apps" }] },
                    { level: "RequestResponse" },
                ],
            },
            [
                "Disallowed K8s User",
                "Anonymous Request Allowed",
                "K8s Deployment Created",
                "K8s Deployment Deleted",
                "Full K8s Administrative Access",
            ],
        ],
        [
            "the cluster's own users may be left out where a rule does so",
            {
                rules: [
                    {
                        level: "None",
                        userGroups: ["system:serviceaccounts", "system:nodes"],
                        verbs: ["get", "list", "watch"],
                        resources: [{ group: "apps" }],
                    },
                    {
                        level: "None",
                        users: ["system:kube-scheduler"],
                        resources: [{ resources: ["secrets"] }],
                        verbs: ["delete"],
                    },
                    { level: "RequestResponse" },
                ],
            },
            [],
        ],
        [
            "a kind that only the policy knows is something",
            {
                rules: [
                    { level: "None", resources: [{ group: "acme.org", resources: ["*/status"] }] },
                    { level: "Request" },
                ],
            },
            ["Disallowed K8s User", "Anonymous Request Allowed", "Full K8s Administrative Access"],
        ],
        [
            "members of groups of the cluster are its own, those of other groups are not",
            {
                rules: [
                    { level: "None", userGroups: ["system:bootstrappers"], verbs: ["list"] },
                    { level: "None", userGroups: ["system:authenticated:oauth"], verbs: ["watch"] },
                    { level: "Request" },
                ],
            },
            ["Disallowed K8s User"],
        ],
        [
            "one user of one's own is somebody",
            { rules: [{ level: "None", users: ["admin"], verbs: ["list"] }, { level: "RequestResponse" }] },
            ["Disallowed K8s User", "Full K8s Administrative Access"],
        ],
    ];
    for (const [name, policy, expected] of cases) {
        it(name, () => {
            assert.deepEqual(blind(policy), expected);
        });
    }

    it("says which request is unseen, and why", () => {
        const policy: Policy = {
            rules: [
                { level: "None", resources: [{ resources: ["configmaps"], resourceNames: ["controller-leader"] }] },
                { level: "Metadata", resources: [{ resources: ["services"] }] },
                { level: "Request", resources: [{ resources: ["pods/exec"] }], omitStages: ["ResponseStarted"] },
                { level: "Request", resources: [{ group: "" }] },
            ],
        };
        const wanted = /^(Create NodePort|Create\/Modify|Attach\/Exec|K8s Role Created|Create Privileged)/;
        assert.deepEqual(
            lines({ policy, flags: enough }, { frameworks: ["falco"] }).filter((line) => wanted.test(line.slice(6))),
            [
                "falco Create Privileged Pod: pass. Sees every request it is about.",
                "falco Create NodePort Service: fail. Blind: create services in default by alice is recorded without its body, which the rule reads (rules[1]).",
                'falco Create/Modify Configmap With Private Credentials: fail. Blind to some: update configmaps "controller-leader" in default by alice is not recorded (rules[0]).',
                "falco Attach/Exec Pod: fail. Blind to some: create pods/exec in default by alice is recorded without the stage ResponseStarted, for which the rule waits (rules[2]).",
                "falco K8s Role Created: fail. Blind: create roles in default by alice is not recorded (no rule matches).",
            ],
        );
    });
});

describe("the presets, by framework", () => {
    const c0161 = "kubescape C-0161";
    const kics = "kics 1828a670-5957-4bc5-9974-47da228f75e2";
    const expected: Partial<Record<keyof typeof presets, string[]>> = {
        recommended: ["cis-1.12 3.2.2", "stig V-242403", c0161, kics],
        cis: [
            "stig V-242403",
            "falco Create NodePort Service",
            "falco Create/Modify Configmap With Private Credentials",
            "falco Attach to cluster-admin Role",
            "falco ClusterRole With Wildcard Created",
            "falco ClusterRole With Write Privileges Created",
            "falco ClusterRole With Pod Exec Created",
            "falco Ingress Object without TLS Certificate Created",
        ],
        stig: ["cis-1.12 3.2.2", c0161, kics],
        falco: ["cis-1.12 3.2.2", "stig V-242403", c0161, kics],
        metadata: ["stig V-242403", ...readBodies.map((name) => `falco ${name}`), c0161, kics],
    };
    for (const [key, failing] of Object.entries(expected)) {
        it(`${key} fails what it has to, and nothing else`, () => {
            const policy = presets[key as "cis"].policy();
            const verdicts = judge({ policy, flags: enough });
            assert.deepEqual(new Set(ids(verdicts, "fail")), new Set(failing));
            assert.equal(verdicts.length, 81);
        });
    }

    it("name their contradictions, whichever way a verdict went", () => {
        const verdicts = judge({ policy: presets.cis.policy(), flags: enough });
        const contradictions = verdicts.filter(({ contradicts }) => contradicts.length > 0);
        assert.deepEqual(
            contradictions.map(({ framework, id, result, contradicts }) => [`${framework} ${id}`, result, contradicts]),
            [
                ["cis-1.12 3.2.2", "pass", ["stig V-242403", "falco Create/Modify Configmap With Private Credentials"]],
                ["stig V-242403", "fail", ["cis-1.12 3.2.2", c0161, kics]],
                ["falco Create/Modify Configmap With Private Credentials", "fail", ["cis-1.12 3.2.2", c0161]],
                [c0161, "pass", ["stig V-242403", "falco Create/Modify Configmap With Private Credentials"]],
                [kics, "pass", ["stig V-242403"]],
            ],
        );
    });
});

describe("readFlags", () => {
    it("reads what is written with an =, the last value of each", () => {
        assert.deepEqual(
            readFlags([
                "kube-apiserver",
                "--audit-log-path=/a=b",
                "--audit-log-maxage=1",
                "--audit-log-maxage=30",
                "--audit-log-maxsize",
                "100",
                "-v=2",
                "--audit-log-compress",
            ]),
            { "audit-log-path": "/a=b", "audit-log-maxage": "30", v: "2" },
        );
    });
});
