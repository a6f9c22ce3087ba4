import assert from "node:assert/strict";
import fc from "fast-check";
import { assess } from "../../host/assess";
import type { Observation } from "../../host/observation";
import { APPLIED_POLICY, MANIFEST, POLICY_DIRECTORY, RECEIPT } from "../../host/paths";
import type { Wish, WishArgs } from "../../host/wish";
import { FILE_DRIFTS, HOST, MANIFEST_DRIFTS, POLICY_FILE, PROCESS_DRIFTS, STRAY, STRAY_DRIFT } from "./driftedHosts";
import {
    ANY_GROUP_REFUSED,
    appliedHost,
    CANARY,
    freshHost,
    KUBEADM_MANIFEST,
    LOG_DIRECTORY,
    POLICY,
    refusalOf,
    STARTED,
    wishOf,
    withFile,
    without,
    withProcess,
    withText,
} from "./observedHost";

const RECEIPT_TOKEN = "0123456789abcdef";
const WISH = wishOf();

/** What a program may want next of a host that has what {@link WISH} asks for, and why that restarts the API server. */
const CHANGED_WISHES: readonly [string, Partial<WishArgs>, readonly string[]][] = [
    ["another policy", { policy: { rules: [{ level: "Request" }] } }, ["the policy changes"]],
    ["another flag", { log: { maxAge: 7 } }, ["its flags change: --audit-log-maxage=7"]],
    [
        "another log file and a new flag",
        { log: { path: "/srv/audit/a.log", compress: true } },
        ["its flags change: --audit-log-path=/srv/audit/a.log --audit-log-compress=true"],
    ],
    [
        "another policy and another flag",
        { policy: { rules: [{ level: "Request" }] }, log: { maxSize: 1 } },
        ["the policy changes", "its flags change: --audit-log-maxsize=1"],
    ],
    ["readers of the log", { readerGroup: "adm" }, []],
    ["another owner, by adoption", { owner: "o/p/s/other", adopt: true }, []],
    ["another time-out", { rollout: { timeoutSeconds: 31 } }, []],
];

/** The manifest as another tool writes it: our flags and mounts are there, our marks are not. */
const rewritten = (host: Observation) =>
    withFile(
        withText(host, MANIFEST, (text) => text.replaceAll(/ # managed-by.*/g, "")),
        MANIFEST,
        { inode: "7", changed: STARTED + 90, modified: STARTED - 1 },
    );

const REWRITTEN = rewritten(HOST);

const generationOf = (host: Observation, wish: Wish = WISH) => assess(host, wish).generation;

const isNewToken = (token: string) => {
    assert.match(token, /^[0-9a-f]{16}$/);
    assert.notEqual(token, RECEIPT_TOKEN);
};

/** What an assessment also says of hosts on which neither policy nor flags change. */
const KNOWN = { inForce: undefined, kubernetes: 34 };

describe("assess", () => {
    it("says that nothing is to be done on a host in sync", () => {
        assert.deepEqual(assess(HOST, WISH), { generation: RECEIPT_TOKEN, drifts: [], restarts: [], ...KNOWN });
    });

    it("says of a host that only kubeadm has touched that audit logging is turned on", () => {
        const { generation, ...rest } = assess(freshHost(), WISH);
        isNewToken(generation);
        assert.deepEqual(rest, { drifts: [], restarts: ["audit logging is turned on"], ...KNOWN });
    });

    describe("generation", () => {
        for (const [what, args] of CHANGED_WISHES) {
            it(`stays the receipt's on our own manifest, for ${what}`, () => {
                assert.equal(generationOf(HOST, wishOf(args)), RECEIPT_TOKEN);
            });
        }

        it("stays the receipt's where another tool rewrote the manifest with our settings, for the same wish", () => {
            assert.equal(generationOf(REWRITTEN), RECEIPT_TOKEN);
            assert.equal(generationOf(REWRITTEN, wishOf({ rollout: { timeoutSeconds: 31 } })), RECEIPT_TOKEN);
        });

        for (const [what, args, reasons] of CHANGED_WISHES.filter(([what]) => !what.includes("time-out"))) {
            it(`is new where another tool rewrote the manifest with our settings, for ${what}`, () => {
                const { generation, drifts, restarts } = assess(REWRITTEN, wishOf(args));
                isNewToken(generation);
                assert.deepEqual({ drifts, restarts }, { drifts: [], restarts: reasons });
            });
        }

        it("is new there for another group of readers, for which nothing else differs", () => {
            const host = rewritten(appliedHost(wishOf({ readerGroup: "adm" })));
            assert.equal(generationOf(host, wishOf({ readerGroup: "adm" })), RECEIPT_TOKEN);
            isNewToken(generationOf(host, wishOf({ readerGroup: "audit" })));
        });

        for (const { what, host } of [...MANIFEST_DRIFTS, ...FILE_DRIFTS, ...PROCESS_DRIFTS]) {
            it(`is new after a drift: ${what}`, () => {
                const wish = wishOf(what.includes("readers' group") ? { readerGroup: "adm" } : {});
                isNewToken(generationOf(host, wish));
                assert.equal(generationOf(host, wish), generationOf(structuredClone(host), wish));
            });
        }

        it("is another one for every change of what was observed", () => {
            const drifted = withFile(HOST, POLICY_FILE, { mode: "644" });
            const others = [
                drifted,
                { ...drifted, machineId: "another" },
                withFile(drifted, MANIFEST, { inode: "1" }),
                withFile(drifted, MANIFEST, { changed: STARTED }),
                withFile(drifted, POLICY_FILE, { mode: "640" }),
                withFile(drifted, POLICY_FILE, { owner: "1:0" }),
                withFile(drifted, POLICY_DIRECTORY, { changed: STARTED }),
                withText(drifted, RECEIPT, (text) => text.replace(RECEIPT_TOKEN, "fedcba9876543210")),
                without(drifted, APPLIED_POLICY),
                withFile(drifted, STRAY, { text: KUBEADM_MANIFEST }),
                freshHost(),
                { ...freshHost(), machineId: "another" },
            ].map((host) => generationOf(host));
            assert.equal(new Set(others).size, others.length);
        });

        it("does not depend on what goes on by itself: processes, the log, the wish", () => {
            const drifted = withFile(HOST, POLICY_FILE, { mode: "644" });
            const token = generationOf(drifted);
            assert.equal(generationOf(withProcess(drifted, { pid: 99, started: STARTED + 500 })), token);
            assert.equal(generationOf(withFile(drifted, LOG_DIRECTORY, { changed: STARTED, inode: "9" })), token);
            for (const [, args] of CHANGED_WISHES) {
                assert.equal(generationOf(drifted, wishOf(args)), token);
            }
        });

        it("is the same for the same observation, whatever it is and whatever is wanted", () => {
            const host = fc.constantFrom(freshHost(), HOST, REWRITTEN, ...FILE_DRIFTS.map((drifted) => drifted.host));
            const args = fc.constantFrom(...CHANGED_WISHES.map(([, changed]) => changed));
            fc.assert(
                fc.property(host, args, fc.nat(1_000_000), (observation, changed, later) => {
                    const again = withProcess(observation, { started: STARTED + later });
                    assert.equal(generationOf(observation, wishOf(changed)), generationOf(again, wishOf(changed)));
                }),
                { numRuns: 25 },
            );
        });
    });

    describe("restarts", () => {
        const of = (host: Observation, args: Partial<WishArgs> = {}) => assess(host, wishOf(args)).restarts;

        for (const [what, args, reasons] of CHANGED_WISHES) {
            it(`on our own manifest, for ${what}`, () => {
                assert.deepEqual(of(HOST, args), reasons);
            });
        }

        for (const { what, host, expected } of [...MANIFEST_DRIFTS, ...FILE_DRIFTS, ...PROCESS_DRIFTS]) {
            const repaired = expected.some(({ restarts }) => restarts);
            it(`${repaired ? "to repair" : "not to repair"} ${what}`, () => {
                const args = what.includes("readers' group") ? { readerGroup: "adm" } : {};
                assert.deepEqual(of(host, args), repaired ? ["what drifted is repaired"] : []);
            });
        }

        const cases: [string, Observation, Partial<WishArgs>, readonly string[]][] = [
            [
                "to drop flags",
                appliedHost(wishOf({ log: { compress: true, format: "legacy" } })),
                { log: { maxAge: 1 } },
                ["its flags change: --audit-log-maxage=1 no --audit-log-format=legacy no --audit-log-compress=true"],
            ],
            [
                "for a changed wish and a drift together",
                withText(HOST, MANIFEST, () => KUBEADM_MANIFEST),
                { policy: { rules: [{ level: "Request" }] }, log: { maxAge: 1 } },
                ["the policy changes", "its flags change: --audit-log-maxage=1", "what drifted is repaired"],
            ],
            [
                "for a changed wish beside a drift that needs none",
                withFile(HOST, POLICY_FILE, { mode: "644" }),
                { log: { maxAge: 1 } },
                ["its flags change: --audit-log-maxage=1"],
            ],
            [
                "where the receipt was lost and something else is wanted",
                without(HOST, RECEIPT),
                { log: { maxAge: 1 } },
                ["audit logging is turned on"],
            ],
            [
                "where the manifest has a flag of theirs that is put out of use",
                freshHost(KUBEADM_MANIFEST.replace("    env:\n", "    - --audit-log-path=/x\n    env:\n")),
                { adopt: true },
                ["audit logging is turned on"],
            ],
            [
                "for no reason where kubeadm's own settings are the very ones",
                freshHost(REWRITTEN.files.get(MANIFEST)!.text),
                {},
                [],
            ],
            [
                "for a change that only the manifest shows",
                withText(HOST, MANIFEST, (text) =>
                    text.replace("      type: Directory #", "      type: DirectoryOrCreate #"),
                ),
                {},
                ["its manifest changes"],
            ],
        ];
        for (const [what, host, args, reasons] of cases) {
            it(what, () => {
                assert.deepEqual(of(host, args), reasons);
            });
        }
    });

    describe("refusals", () => {
        const refused = (host: Observation, args: Partial<WishArgs> = {}) =>
            refusalOf(() => assess(host, wishOf(args)));
        const manifest = (text: string) => withText(freshHost(), MANIFEST, () => text);
        const json = JSON.stringify({
            apiVersion: "v1",
            kind: "Pod",
            spec: {
                containers: [
                    {
                        command: ["kube-apiserver", "--advertise-address=192.0.2.1"],
                        env: [{ name: "X", value: CANARY }],
                    },
                ],
            },
        });
        const newer = withText(HOST, RECEIPT, (text) => text.replace('"schemaVersion": 1', '"schemaVersion": 2'));
        const anyGroup = { policy: { rules: [{ level: "Metadata", resources: [{ group: "*" }] }] } } as const;

        const cases: [string, Observation, Partial<WishArgs>, string][] = [
            [
                "a host of another owner",
                HOST,
                { owner: "o/p/s/other" },
                "the audit settings of this host belong to organization/project/stack/audit, which would undo what " +
                    "o/p/s/other does. Remove them there, or set adopt: true here.",
            ],
            [
                "a host without a manifest",
                without(freshHost(), MANIFEST),
                {},
                `there is neither ${MANIFEST}, as kubeadm makes it, nor a systemd unit kube-apiserver.service: this host has ` +
                    "no kube-apiserver that is known here. Take it out of hosts, check its address, or give unit the name " +
                    "of its unit.",
            ],
            [
                "a manifest that is a link",
                withFile(freshHost(), MANIFEST, { kind: "link", text: undefined }),
                {},
                `${MANIFEST} is a symbolic link or no regular file, which an atomic replacement would break. Put the ` +
                    "file itself there, then run the update again.",
            ],
            [
                "a manifest in JSON",
                manifest(json),
                {},
                `${MANIFEST}: The manifest is JSON, which has no comments to mark lines with. Rewrite it as YAML, one ` +
                    "key a line.",
            ],
            [
                "an empty manifest",
                manifest(""),
                {},
                `${MANIFEST}: The manifest is empty; the kubelet reads exactly one. Leave one document in the file.`,
            ],
            [
                "a manifest without an address",
                manifest(KUBEADM_MANIFEST.replace(/.*--advertise-address=.*\n/, "")),
                {},
                `${MANIFEST} has no --advertise-address, so the API server's own address is not known. Add the flag ` +
                    "with this host's address, as kubeadm does.",
            ],
            [
                "a second manifest on a host that is not ours yet",
                withFile(freshHost(), STRAY, { text: KUBEADM_MANIFEST }),
                {},
                `${STRAY} is also a kube-apiserver pod; the kubelet may run it instead of kube-apiserver.yaml. Move it ` +
                    "out of /etc/kubernetes/manifests, then run the update again.",
            ],
            [
                "a receipt of a newer version, whatever is wanted",
                newer,
                { adopt: true },
                `${RECEIPT} has schema version 2, written by a newer version of kube-apiserver-audit. Update the ` +
                    "package in this program.",
            ],
            ["a policy that its version refuses", freshHost(), anyGroup, ANY_GROUP_REFUSED],
        ];
        for (const [what, host, args, message] of cases) {
            it(what, () => {
                assert.equal(refused(host, args), message);
            });
        }

        it("nothing of these: adoption, a second manifest on a host of ours, every group on 1.36", () => {
            assert.deepEqual(assess(HOST, wishOf({ owner: "o/p/s/other", adopt: true })), {
                generation: RECEIPT_TOKEN,
                drifts: [],
                restarts: [],
                ...KNOWN,
            });
            assert.deepEqual(assess(withFile(HOST, STRAY, { text: KUBEADM_MANIFEST }), WISH).drifts, [STRAY_DRIFT]);
            const on136 = manifest(KUBEADM_MANIFEST.replace(":v1.34.4", ":v1.36.0"));
            const unknown = manifest(KUBEADM_MANIFEST.replace(":v1.34.4", ":latest"));
            for (const [host, args] of [
                [on136, anyGroup],
                [unknown, anyGroup],
                [freshHost(), { ...anyGroup, kubernetesVersion: "1.36" }],
            ] as const) {
                assert.deepEqual(assess(host, wishOf(args)).restarts, ["audit logging is turned on"]);
            }
        });

        it("never say what is in the environment", () => {
            const lines = KUBEADM_MANIFEST.split("\n");
            fc.assert(
                fc.property(fc.nat(lines.length - 1), fc.constantFrom("", "\t", ": {", "- ["), (line, text) => {
                    const said = (() => {
                        try {
                            return JSON.stringify(assess(manifest(lines.with(line, text).join("\n")), WISH));
                        } catch (error) {
                            return (error as Error).message;
                        }
                    })();
                    assert.ok(!said.includes(CANARY), said);
                }),
                { numRuns: 40 },
            );
        });
    });

    it("takes the policy's text as it is, not what it means", () => {
        const { generation, restarts } = assess(HOST, wishOf({ policy: `# a comment\n${POLICY}` }));
        assert.deepEqual([generation, restarts], [RECEIPT_TOKEN, ["the policy changes"]]);
    });
});
