import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { parse, stringify } from "yaml";
import { configurationEntries, kubeadmConfigScript, parseKubeadmConfigReport } from "../../host/kubeadmConfig";
import { configMapScript } from "../../host/script";
import type { AuditSettings } from "../../host/settings";
import { AWKS, runWithAwk, SHELLS } from "./awks";
import { tapes } from "./choices";
import { generateConfiguration } from "./generatedConfiguration";

const FUNCTIONS = readFileSync(join(__dirname, "../../host/kubeadmConfig.sh"), "utf8");

const POLICY = "/etc/kubernetes/audit/policy-0123456789ab.yaml";
const SETTINGS: AuditSettings = { policyFile: POLICY, log: { mode: "batch", batch: { maxWait: "5s" } } };
const OTHER_SETTINGS: AuditSettings = { policyFile: POLICY.replace("0123", "ffff"), log: { path: "-" } };

const ENTRIES = [
    "list",
    "+- name: audit-policy-file",
    `+  value: ${POLICY}`,
    "+- name: audit-log-path",
    "+  value: /var/log/kubernetes/audit/audit.log",
    "+- name: audit-log-maxage",
    '+  value: "30"',
    "+- name: audit-log-maxbackup",
    '+  value: "10"',
    "+- name: audit-log-maxsize",
    '+  value: "100"',
    "+- name: audit-log-mode",
    "+  value: batch",
    "+- name: audit-log-batch-max-wait",
    '+  value: "5s"',
    "map",
    `+audit-policy-file: ${POLICY}`,
    "+audit-log-path: /var/log/kubernetes/audit/audit.log",
    '+audit-log-maxage: "30"',
    '+audit-log-maxbackup: "10"',
    '+audit-log-maxsize: "100"',
    "+audit-log-mode: batch",
    '+audit-log-batch-max-wait: "5s"',
    "volumes",
    "+- hostPath: /etc/kubernetes/audit",
    "+  mountPath: /etc/kubernetes/audit",
    "+  name: kube-apiserver-audit-policy",
    "+  pathType: Directory",
    "+  readOnly: true",
    "+- hostPath: /var/log/kubernetes/audit",
    "+  mountPath: /var/log/kubernetes/audit",
    "+  name: kube-apiserver-audit-log",
    "+  pathType: DirectoryOrCreate",
    "path /etc/kubernetes/audit",
    "path /var/log/kubernetes/audit",
    "path /var/log/kubernetes/audit/audit.log",
];

describe("configurationEntries", () => {
    it("are the flags in both forms, the volumes and their paths", () => {
        assert.deepEqual(configurationEntries(SETTINGS), ENTRIES);
    });

    it("have no volume for a log that is the API server's standard output", () => {
        assert.deepEqual(
            configurationEntries(OTHER_SETTINGS).filter((line) => /name: kube-|^path|log-path:/.test(line)),
            ['+audit-log-path: "-"', "+  name: kube-apiserver-audit-policy", "path /etc/kubernetes/audit"],
        );
    });
});

describe("kubeadmConfigScript", () => {
    it("is the same for the same transactions, and another one where one is made again", () => {
        const scripts = [
            ["a", "b"],
            ["a", "b"],
            ["a", "c"],
        ].map((plans) => kubeadmConfigScript(SETTINGS, plans));
        assert.equal(scripts[0], scripts[1]);
        assert.notEqual(scripts[0], scripts[2]);
        const token = /^plans ([0-9a-f]{16})$/m.exec(scripts[0]!)![1]!;
        assert.equal(scripts[0], configMapScript([`plans ${token}`, ...ENTRIES, ""].join("\n")));
    });
});

describe("parseKubeadmConfigReport", () => {
    it("reads what the command prints, behind a banner too", () => {
        assert.deepEqual(parseKubeadmConfigReport('Welcome\n{ "changed": true, "warnings": ["a \\"b\\""] }\n'), {
            changed: true,
            warnings: ['a "b"'],
        });
    });

    it("refuses what is no report", () => {
        assert.throws(() => parseKubeadmConfigReport("Welcome\n"), /is not the JSON document/);
    });
});

/** What becomes of every text. */
const DRIVER = `
set -eu
ours() { strip_manifest | disown_configuration | patch_configuration "$1"; }
for text in "$1"/*.text; do
    disown_configuration <"$text" >"$text.disowned"
    ours "$1/entries" <"$text" >"$text.patched"
    strip_manifest <"$text.patched" >"$text.stripped"
    ours "$1/entries" <"$text.patched" >"$text.again"
    ours "$1/other" <"$text" >"$text.other"
    ours "$1/other" <"$text.patched" >"$text.changed"
done
`;

/** What becomes of what kubeadm makes of the patched ones. */
const REWRITTEN = `
set -eu
for text in "$1"/*.rewritten; do disown_configuration <"$text" >"$text.disowned"; done
`;

interface Configuration {
    readonly apiVersion: string;
    readonly apiServer?: {
        readonly extraArgs?: Record<string, string> | { readonly name: string; readonly value: string }[] | null;
        readonly extraVolumes?: { readonly name: string; readonly mountPath: string }[] | null;
        readonly [key: string]: unknown;
    } | null;
}

function configurationOf(...apiServer: readonly string[]): string {
    return [...apiServer, "apiVersion: kubeadm.k8s.io/v1beta4", "kind: ClusterConfiguration", ""].join("\n");
}

const read = (text: string) => parse(text, { version: "1.1" }) as Configuration;

const isOurs = (flag: string) => flag === "audit-policy-file" || flag.startsWith("audit-log-");

/** Flags as pairs, in their order. */
function pairs({ apiServer }: Configuration): [string, string][] {
    const args = apiServer?.extraArgs ?? [];
    return Array.isArray(args) ? args.map(({ name, value }) => [name, value]) : Object.entries(args);
}

/** What kubeadm keeps of a text apart from settings of ours, and of theirs that ours took the place of. */
function theirs(configuration: Configuration): unknown {
    const { extraVolumes, ...others } = configuration.apiServer ?? {};
    const paths = ["/etc/kubernetes/audit", "/var/log/kubernetes/audit"];
    return {
        ...configuration,
        apiServer: { ...others, extraArgs: undefined },
        // Of a map the order says nothing.
        flags: pairs(configuration)
            .filter(([name]) => !isOurs(name))
            .sort(),
        volumes: (extraVolumes ?? []).filter(({ mountPath }) => !paths.includes(mountPath.replace(/\/$/, ""))),
    };
}

describe("kubeadmConfig.sh", function () {
    this.timeout(60_000);

    let directory: string;

    /** Other texts for each seed. */
    function textsOf(seed: number): readonly string[] {
        const texts = fc.sample(tapes(), { seed, numRuns: 20 }).map(generateConfiguration);
        texts.forEach((text, index) => {
            writeFileSync(join(directory, `${index}.text`), text);
        });
        return texts;
    }

    before(() => {
        directory = mkdtempSync(join(tmpdir(), "kubeadm-config-"));
        writeFileSync(join(directory, "entries"), `${ENTRIES.join("\n")}\n`);
        writeFileSync(join(directory, "other"), `${configurationEntries(OTHER_SETTINGS).join("\n")}\n`);
    });

    after(() => {
        rmSync(directory, { recursive: true });
    });

    const result = (index: number, name: string) => readFileSync(join(directory, `${index}.${name}`), "utf8");

    const pairsOfTools = [...AWKS.map((awk) => [SHELLS[0], awk] as const), [SHELLS[1], AWKS[2]] as const];
    for (const [seed, [shell, awk]] of pairsOfTools.entries()) {
        it(`keeps its laws under ${shell} with ${awk}`, async () => {
            const texts = textsOf(seed);
            await runWithAwk(shell, awk, FUNCTIONS + DRIVER, [directory], directory);
            const flags = pairs(read(`apiServer:\n  extraArgs:\n${textOf("map", 4)}`));
            const volumes = read(`apiServer:\n  extraVolumes:\n${textOf("volumes", 2)}`).apiServer!.extraVolumes!;
            texts.forEach((text, index) => {
                const patched = result(index, "text.patched");
                assert.equal(result(index, "text.stripped"), text, "strip(patch(m)) = m");
                assert.equal(result(index, "text.again"), patched, "patch(patch(m)) = patch(m)");
                assert.equal(
                    result(index, "text.changed"),
                    result(index, "text.other"),
                    "patch depends on theirs alone",
                );
                assert.equal(result(index, "text.disowned"), text, "nothing is ours before");
                const before = read(text);
                const after = read(patched);
                assert.deepEqual(theirs(after), theirs(before), patched);
                assert.deepEqual(
                    pairs(after).filter(([name]) => isOurs(name)),
                    flags,
                    patched,
                );
                assert.deepEqual(after.apiServer!.extraVolumes!.slice(0, 2), volumes, patched);
                writeFileSync(join(directory, `${index}.rewritten`), rewritten(after));
            });
            await runWithAwk(shell, awk, FUNCTIONS + REWRITTEN, [directory], directory);
            texts.forEach((text, index) => {
                const left = read(result(index, "rewritten.disowned"));
                assert.deepEqual(theirs(left), theirs(read(text)));
                assert.deepEqual(
                    pairs(left).filter(([name]) => isOurs(name)),
                    [],
                );
                const emptied = Object.values(left.apiServer ?? {}).filter((value) => value === null);
                assert.deepEqual(emptied, [], "no key without a value is left");
            });
        });
    }

    const refusals: [string, string, string][] = [
        ["another configuration", "kind: Pod\napiVersion: v1\n", "apiVersion is not of kubeadm"],
        ["a mapping in flow style", configurationOf("apiServer: {certSANs: [a]}"), "apiServer is not in block style"],
        [
            "flags in flow style",
            configurationOf("apiServer:", "  extraArgs: {a: b}"),
            "apiServer.extraArgs is not in block style",
        ],
        [
            "volumes with an anchor",
            configurationOf("apiServer:", "  extraVolumes: &volumes", "  - name: a"),
            "apiServer.extraVolumes is not in block style",
        ],
        [
            "flags of another version",
            configurationOf("apiServer:", "  extraArgs:", "    a: b"),
            "apiServer.extraArgs is not what its apiVersion has there",
        ],
    ];
    for (const [what, text, message] of refusals) {
        it(`refuses ${what}`, async () => {
            const driver = `
patch_configuration "$1/entries" <"$1/refused" >"$1/result" 2>"$1/said" && exit 9
[ "$?" = 3 ] && ! [ -s "$1/result" ]
`;
            writeFileSync(join(directory, "refused"), text);
            await runWithAwk("dash", "mawk", FUNCTIONS + driver, [directory], directory);
            const advice = "Write it as kubeadm does: in block style, one key a line.";
            assert.equal(readFileSync(join(directory, "said"), "utf8"), `${message}. ${advice}\n`);
        });
    }

    /** As kubeadm does: keys in their order, block style, no comments, lists as far to the left as their key. */
    function rewritten(configuration: Configuration): string {
        return stringify(configuration, { sortMapEntries: true, lineWidth: 0, indentSeq: false, version: "1.1" });
    }

    function textOf(kind: string, indent: number): string {
        const start = ENTRIES.indexOf(kind) + 1;
        const length = ENTRIES.slice(start).findIndex((line) => !line.startsWith("+"));
        return ENTRIES.slice(start, start + length)
            .map((line) => `${" ".repeat(indent)}${line.slice(1)}\n`)
            .join("");
    }
});
