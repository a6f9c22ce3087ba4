import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assess } from "../../host/assess";
import type { Drift } from "../../host/drift";
import { auditFlags } from "../../host/flags";
import type { Observation } from "../../host/observation";
import { MANIFEST, RECEIPT } from "../../host/paths";
import { planTransaction } from "../../host/plan";
import { sha256, type WishArgs } from "../../host/wish";
import {
    KUBEADM_MANIFEST,
    LOG_DIRECTORY,
    POLICY,
    printed,
    receiptOf,
    refusalOf,
    STARTED,
    wishOf,
    withFile,
    without,
    withProcess,
    withText,
} from "./observedHost";
import { carriedFiles } from "./transaction";
import {
    appliedUnitHost,
    DROP_IN,
    dropInOf,
    ENVIRONMENT_FILE,
    freshUnitHost,
    UNIT,
    UNIT_FILE,
    UNIT_TEXT,
    withUnitFile,
} from "./unitHost";

/** Of the user kube-apiserver in the groups ops and system:masters. */
const CERTIFICATE = readFileSync(join(__dirname, "fixtures/client.crt"), "utf8");

const WISH = wishOf();
const FLAGS = auditFlags(WISH.settings);
const HOST = appliedUnitHost();
const POLICY_FILE = receiptOf(HOST).policyPath;
const HEAD = `--- ${DROP_IN} (as applied)\n+++ ${DROP_IN} (now)\n`;
const editUnit = (edit: (text: string) => string) => withText(HOST, UNIT_FILE, edit);
const editDropIn = (edit: (text: string) => string) => withText(HOST, DROP_IN, edit);

const withUnit = (host: Observation, change: Partial<NonNullable<Observation["unit"]>>): Observation => ({
    ...host,
    unit: { ...host.unit!, ...change },
});

/** The host with another drop-in of the unit, which systemd has read. */
const withDropIn = (host: Observation, name: string, text: string): Observation => {
    const path = `${UNIT_FILE}.d/${name}`;
    return withUnit(withUnitFile(host, path, text), { files: [...host.unit!.files, path].sort() });
};

const STALE: Drift = {
    file: DROP_IN,
    message: `the other files of ${UNIT} were changed since this one was made from them (by a package upgrade, for instance)`,
    restarts: false,
};

describe("a host whose API server is a unit", () => {
    it("has nothing to do when it is in sync", () => {
        assert.deepEqual(assess(HOST, WISH), {
            generation: "0123456789abcdef",
            drifts: [],
            restarts: [],
            inForce: undefined,
            kubernetes: 34,
            isUnit: true,
        });
    });

    it("is set up where kubeadm has left no manifest, and restarted for that", () => {
        const { generation, ...rest } = assess(freshUnitHost(), WISH);
        assert.match(generation, /^[0-9a-f]{16}$/);
        assert.deepEqual(rest, {
            drifts: [],
            restarts: ["audit logging is turned on"],
            inForce: undefined,
            kubernetes: 34,
            isUnit: true,
        });
    });

    it("is not looked at where the probe has found a manifest, and is where it was asked for", () => {
        const both = { ...withUnitFile(freshUnitHost(), MANIFEST, KUBEADM_MANIFEST) };
        const { unit, ...kubeadm } = both;
        assert.ok(unit);
        assert.match(carriedFiles(planOf(kubeadm)).get("settings")!, /\nport 6443\n/);
        assert.match(carriedFiles(planOf(both, { flavour: "systemd" })).get("settings")!, /\nport 6444\n/);
    });

    const changes: [string, Partial<WishArgs>, string[]][] = [
        ["another policy", { policy: { rules: [{ level: "Request" }] } }, ["the policy changes"]],
        ["another flag", { log: { maxAge: 7 } }, ["its flags change: --audit-log-maxage=7"]],
        ["readers of the log", { readerGroup: "adm" }, []],
    ];
    for (const [what, args, restarts] of changes) {
        it(`keeps its token and says why it is restarted, for ${what}`, () => {
            const { generation, restarts: found } = assess(HOST, wishOf(args));
            assert.deepEqual([generation, found], ["0123456789abcdef", restarts]);
        });
    }

    it("is read again, without a drift, where a file that is no part of the unit gives it another address", () => {
        const moved = withUnitFile(HOST, ENVIRONMENT_FILE, "KUBE_API_ARGS=--secure-port=7443\n");
        const { generation, drifts, restarts } = assess(moved, WISH);
        assert.notEqual(generation, "0123456789abcdef");
        assert.deepEqual([drifts, restarts], [[], []]);
    });

    const upgraded = UNIT_TEXT.replace("--secure-port=6444", "--secure-port=6444 --v=2");
    const drifts: [string, Observation, Drift[]][] = [
        [
            "a drop-in that was removed",
            withUnit(without(HOST, DROP_IN), { files: [UNIT_FILE] }),
            [
                {
                    file: DROP_IN,
                    message: "the file was removed: all of the audit settings are gone",
                    diff: HEAD + FLAGS.map((flag) => `-    - ${flag}`).join("\n"),
                    restarts: true,
                },
            ],
        ],
        [
            "a flag of it that was changed",
            editDropIn((text) => text.replace("maxage=30", "maxage=3")),
            [
                {
                    file: DROP_IN,
                    message: "the flag --audit-log-maxage was changed",
                    diff: `${HEAD}-    - --audit-log-maxage=30\n+    - --audit-log-maxage=3`,
                    restarts: true,
                },
            ],
        ],
        [
            "another flag in it",
            editDropIn((text) => text.replace("--secure-port=6444", "--secure-port=7")),
            [{ file: DROP_IN, message: "the file was edited", restarts: true }],
        ],
        [
            "a comment in it",
            editDropIn((text) => `${text}# mine\n`),
            [{ file: DROP_IN, message: "the file was edited", restarts: false }],
        ],
        [
            "something that cannot be read",
            editDropIn(() => "[Service]\nExecStart=\nExecStart=/bin/true\n"),
            [
                {
                    file: DROP_IN,
                    message: FLAGS.map((flag) => `the flag ${flag.split("=")[0]!} was removed`).join(", "),
                    diff: HEAD + FLAGS.map((flag) => `-    - ${flag}`).join("\n"),
                    restarts: true,
                },
            ],
        ],
        [
            "another command line in the unit, as a package upgrade brings it",
            editUnit(() => upgraded),
            [{ ...STALE, restarts: true }],
        ],
        ["another setting of the unit", withDropIn(HOST, "10-limits.conf", "[Service]\nLimitNOFILE=1\n"), [STALE]],
        ["a drop-in that is read later, and leaves the command line alone", withDropIn(HOST, "99-x.conf", ""), [STALE]],
        [
            "a policy that was edited",
            withText(HOST, POLICY_FILE, (text) => text.replace("Metadata", "Request")),
            [
                {
                    file: POLICY_FILE,
                    message: "the policy was edited on the host",
                    diff: [
                        `--- ${POLICY_FILE} (as applied)`,
                        `+++ ${POLICY_FILE} (now)`,
                        "@@ -4,3 +4,3 @@",
                        "   - level: None",
                        "     users: [system:kube-proxy]",
                        "-  - level: Metadata",
                        "+  - level: Request",
                    ].join("\n"),
                    restarts: true,
                },
            ],
        ],
        [
            "the mode of the log's directory",
            withFile(HOST, LOG_DIRECTORY, { mode: "755" }),
            [{ file: LOG_DIRECTORY, message: "the mode was changed from 700 to 755", restarts: false }],
        ],
        [
            "a lost receipt",
            without(HOST, RECEIPT),
            [{ file: RECEIPT, message: `is missing, though ${DROP_IN} still has our settings`, restarts: false }],
        ],
        [
            "a process without our flags",
            withProcess(HOST, { commandLine: ["kube-apiserver"] }),
            [
                {
                    file: DROP_IN,
                    message: `the running API server (process 4321) was started without ${FLAGS.join(" ")}`,
                    restarts: true,
                },
            ],
        ],
        [
            "a process that is older than the drop-in",
            withFile(HOST, DROP_IN, { modified: STARTED + 90 }),
            [
                {
                    file: DROP_IN,
                    message:
                        "the running API server (process 4321, started 2023-11-14T22:13:28Z) is older than this file " +
                        "(changed 2023-11-14T22:14:58Z) and may run with other settings",
                    restarts: true,
                },
            ],
        ],
        ["a process that is not the unit's", withProcess(HOST, { pid: 9, commandLine: ["kube-apiserver"] }), []],
        ["a restart", withProcess(withUnit(HOST, { mainPid: 7 }), { pid: 7, started: STARTED + 900 }), []],
    ];
    for (const [what, host, expected] of drifts) {
        it(`${expected.length === 0 ? "is in sync after" : "has drifted by"} ${what}`, () => {
            assert.deepEqual(assess(host, WISH).drifts, expected);
            assert.equal(assess(host, WISH).generation === "0123456789abcdef", expected.length === 0);
        });
    }

    const at = (text: string, unit = {}) => freshUnitHost(text, unit);
    const refusals: [string, Observation, Partial<WishArgs>, string][] = [
        [
            "a unit that systemd cannot load",
            at(UNIT_TEXT, { loadState: "masked" }),
            {},
            `${UNIT} cannot be started: systemd says that it is masked. Mend it (systemctl status ${UNIT}), then run the update again.`,
        ],
        [
            "no unit of that name",
            (({ unit, ...host }) => (assert.ok(unit), host))(freshUnitHost()),
            { unit: "apiserver.service" },
            "systemd knows no unit apiserver.service on this host. Give unit the name of the one that runs kube-apiserver, " +
                "or take the host out of hosts.",
        ],
        [
            "a script",
            at(UNIT_TEXT.replace("bin/kube-apiserver", "bin/start.sh")),
            {},
            `${UNIT} starts /usr/local/bin/start.sh (ExecStart= in ${UNIT_FILE}), not kube-apiserver itself, so its command ` +
                "line is not known here. Let ExecStart= start kube-apiserver with its flags, or with variables from an " +
                "EnvironmentFile=; what a script prepares before that belongs into ExecStartPre=.",
        ],
        [
            "a later drop-in with a command line",
            withDropIn(
                freshUnitHost(),
                "60-x.conf",
                "[Service]\nExecStart=\nExecStart=/usr/local/bin/kube-apiserver\n",
            ),
            {},
            `${UNIT_FILE}.d/60-x.conf gives ${UNIT} a command line, and is read after 50-kube-apiserver-audit.conf, whose ` +
                "flags it would undo. Give it a name that sorts before 50-kube-apiserver-audit.conf, then run systemctl daemon-reload.",
        ],
        [
            "a file that is gone",
            without(freshUnitHost(), UNIT_FILE),
            {},
            `${UNIT_FILE}, which systemd has read, is not there any more. Put it back, or run systemctl daemon-reload on the host.`,
        ],
        [
            "a file in Latin-1",
            at(UNIT_TEXT.replace("Kubernetes", "\ufffd")),
            {},
            `${UNIT_FILE} is not in UTF-8, so it cannot be compared. Write it in UTF-8.`,
        ],
        [
            "a drop-in that is a link",
            withFile(HOST, DROP_IN, { kind: "link", text: undefined }),
            {},
            `${DROP_IN} is no regular file. Move it away, then run the update again.`,
        ],
        [
            "flags that something else has set, in the command line and in a variable",
            withUnitFile(
                at(UNIT_TEXT.replace("  $KUBE", "  --audit-policy-file=/p.yaml $KUBE")),
                ENVIRONMENT_FILE,
                "KUBE_API_ARGS=--audit-log-path=/x\n",
            ),
            {},
            "its API server has audit settings already, which something else gave it: --audit-policy-file=/p.yaml " +
                "--audit-log-path=/x. Take them out there, or set adopt: true here; then ours take their place, and theirs " +
                "come back when ours are removed.",
        ],
        [
            "a flag in a variable that would stay, also when it is adopted",
            withUnitFile(freshUnitHost(), ENVIRONMENT_FILE, "KUBE_API_ARGS=--audit-log-compress\n"),
            { adopt: true },
            `${UNIT} is given --audit-log-compress by a variable of its environment, which would stay in force beside the ` +
                "flags that are asked for. Take it out of the variable, or set the same in log.",
        ],
    ];
    for (const [what, host, args, message] of refusals) {
        it(`is refused with ${what}`, () => {
            assert.equal(
                refusalOf(() => assess(host, wishOf(args))),
                message,
            );
        });
    }

    it("is given the drop-in, and how its API server is asked", () => {
        const files = carriedFiles(planOf(freshUnitHost()));
        const policySha256 = sha256(POLICY);
        const base = `# ${UNIT_FILE}\n${UNIT_TEXT}\n`;
        assert.equal(
            files.get("settings"),
            [
                "host cp-1",
                "owner organization/project/stack/audit",
                "adopt no",
                `unit ${UNIT}`,
                "ca /pki/ca.crt",
                "ca /pki/apiserver.crt",
                "address 192.0.2.11",
                "port 6444",
                `policy ${POLICY_FILE}`,
                `policy-sha256 ${policySha256}`,
                ...FLAGS.map((flag) => `flag ${flag}`),
                `log ${LOG_DIRECTORY}/audit.log`,
                "log-directory-mode 700",
                "log-free-kib 16384",
                "reader-group ",
                "timeout-seconds 300",
                "purge-logs-on-delete no",
                "proof kubectl /version",
                "proof anonymous /version",
                "proof none the policy logs none of the harmless requests GET /version, /readyz and " +
                    "/api/v1/namespaces/default.",
                "generation 00ff",
                `stripped-sha256 ${sha256(base)}`,
                `patched-sha256 ${sha256(dropInOf(FLAGS))}`,
                "",
            ].join("\n"),
        );
        assert.deepEqual(files.get("edit")!.split("\n").slice(3), [
            `+# base-sha256 ${sha256(base)}`,
            "+[Service]",
            "+ExecStart=",
            "copy 6 9",
            "continue 10",
            ...FLAGS.map((flag, index) => `+  ${flag}${index < FLAGS.length - 1 ? " \\" : ""}`),
            "",
        ]);
    });

    it("is asked at its own address, or at the loopback where it has none", () => {
        const address = (flag: string) =>
            /^address (.*)$/m.exec(
                carriedFiles(planOf(at(UNIT_TEXT.replace("--advertise-address=192.0.2.11", flag)))).get("settings")!,
            )![1];
        assert.deepEqual(
            ["--bind-address=192.0.2.7", "--bind-address=0.0.0.0", "--bind-address=::", "--v=1"].map(address),
            ["192.0.2.7", "127.0.0.1", "127.0.0.1", "127.0.0.1"],
        );
    });

    it("is asked as whom its client certificate says, where that is known", () => {
        const asked = (certificate: string, policy: WishArgs["policy"]) => {
            const text = UNIT_TEXT.replace("--secure-port", "--kubelet-client-certificate=/pki/c.crt --secure-port");
            const host = withUnitFile(at(text), "/pki/c.crt", certificate);
            return carriedFiles(planOf(host, { policy }))
                .get("settings")!
                .match(/^proof kubelet-client .*$/m)?.[0];
        };
        const recorded = (user: string) => ({ rules: [{ level: "Metadata" as const, users: [user] }] });
        assert.deepEqual(
            [
                asked(CERTIFICATE, recorded("kube-apiserver")),
                asked(CERTIFICATE, { rules: [{ level: "Metadata", userGroups: ["ops"] }] }),
                asked(CERTIFICATE, recorded("kube-apiserver-kubelet-client")),
                asked("none", { rules: [{ level: "Metadata" }] }),
            ],
            ["proof kubelet-client /version", "proof kubelet-client /version", undefined, undefined],
        );
    });

    it("says of a repair whether it restarts the API server", () => {
        const restarts = drifts.map(([, host]) => assess(host, WISH).restarts);
        assert.deepEqual(
            restarts.map((reasons) => reasons.length > 0),
            drifts.map(([, , expected]) => expected.some((drift) => drift.restarts)),
        );
    });
});

function planOf(host: Observation, args: Partial<WishArgs> = {}): string {
    return planTransaction("cp-1", `generation 00ff\n${printed(host)}`, wishOf(args)).script;
}
