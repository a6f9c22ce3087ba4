import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { logDirectoryMode, makeWish, sha256, WishError, type WishArgs } from "../../host/wish";
import { OWNER, POLICY } from "./observedHost";

const wish = (args: Partial<WishArgs> = {}) => makeWish({ owner: OWNER, policy: POLICY, ...args });

/** The whole complaint. */
const complaint = (args: Partial<WishArgs>): string => {
    try {
        wish(args);
    } catch (error) {
        assert.ok(error instanceof WishError, String(error));
        return error.message;
    }
    assert.fail("Nothing was refused.");
};

const hash = (text: string) => createHash("sha256").update(text).digest("hex");

describe("makeWish", () => {
    it("fills in the defaults", () => {
        assert.deepEqual(wish(), {
            owner: OWNER,
            adopt: false,
            policyText: POLICY,
            policy: {
                apiVersion: "audit.k8s.io/v1",
                kind: "Policy",
                rules: [{ level: "None", users: ["system:kube-proxy"] }, { level: "Metadata" }],
            },
            settings: {
                policyFile: `/etc/kubernetes/audit/policy-${hash(POLICY).slice(0, 12)}.yaml`,
                log: { path: "/var/log/kubernetes/audit/audit.log" },
            },
            readerGroup: "",
            timeoutSeconds: 300,
            health: "event",
            purgeLogsOnDelete: false,
            kubernetes: undefined,
            source: { flavour: "auto", unit: "kube-apiserver.service" },
        });
    });

    it("takes what is given", () => {
        const text = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n  - level: Request\n";
        assert.deepEqual(
            wish({
                owner: "o/p/s/c",
                policy: { rules: [{ level: "Request" }] },
                policyName: "policy.yaml",
                log: { path: "/srv/audit/a.log", maxAge: 0, batch: { maxWait: "5s" } },
                adopt: true,
                readerGroup: "adm",
                rollout: { timeoutSeconds: 30, health: "ready" },
                purgeLogsOnDelete: true,
                kubernetesVersion: "v1.33.5+k3s1",
            }),
            {
                owner: "o/p/s/c",
                adopt: true,
                policyText: text,
                policy: { apiVersion: "audit.k8s.io/v1", kind: "Policy", rules: [{ level: "Request" }] },
                settings: {
                    policyFile: `/etc/kubernetes/audit/policy-${hash(text).slice(0, 12)}.yaml`,
                    log: { path: "/srv/audit/a.log", maxAge: 0, batch: { maxWait: "5s" } },
                },
                readerGroup: "adm",
                timeoutSeconds: 30,
                health: "ready",
                purgeLogsOnDelete: true,
                kubernetes: 33,
                source: { flavour: "auto", unit: "kube-apiserver.service" },
            },
        );
    });

    it("takes what is given as undefined for not given", () => {
        const nothing = {
            policyName: undefined,
            log: { path: undefined, maxAge: undefined } as unknown as WishArgs["log"],
            adopt: undefined,
            readerGroup: undefined,
            rollout: undefined,
            purgeLogsOnDelete: undefined,
            kubernetesVersion: undefined,
        };
        assert.deepEqual(wish(nothing), wish());
    });

    it("ends the policy's line, and changes nothing else of its text", () => {
        const odd = "# é\r\napiVersion: audit.k8s.io/v1\r\nkind:   Policy\r\nrules: [{level: Metadata}]";
        assert.equal(wish({ policy: odd }).policyText, `${odd}\n`);
        assert.equal(wish({ policy: `${odd}\n` }).policyText, `${odd}\n`);
    });

    it("lets warnings pass", () => {
        // Every group is one only since 1.36, and nothing says which version the hosts have.
        const policy = { rules: [{ level: "Metadata" as const, resources: [{ group: "*" }] }] };
        assert.deepEqual(wish({ policy }).policy.rules, policy.rules);
    });

    const cases: [string, Partial<WishArgs>, string][] = [
        [
            "a policy's mistake, with its place in the text",
            { policy: POLICY.replace("Metadata", "metadata"), policyName: "audit/policy.yaml" },
            [
                'audit/policy.yaml:6:12: error: rules[1].level: Unsupported value: "metadata": supported values: "None", "Metadata", "Request", "RequestResponse"',
                "  6 |   - level: metadata",
                "    |            ^",
                "  fix: Did you mean Metadata?",
            ].join("\n"),
        ],
        [
            "a mistake of a policy that is an object, in the text that is made of it",
            { policy: { rules: [{ level: "Metadata", nonResourceURLs: ["healthz"] }] } },
            [
                "policy:6:9: error: rules[0].nonResourceURLs[0]: Invalid value: \"healthz\": non-resource URL rules must begin with a '/' character",
                "  6 |       - healthz",
                "    |         ^",
                '  fix: Write the path with its leading /, such as "/healthz", or "*" for every path.',
            ].join("\n"),
        ],
        [
            "an empty policy",
            { policy: "" },
            [
                "policy:1:1: error: unknown group version field audit.k8s.io/__internal, Kind=Policy in policy",
                "  1 |",
                "    | ^",
                "  reason: The policy does not say which version of the audit API it is written in.",
                "  fix: Begin the file with apiVersion: audit.k8s.io/v1 and kind: Policy.",
            ].join("\n"),
        ],
        [
            "what a version refuses",
            { policy: { rules: [{ level: "Metadata", resources: [{ group: "*" }] }] }, kubernetesVersion: "1.30" },
            [
                "policy:6:16: error: rules[0].resources.group: Invalid value: \"*\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
                '  6 |       - group: "*"',
                "    |                ^",
                '  reason: group: "*" means every API group from Kubernetes 1.36 on; Kubernetes 1.30 refuses it.',
                "  fix: List the groups, or leave resources out to match all of them.",
            ].join("\n"),
        ],
        [
            "a field that the API server would ignore",
            { policy: `${POLICY}    verb: [get]\n` },
            [
                'policy:7:5: error: unknown field "rules[1].verb"',
                "  7 |     verb: [get]",
                "    |     ^",
                "  reason: The API server ignores fields that it does not know, so the rule would match requests that it is not meant for.",
                "  fix: Did you mean verbs?",
            ].join("\n"),
        ],
        [
            "a version that is none",
            { kubernetesVersion: "latest" },
            '"latest" is not a Kubernetes version; write it like 1.36 or v1.36.2.',
        ],
        [
            "a version that is too old",
            { kubernetesVersion: "1.23" },
            "Kubernetes 1.23 is too old; audit.k8s.io/v1 policies are supported from 1.24 on.",
        ],
        [
            "settings of the log",
            { log: { path: "audit.log" } },
            'log.path is "audit.log", which is not absolute; give an absolute path, or - for standard output.',
        ],
        [
            "settings of the log that depend on the version",
            { log: { maxSize: 0 }, kubernetesVersion: "1.36" },
            "log.maxSize is 0, which means no rotation to Kubernetes 1.36 and something else to other versions; give the number of MiB.",
        ],
        [
            "a time-out that the kubelet needs itself",
            { rollout: { timeoutSeconds: 29 } },
            "rollout.timeoutSeconds is 29; give whole seconds, at least 30 (the kubelet alone takes about 40).",
        ],
        [
            "half seconds",
            { rollout: { timeoutSeconds: 30.5 } },
            "rollout.timeoutSeconds is 30.5; give whole seconds, at least 30 (the kubelet alone takes about 40).",
        ],
        [
            "no number of seconds",
            { rollout: { timeoutSeconds: NaN } },
            "rollout.timeoutSeconds is NaN; give whole seconds, at least 30 (the kubelet alone takes about 40).",
        ],
        ["a health that is none", { rollout: { health: "" as "ready" } }, 'rollout.health is ""; give event or ready.'],
        ...["a b", "-g", "root;id", "Adm", "x".repeat(33), "1a", "a\nb"].map(
            (group): [string, Partial<WishArgs>, string] => [
                `the group ${JSON.stringify(group)}`,
                { readerGroup: group },
                `readerGroup is ${JSON.stringify(group)}; give the name of a group on the hosts.`,
            ],
        ),
    ];
    for (const [what, args, message] of cases) {
        it(`refuses ${what}`, () => {
            assert.equal(complaint(args), message);
        });
    }

    it("refuses a component's name that would be more than one line on the host", () => {
        assert.equal(
            complaint({ owner: "o/p/s/a\nadopt yes" }),
            'The name "o/p/s/a\\nadopt yes" has a control character; give the component another name.',
        );
    });

    it("names everything that is wrong at once, in order", () => {
        assert.equal(
            complaint({
                kubernetesVersion: "1",
                policy: "rules: 1\n",
                log: { maxSize: 0, maxAge: 200_000 },
                rollout: { timeoutSeconds: 0, health: "healthy" as "ready" },
                readerGroup: " ",
            }),
            [
                '"1" is not a Kubernetes version; write it like 1.36 or v1.36.2.',
                "policy:1:1: error: unknown group version field audit.k8s.io/__internal, Kind=Policy in policy",
                "  1 | rules: 1",
                "    | ^",
                "  reason: The policy does not say which version of the audit API it is written in.",
                "  fix: Begin the file with apiVersion: audit.k8s.io/v1 and kind: Policy.",
                "policy:1:8: error: failed decoding: json: cannot unmarshal number into Go struct field Policy.rules of type []v1.PolicyRule",
                "  1 | rules: 1",
                "    |        ^",
                "  reason: rules is a number where a list is needed.",
                "log.maxAge is 200000, more days than the API server can count; give at most 106751, or 0 to keep rotated files whatever their age.",
                "log.maxSize is 0, which means 100 MiB before Kubernetes 1.36 and no rotation from then on; give the number of MiB.",
                "rollout.timeoutSeconds is 0; give whole seconds, at least 30 (the kubelet alone takes about 40).",
                'rollout.health is "healthy"; give event or ready.',
                'readerGroup is " "; give the name of a group on the hosts.',
            ].join("\n"),
        );
    });

    it("takes every name of a group that useradd makes", () => {
        fc.assert(
            fc.property(fc.stringMatching(/^[a-z_][a-z0-9_-]{0,31}$/), (readerGroup) => {
                assert.equal(wish({ readerGroup }).readerGroup, readerGroup);
            }),
            { numRuns: 20 },
        );
    });
});

describe("logDirectoryMode", () => {
    it("is closed to all but root, unless a group reads it, to which new files then belong", () => {
        assert.deepEqual([wish(), wish({ readerGroup: "adm" })].map(logDirectoryMode), ["700", "2750"]);
    });
});

describe("sha256", () => {
    it("is that of the text's UTF-8 bytes", () => {
        const text = "ä😀\n";
        assert.equal(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert.equal(sha256(text), createHash("sha256").update(Buffer.from(text, "utf8")).digest("hex"));
    });
});
