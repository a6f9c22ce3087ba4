import assert from "node:assert/strict";
import fc from "fast-check";
import type { Finding } from "../../policy/finding";
import { lintPolicy, type LintOptions } from "../../policy/lint";
import { lintRules } from "../../policy/lint/rules";
import type { Policy, PolicyRule } from "../../policy/types";
import { validatePolicy } from "../../policy/validate";
import { assertUnreachableRulesFound } from "./classes/exhaustive";
import { smallPolicies } from "./classes/generate";

const header = "apiVersion: audit.k8s.io/v1\nkind: Policy\n";
const events = [
    { group: "", resources: ["events"] },
    { group: "events.k8s.io", resources: ["events"] },
];

/** A policy, its findings of one code, and options. */
const cases: Record<string, [string, PolicyRule[] | Policy, Omit<Finding, "severity" | "code">[], LintOptions?]> = {
    "a rule that another shadows": [
        "unreachable-rule",
        [{ level: "Metadata" }, { level: "None", verbs: ["get"] }],
        [
            {
                path: "rules[1]",
                message: "no request reaches rules[1]",
                reason: "rules[0] matches every request that it does, and the first rule that matches decides.",
                fix: "Move it before rules[0], or remove it.",
                related: ["rules[0]"],
            },
        ],
    ],
    "a rule that several shadow together, and does the same": [
        "unreachable-rule",
        [
            { level: "None", users: ["a"] },
            { level: "Metadata", namespaces: ["n"], verbs: ["get"] },
            { level: "Metadata", verbs: ["list", "delete"] },
            { level: "Metadata", verbs: ["get", "list"], resources: [{ resources: ["pods"] }], namespaces: ["n"] },
        ],
        [
            {
                path: "rules[3]",
                message: "no request reaches rules[3]",
                reason: "rules[1] and rules[2] together match every request that it does, and the first rule that matches decides.",
                fix: "Remove it.",
                related: ["rules[1]", "rules[2]"],
            },
        ],
    ],
    "a rule that matches nothing at all": [
        "unreachable-rule",
        [{ level: "Metadata", resources: [{ resources: ["*/*", "a/b/c"] }] }],
        [
            {
                path: "rules[0]",
                message: "no request reaches rules[0]",
                reason: "Nothing that it lists matches any request.",
                fix: "Correct what it lists, or remove it.",
            },
        ],
    ],
    "no rule that is reached only by a user without groups": [
        "unreachable-rule",
        [{ level: "None", userGroups: ["system:authenticated", "system:unauthenticated"] }, { level: "Metadata" }],
        [],
    ],
    "a value that an earlier rule leaves without requests": [
        "shadowed-value",
        [
            { level: "None", resources: [{ resources: ["secrets"] }] },
            { level: "Metadata", resources: [{ resources: ["pods", "secrets"] }] },
        ],
        [
            {
                path: "rules[1].resources[0].resources[1]",
                message: '"secrets" has no effect in rules[1]',
                reason: "rules[0] decides all requests that it would match, such as: create secrets in default by jane.",
                fix: "Move rules[1] before rules[0], or remove the value.",
                related: ["rules[0]"],
                example: {
                    user: "jane",
                    groups: [],
                    verb: "create",
                    namespace: "default",
                    apiGroup: "",
                    resource: "secrets",
                    subresource: "",
                    name: "",
                    isResource: true,
                },
            },
        ],
    ],
    "no value whose requests are treated the same": [
        "shadowed-value",
        [
            { level: "Metadata", users: ["a"] },
            { level: "Metadata", users: ["a", "b"] },
        ],
        [],
    ],
    "patterns that match nothing": [
        "impossible-resource",
        [
            {
                level: "None",
                resources: [{ resources: ["*/*", "po*", "pods/log/x"] }, { group: "example.com", resources: ["Pod"] }],
            },
        ],
        [
            ["*/*", 'Write "*", which includes subresources.'],
            ["po*", "Write the resources one by one."],
            ["pods/log/x", "Write the resources one by one."],
        ]
            .map(([pattern, fix], j) => ({ path: `rules[0].resources[0].resources[${j}]`, pattern, fix }))
            .concat({ path: "rules[0].resources[1].resources[0]", pattern: "Pod", fix: "Did you mean pods?" })
            .map(({ path, pattern, fix }) => ({
                path,
                message: `"${pattern}" matches no resource`,
                reason: "A pattern is *, a resource, a resource/subresource, a resource/* or a */subresource, all in lower case.",
                fix: fix!,
            })),
    ],
    "a group that keeps older API servers from starting": [
        "any-group",
        [{ level: "None", resources: [{ group: "apps" }, { group: "*", resources: ["pods"] }] }],
        [
            {
                path: "rules[0].resources[1].group",
                message: '"*" is every group from Kubernetes 1.36 on alone',
                reason: "An API server that an upgrade has not reached, or that a rollback brings back, does not start with it.",
                fix: "List the groups, or leave resources out to match all of them.",
            },
        ],
        { kubernetes: 36 },
    ],
    "no such group where the check has told of it": [
        "any-group",
        [{ level: "None", resources: [{ group: "*", resources: ["pods"] }] }],
        [],
    ],
    "resources that their group does not have": [
        "unknown-resource",
        [
            {
                level: "None",
                resources: [
                    { resources: ["deployments", "pod", "Secrets", "podd"] },
                    { group: "apps", resources: ["sts"] },
                    { group: "example.com", resources: ["pod"] },
                ],
            },
        ],
        [
            [
                "rules[0].resources[0].resources[0]",
                'the core group has no resource "deployments"',
                "Write it under group: apps.",
            ],
            ["rules[0].resources[0].resources[1]", 'the core group has no resource "pod"', "Did you mean pods?"],
            ["rules[0].resources[0].resources[2]", 'the core group has no resource "Secrets"', "Did you mean secrets?"],
            ["rules[0].resources[0].resources[3]", 'the core group has no resource "podd"', "Did you mean pods?"],
            ["rules[0].resources[1].resources[0]", 'group apps has no resource "sts"', "Did you mean statefulsets?"],
        ].map(([path, message, fix]) => ({ path: path!, message: message!, fix: fix! })),
    ],
    "a resource that the version does not serve": [
        "unknown-resource",
        [{ level: "None", resources: [{ group: "policy", resources: ["podsecuritypolicies"] }] }],
        [
            {
                path: "rules[0].resources[0].resources[0]",
                message: 'group policy has no resource "podsecuritypolicies"',
                reason: "Kubernetes 1.30 does not serve it; 1.24 does.",
                fix: "Remove it.",
            },
        ],
        { kubernetes: 30 },
    ],
    "no resource that some version serves": [
        "unknown-resource",
        [{ level: "None", resources: [{ group: "policy", resources: ["podsecuritypolicies"] }] }],
        [],
    ],
    "subresources that do not exist": [
        "unknown-subresource",
        [
            {
                level: "None",
                resources: [{ resources: ["pods/logs", "nodes/metrics", "*/scales", "*/scale", "pods/log"] }],
            },
        ],
        [
            ["0", 'pods have no subresource "logs"', "Did you mean log?"],
            ["1", 'nodes have no subresource "metrics"', "The subresources are proxy and status."],
            ["2", 'no resource of the group has a subresource "scales"', "Did you mean scale?"],
        ].map(([j, message, fix]) => ({ path: `rules[0].resources[0].resources[${j}]`, message: message!, fix: fix! })),
    ],
    "a resource outside namespaces in a rule for namespaces": [
        "cluster-resource",
        [
            { level: "None", namespaces: ["n"], resources: [{ resources: ["nodes", "namespaces", "pods"] }] },
            { level: "None", namespaces: ["n", ""], resources: [{ resources: ["nodes"] }] },
        ],
        [
            {
                path: "rules[0].resources[0].resources[0]",
                message: '"nodes" is not in any namespace',
                reason: "The rule has namespaces, so it never matches requests about it.",
                fix: 'Give it a rule without namespaces, or add "" to them.',
            },
        ],
    ],
    "names with verbs whose requests have none": [
        "names-without-request",
        [
            {
                level: "None",
                verbs: ["create", "get", "deletecollection"],
                resources: [
                    { resources: ["configmaps"], resourceNames: ["x"] },
                    { resources: ["pods/exec"], resourceNames: ["x"] },
                ],
            },
        ],
        [
            {
                path: "rules[0].resources[0].resourceNames",
                message: "create and deletecollection requests name no object",
                reason: "The name of a new object is in the body alone, and a collection has none, so resourceNames never match them.",
                fix: "Give create and deletecollection a rule without resourceNames.",
            },
        ],
    ],
    "pods/* without pods": [
        "whole-resource",
        [{ level: "None", resources: [{ resources: ["pods/*"] }, { resources: ["services", "services/*"] }] }],
        [
            {
                path: "rules[0].resources[0].resources[0]",
                message: '"pods/*" also matches pods themselves',
                reason: "That is what the API server does, other than its documentation says.",
                fix: 'List the subresources one by one, or add "pods" to say that it is meant.',
            },
        ],
    ],
    "verbs that no request has": [
        "unknown-verb",
        [
            { level: "None", verbs: ["GET", "use", "exec", "head"], namespaces: ["n"] },
            { level: "None", verbs: ["get", "list"], nonResourceURLs: ["/healthz"] },
            { level: "None", verbs: ["post", "read"] },
        ],
        [
            [
                "rules[0].verbs[0]",
                'no request about a resource has the verb "GET"',
                "Verbs are compared letter by letter, and all are in lower case.",
                "Did you mean get?",
            ],
            [
                "rules[0].verbs[1]",
                'no request about a resource has the verb "use"',
                "Only roles have it; requests that need the permission have other verbs.",
                "Remove it.",
            ],
            [
                "rules[0].verbs[2]",
                'no request about a resource has the verb "exec"',
                "exec is a subresource.",
                "Write it under resources, as in pods/exec.",
            ],
            [
                "rules[0].verbs[3]",
                'no request about a resource has the verb "head"',
                "It is an HTTP method; the API server makes a verb of its own of it.",
                "Write get.",
            ],
            [
                "rules[1].verbs[1]",
                'no request for a URL has the verb "list"',
                "The verb of a request that is not about a resource is its HTTP method in lower case.",
                "Write get.",
            ],
            [
                "rules[2].verbs[1]",
                'no request has the verb "read"',
                "Verbs are compared letter by letter, and all are in lower case.",
                "Use get, list, watch, create, update, patch, delete and deletecollection.",
            ],
        ].map(([path, message, reason, fix]) => ({ path: path!, message: message!, reason: reason!, fix: fix! })),
    ],
    "patterns where there are none": [
        "no-pattern",
        [
            {
                level: "None",
                verbs: ["*"],
                namespaces: ["kube-*"],
                resources: [{ resources: ["pods"], resourceNames: ["web-*"] }],
            },
        ],
        [
            ["rules[0].verbs[0]", '"*" in verbs matches only itself', "Leave verbs out to match all."],
            ["rules[0].namespaces[0]", '"kube-*" in namespaces matches only itself', "Write the names one by one."],
            [
                "rules[0].resources[0].resourceNames[0]",
                '"web-*" in resourceNames matches only itself',
                "Write the names one by one.",
            ],
        ].map(([path, message, fix]) => ({
            path: path!,
            message: message!,
            reason: "Only resources, nonResourceURLs and, from 1.36 on, group know a *.",
            fix: fix!,
        })),
    ],
    "users that nobody is": [
        "user-name",
        [
            {
                level: "None",
                users: [
                    "system:node",
                    "system:masters",
                    "system:serviceaccount:n",
                    "system:serviceaccounts:n:a",
                    "system:kube-scheduller",
                    "system:serviceaccount:n:a",
                    "system:node:n",
                    "tim",
                ],
            },
        ],
        [
            {
                message: 'no user is called "system:node"',
                reason: "A node is the user system:node:<name>.",
                fix: "For all nodes, write system:nodes under userGroups.",
            },
            { message: '"system:masters" is a group, not a user', fix: "Write it under userGroups." },
            {
                message: '"system:serviceaccount:n" is no service account',
                reason: "A service account is the user system:serviceaccount:<namespace>:<name>.",
                fix: "Name one, or write the group system:serviceaccounts:<namespace> under userGroups for all of a namespace.",
            },
            {
                message: '"system:serviceaccounts:n:a" is no service account',
                reason: "A service account is the user system:serviceaccount:<namespace>:<name>.",
                fix: "Write system:serviceaccount:n:a.",
            },
            {
                message: 'no user is known that is called "system:kube-scheduller"',
                fix: "Did you mean system:kube-scheduler?",
            },
        ].map((finding, j) => ({ path: `rules[0].users[${j}]`, ...finding })),
    ],
    "groups that nobody is in": [
        "user-group-name",
        [
            {
                level: "None",
                userGroups: [
                    "system:node",
                    "system:kube-proxy",
                    "system:serviceaccounts:n:a",
                    "system:authenticate",
                    "system:serviceaccounts:n",
                    "devs",
                ],
            },
        ],
        [
            { message: 'no group is called "system:node"', fix: "Did you mean system:nodes?" },
            { message: '"system:kube-proxy" is a user, not a group', fix: "Write it under users." },
            {
                message: '"system:serviceaccounts:n:a" is no group of service accounts',
                reason: "The groups are system:serviceaccounts and system:serviceaccounts:<namespace>.",
                fix: "Write one of them.",
            },
            {
                message: 'no group is known that is called "system:authenticate"',
                fix: "Did you mean system:authenticated?",
            },
        ].map((finding, j) => ({ path: `rules[0].userGroups[${j}]`, ...finding })),
    ],
    "values that are given twice": [
        "duplicate-value",
        { omitStages: ["Panic", "Panic"], rules: [{ level: "Metadata", resources: [...events, events[0]!] }] },
        [
            {
                path: "omitStages[1]",
                message: '"Panic" is given twice',
                fix: "Remove one of them.",
                related: ["omitStages[0]"],
            },
            {
                path: "rules[0].resources[2]",
                message: '{"group":"","resources":["events"]} is given twice',
                fix: "Remove one of them.",
                related: ["rules[0].resources[0]"],
            },
        ],
    ],
    "credentials that reach a rule with bodies": [
        "credential-body",
        [
            { level: "Metadata", resources: [{ resources: ["secrets"] }], namespaces: ["n"] },
            { level: "Request", resources: [{ group: "" }] },
        ],
        [
            {
                path: "rules[1].level",
                message: "rules[1] records bodies of secrets",
                reason: "Who can read the audit log can read the credentials in it.",
                fix: "Put a rule before it with level: Metadata for secrets.",
                example: {
                    user: "jane",
                    groups: [],
                    verb: "create",
                    namespace: "default",
                    apiGroup: "",
                    resource: "secrets",
                    subresource: "",
                    name: "",
                    isResource: true,
                },
            },
        ],
    ],
    "no credentials that earlier rules take": [
        "credential-body",
        [
            { level: "Metadata", resources: [{ resources: ["secrets", "serviceaccounts/*"] }] },
            { level: "None", resources: [{ group: "authentication.k8s.io" }] },
            { level: "RequestResponse", verbs: ["get"], resources: [{ resources: ["configmaps"] }] },
            { level: "RequestResponse" },
        ],
        [],
    ],
    "config maps where asked for": [
        "credential-body",
        [{ level: "RequestResponse", verbs: ["list"], resources: [{ resources: ["configmaps"] }] }],
        [
            {
                path: "rules[0].level",
                message: "rules[0] records bodies of configmaps",
                reason: "Who can read the audit log can read the credentials in it.",
                fix: "Put a rule before it with level: Metadata for configmaps.",
                example: {
                    user: "jane",
                    groups: [],
                    verb: "list",
                    namespace: "default",
                    apiGroup: "",
                    resource: "configmaps",
                    subresource: "",
                    name: "",
                    isResource: true,
                },
            },
        ],
        { configMaps: true },
    ],
    "certificate signing requests": [
        "sensitive-body",
        [{ level: "Request", verbs: ["update"], resources: [{ group: "certificates.k8s.io" }] }],
        [
            {
                path: "rules[0].level",
                message: "rules[0] records bodies of certificatesigningrequests.certificates.k8s.io",
                reason: "The bodies say who gets which identity; benchmarks want them left out.",
                fix: "Put a rule before it with level: Metadata for certificatesigningrequests.certificates.k8s.io.",
                example: {
                    user: "jane",
                    groups: [],
                    verb: "update",
                    namespace: "",
                    apiGroup: "certificates.k8s.io",
                    resource: "certificatesigningrequests",
                    subresource: "",
                    name: "example",
                    isResource: true,
                },
            },
        ],
    ],
    "a policy that hides failed authentication": [
        "omits-failed-authentication",
        {
            omitStages: ["RequestReceived", "ResponseStarted"],
            rules: [{ level: "None", users: ["a"] }, { level: "Metadata" }],
        },
        [
            {
                path: "omitStages[1]",
                message: "requests that fail authentication are not recorded",
                reason: "They have a single event, of the stage ResponseStarted.",
                fix: "Omit RequestReceived alone, which every recorded request repeats later.",
            },
        ],
    ],
    "no rule that needs a user, or records nothing": [
        "omits-failed-authentication",
        [
            { level: "Metadata", userGroups: ["g"], omitStages: ["ResponseStarted"] },
            { level: "None", omitStages: ["ResponseStarted"] },
        ],
        [],
    ],
    "a rule that hides the start of sessions": [
        "omits-session-start",
        [
            { level: "Metadata", resources: [{ resources: ["secrets"] }], omitStages: ["ResponseStarted"] },
            { level: "Metadata", users: ["a"], omitStages: ["ResponseStarted"] },
            { level: "Metadata" },
        ],
        [
            {
                path: "rules[1].omitStages[0]",
                message: "exec, attach and port-forward are recorded only when they end",
                reason: "The event at the start of a session is of the stage ResponseStarted; Falco's rule Attach/Exec Pod needs it.",
                fix: "Omit RequestReceived alone, or put a rule for pods/exec, pods/attach and pods/portforward before.",
            },
        ],
    ],
    "a rule that records nothing": [
        "records-nothing",
        {
            omitStages: ["Panic", "RequestReceived"],
            rules: [{ level: "Metadata", omitStages: ["ResponseStarted", "ResponseComplete"] }],
        },
        [
            {
                path: "rules[0].level",
                message: "rules[0] records nothing, as every stage is omitted",
                fix: "Omit fewer stages, or write level: None.",
            },
        ],
    ],
    "levels whose bodies are never recorded": [
        "level-without-effect",
        [
            { level: "Request", nonResourceURLs: ["/metrics"] },
            { level: "Request", verbs: ["patch"], omitStages: ["ResponseStarted", "ResponseComplete", "Panic"] },
            { level: "RequestResponse", omitStages: ["ResponseComplete"] },
        ],
        [
            {
                message: "rules[0] records less than Request",
                reason: "Bodies are recorded only of requests about resources.",
                fix: "Write level: Metadata.",
            },
            {
                message: "rules[1] records less than Request",
                reason: "When a request is received, its body is not known yet; the stages that have it are omitted.",
                fix: "Write level: Metadata.",
            },
            {
                message: "rules[2] records less than RequestResponse",
                reason: "Response bodies are in events of the stage ResponseComplete, which is omitted.",
                fix: "Write level: Request, or keep the stage.",
            },
        ].map((finding, index) => ({ path: `rules[${index}].level`, ...finding })),
    ],
    "the bodies of all that is read": [
        "bodies-of-reads",
        [{ level: "RequestResponse", verbs: ["create"] }, { level: "RequestResponse" }],
        [
            {
                path: "rules[1].level",
                message: "rules[1] records the bodies of all that is read",
                reason: "A list of objects is recorded whole, each time anyone or any controller asks for it.",
                fix: "Give get, list and watch a rule of their own with level: Metadata.",
            },
        ],
    ],
    "heartbeats that reach a catch-all": [
        "node-leases",
        [{ level: "None", verbs: ["get"], resources: [{ group: "coordination.k8s.io" }] }, { level: "Metadata" }],
        [
            {
                path: "rules[1]",
                message: "rules[1] records the heartbeat of every node",
                reason: "Each kubelet renews its lease of coordination.k8s.io every 10 seconds.",
                fix: "Put a rule before it with level: None for leases of coordination.k8s.io in namespace kube-node-lease by members of system:nodes.",
                example: {
                    user: "jane",
                    groups: ["system:nodes"],
                    verb: "update",
                    namespace: "kube-node-lease",
                    apiGroup: "coordination.k8s.io",
                    resource: "leases",
                    subresource: "",
                    name: "example",
                    isResource: true,
                },
            },
        ],
    ],
    "no heartbeats that a rule takes": [
        "node-leases",
        [{ level: "None", userGroups: ["system:nodes"] }, { level: "Metadata" }],
        [],
    ],
    "events of one group alone": [
        "one-events-group",
        [{ level: "None", resources: events.slice(0, 1) }, { level: "Metadata" }],
        [
            {
                path: "rules[0].resources[0]",
                message: "the two API groups of events are treated differently",
                reason: "The same events are served as events and as events.events.k8s.io: None for the one and Metadata for the other.",
                fix: 'Add {group: "events.k8s.io", resources: ["events"]} to rules[0].resources.',
            },
        ],
    ],
    "no events of both groups, or of one that is treated alike": [
        "one-events-group",
        [
            { level: "None", resources: events },
            { level: "Metadata", resources: events.slice(1) },
            { level: "Metadata" },
        ],
        [],
    ],
};

describe("lintPolicy", () => {
    for (const [name, [code, given, expected, options]] of Object.entries(cases)) {
        it(`finds ${name}`, () => {
            const policy: Policy = "rules" in given ? given : { rules: given };
            const found = lintPolicy(policy, options).filter((finding) => finding.code === code);
            assert.deepEqual(
                found,
                expected.map((finding) => ({ code, severity: "warning", ...finding })),
            );
        });
    }

    it("says where in the text", () => {
        const text = `${header}rules:\n- level: None\n  verbs: [get, GET]\n- level: None\n`;
        const [finding] = lintPolicy(text);
        assert.deepEqual(
            [finding?.code, finding?.path, finding?.line, finding?.column],
            ["unknown-verb", "rules[0].verbs[1]", 5, 16],
        );
    });

    it("says nothing about a policy that is refused", () => {
        assert.deepEqual(lintPolicy(`${header}rules: [{level: All, verbs: [GET]}]\n`), []);
    });

    it("has a table of its codes", () => {
        const codes = Object.values(cases).map(([code]) => code);
        const ofComments = ["silence-syntax", "silence-without-reason", "unused-silence"];
        assert.deepEqual(new Set([...codes, ...ofComments]), new Set(Object.keys(lintRules)));
    });

    it("calls exactly those rules unreachable that no request reaches", () => {
        fc.assert(
            fc.property(smallPolicies, fc.constantFrom(34, 36), (policy, kubernetes) => {
                fc.pre(validatePolicy(policy, kubernetes).length === 0);
                assertUnreachableRulesFound(policy, kubernetes);
            }),
            { numRuns: 15 },
        );
    });
});
