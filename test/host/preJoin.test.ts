import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assess, HostError } from "../../host/assess";
import type { Observation } from "../../host/observation";
import { MANIFEST, POLICY_DIRECTORY, RECEIPT } from "../../host/paths";
import { planTransaction } from "../../host/plan";
import { assessBeforeJoin, beforeJoinScript, isBeforeJoin } from "../../host/preJoin";
import { parseReport } from "../../host/report";
import { sha256 } from "../../host/wish";
import {
    appliedHost,
    freshHost,
    LOG_DIRECTORY,
    OWNER,
    POLICY,
    printed,
    refusalOf,
    wishOf,
    without,
    withText,
} from "./observedHost";
import { carriedFiles, SHELLS } from "./transaction";

const BARE: Observation = { machineId: "0123456789abcdef0123456789abcdef", files: new Map(), processes: [] };

/** A host that has the files, and is yet to join. */
function preparedHost(wish = wishOf()): Observation {
    const host = without(appliedHost(wish), MANIFEST);
    return {
        ...withText(host, RECEIPT, (text) => text.replace(/"manifestSha256": "\w+"/, '"manifestSha256": ""')),
        processes: [],
    };
}

const POLICY_FILE = `${POLICY_DIRECTORY}/policy-${sha256(POLICY).slice(0, 12)}.yaml`;

describe("isBeforeJoin", () => {
    const cases: [string, Observation, boolean, boolean][] = [
        ["a host without an API server that is to join", BARE, true, true],
        ["one that has joined", freshHost(), true, false],
        ["one that is not said to be about to join", BARE, false, false],
    ];
    for (const [what, host, preJoin, expected] of cases) {
        it(`is ${expected} for ${what}`, () => {
            assert.equal(isBeforeJoin(host, preJoin), expected);
        });
    }
});

describe("assessBeforeJoin", () => {
    it("keeps the token of a host that has what is wanted", () => {
        assert.deepEqual(assessBeforeJoin(preparedHost(), wishOf()), {
            generation: "0123456789abcdef",
            drifts: [],
            restarts: [],
            kubernetes: undefined,
        });
    });

    it("has the same token for the same bare host, and another one when something else is wanted", () => {
        const tokens = [
            assessBeforeJoin(BARE, wishOf()),
            assessBeforeJoin(BARE, wishOf()),
            assessBeforeJoin(preparedHost(), wishOf({ policy: `${POLICY}# changed\n` })),
        ].map(({ generation }) => generation);
        assert.equal(tokens[0], tokens[1]);
        assert.equal(new Set([...tokens, "0123456789abcdef"]).size, 3);
    });

    it("finds what was changed, and says that nothing is restarted", () => {
        const edited = withText(preparedHost(), POLICY_FILE, (text) => `${text}# edited\n`);
        const { generation, drifts } = assessBeforeJoin(edited, wishOf());
        assert.notEqual(generation, "0123456789abcdef");
        assert.deepEqual(
            drifts.map(({ file, message, restarts }) => ({ file, message, restarts })),
            [{ file: POLICY_FILE, message: "the policy was edited on the host", restarts: false }],
        );
    });

    it("leaves another stack's host alone", () => {
        const message = refusalOf(() => assessBeforeJoin(preparedHost(wishOf({ owner: "o/p/s/other" })), wishOf()));
        assert.match(message, /^the audit settings of this host belong to o\/p\/s\/other/);
    });
});

describe("assess, of a host that has joined", () => {
    it("has it read again, finds no drift, and restarts nothing", () => {
        const joined = withText(appliedHost(), MANIFEST, (text) => text.replace(/ # managed-by: .*$/gm, ""));
        const host = withText(joined, RECEIPT, (text) =>
            text.replace(/"manifestSha256": "\w+"/, '"manifestSha256": ""'),
        );
        const { generation, drifts, restarts } = assess(host, wishOf());
        assert.notEqual(generation, "0123456789abcdef");
        assert.deepEqual([drifts, restarts], [[], []]);
    });
});

describe("planTransaction, of a host that is yet to join", () => {
    const inspected = `generation 00ff\n${printed(BARE)}`;

    it("puts the files there, and nothing else", () => {
        const { script, showable } = planTransaction("cp-4", inspected, wishOf(), true);
        assert.equal(script, beforeJoinScript("cp-4", "00ff", wishOf()));
        assert.equal(showable, true);
        const files = carriedFiles(script);
        assert.deepEqual([...files.keys()], ["policy.yaml", "settings", "runner.sh"]);
        assert.deepEqual(files.get("settings")!.split("\n"), [
            "host cp-4",
            `owner ${OWNER}`,
            "adopt no",
            "pre-join yes",
            `policy ${POLICY_FILE}`,
            `policy-sha256 ${sha256(POLICY)}`,
            `flag --audit-policy-file=${POLICY_FILE}`,
            "flag --audit-log-path=/var/log/kubernetes/audit/audit.log",
            "flag --audit-log-maxage=30",
            "flag --audit-log-maxbackup=10",
            "flag --audit-log-maxsize=100",
            "mount kube-apiserver-audit-policy ro /etc/kubernetes/audit",
            "mount kube-apiserver-audit-log rw /var/log/kubernetes/audit",
            "log /var/log/kubernetes/audit/audit.log",
            "log-directory-mode 700",
            "reader-group ",
            "timeout-seconds 300",
            "purge-logs-on-delete no",
            "generation 00ff",
            "",
        ]);
    });

    it("is refused where nobody says that it is to join", () => {
        assert.throws(() => planTransaction("cp-4", inspected, wishOf()), HostError);
    });
});

describe("the transaction on a host that is yet to join", () => {
    let root: string;

    beforeEach(() => {
        root = mkdtempSync(join(tmpdir(), "pre-join-"));
        for (const directory of ["bin", "run", "etc/kubernetes", "etc/systemd/system", "var/lib", "var/log"]) {
            mkdirSync(join(root, directory), { recursive: true });
        }
        // Tests need not be run by root.
        writeFileSync(join(root, "bin/chown"), "#!/bin/sh\n");
        chmodSync(join(root, "bin/chown"), 0o755);
    });

    afterEach(() => {
        rmSync(root, { recursive: true });
    });

    function run(shell: readonly [string, ...string[]], verb: string, wish = wishOf()) {
        const script = beforeJoinScript("cp-4", "00ff", wish).replaceAll(
            /(?<![\w/])\/(etc|run|var\/lib|var\/log)\//g,
            `${root}/$1/`,
        );
        const [program, ...options] = shell;
        return spawnSync(program, [...options, "--", verb], {
            input: script,
            encoding: "utf8",
            env: { PATH: `${root}/bin:${process.env.PATH ?? ""}` },
        });
    }

    const at = (path: string) => join(root, path);
    const left = () =>
        readdirSync(root, { recursive: true, encoding: "utf8" })
            .filter((name) => !name.startsWith("bin") && statSync(join(root, name)).isFile())
            .sort();

    for (const [name, [program, ...options]] of Object.entries(SHELLS)) {
        const shell: [string, ...string[]] = [program, ...options];

        it(`puts the policy and a receipt there, once, and takes them away again, under ${name}`, () => {
            const first = run(shell, "apply");
            assert.deepEqual([first.status, first.stderr], [0, ""]);
            const report = parseReport(first.stdout);
            assert.deepEqual(
                [report.restarted, report.proof, report.warnings, report.changed],
                [false, "", [], [at(POLICY_FILE), at(LOG_DIRECTORY)]],
            );
            const files = left();
            assert.deepEqual(files, [
                POLICY_FILE.slice(1),
                `${POLICY_DIRECTORY}/policy.yaml`.slice(1),
                "var/lib/kube-apiserver-audit/policy.yaml",
                RECEIPT.slice(1),
            ]);
            assert.equal(readFileSync(at(POLICY_FILE), "utf8"), POLICY);
            assert.match(readFileSync(at(RECEIPT), "utf8"), /"manifestSha256": "",\n/);

            const again = run(shell, "apply");
            assert.deepEqual([again.status, left()], [0, files]);
            const removed = run(shell, "remove");
            assert.deepEqual([removed.status, removed.stderr, left()], [0, "", []]);
        });
    }

    it("does nothing where the host has joined since it was read", () => {
        mkdirSync(at("etc/kubernetes/manifests"));
        writeFileSync(at(MANIFEST), "");
        const { status, stderr } = run(SHELLS.dash, "apply");
        assert.deepEqual(
            [status, stderr],
            [
                1,
                "cp-4: This host has joined the cluster since it was read. Run the update again. Nothing was changed.\n",
            ],
        );
        assert.deepEqual(left(), [MANIFEST.slice(1)]);
    });

    it("removes nothing where only the manifest is missing: it may come back", () => {
        assert.equal(run(SHELLS.dash, "apply").status, 0);
        const files = left();
        writeFileSync(at("etc/kubernetes/kubelet.conf"), "");
        const { status, stderr } = run(SHELLS.dash, "remove");
        assert.equal(status, 1);
        assert.match(stderr, /kube-apiserver\.yaml is missing or a symbolic link; nothing can be taken out of it\./);
        assert.deepEqual(left(), ["etc/kubernetes/kubelet.conf", ...files].sort());
    });
});
