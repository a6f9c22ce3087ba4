import assert from "node:assert/strict";
import {
    applyEdit,
    ManifestError,
    patchManifest,
    planEdit,
    renderEdit,
    stripManifest,
    type ManifestSettings,
} from "../../host/kubeadmManifest";
import { manifestFixtures, PLAIN_SETTINGS } from "./fixtures";

/** As small as a manifest can be, with one value that must never get out. */
const SMALL = `apiVersion: v1
kind: Pod
metadata:
  name: kube-apiserver
spec:
  containers:
  - command:
    - kube-apiserver
    - --audit-log-path=/old.log
    - --secure-port=6443
    env:
    - {name: HTTPS_PROXY, value: "http://user:password@proxy"}
    volumeMounts:
    - mountPath: /var/log/audit
      name: logs
  volumes:
  - hostPath: {path: /logs}
    name: logs
`;

const SETTINGS: ManifestSettings = {
    flags: ["--audit-log-path=/var/log/audit/a b.log"],
    mounts: [{ name: "log", path: "/var/log/audit", readOnly: false, type: "DirectoryOrCreate" }],
};

describe("patchManifest", () => {
    const expected = new Map(manifestFixtures("manifests/patched").map(({ name, text }) => [name, text]));

    for (const { name, text } of manifestFixtures("manifests")) {
        it(`patches ${name} and strips it again`, () => {
            const patched = patchManifest(text, PLAIN_SETTINGS);
            assert.equal(patched, expected.get(name.replace("/", "/patched/")));
            assert.equal(stripManifest(patched), text);
        });
    }

    it("finds the fixtures", () => {
        assert.ok(expected.size >= 8);
    });

    const bytes = (text: string) => JSON.stringify(text);

    it("gives a line of ours the line end of the line that it follows", () => {
        const mixed = SMALL.replace("--secure-port=6443\n", "--secure-port=6443\r\n");
        const patched = patchManifest(mixed, { ...SETTINGS, mounts: [] });
        assert.equal(
            bytes(patched.slice(patched.indexOf("    - --secure"), patched.indexOf("    env"))),
            bytes(
                "    - --secure-port=6443\r\n" +
                    '    - "--audit-log-path=/var/log/audit/a b.log" # managed-by: kube-apiserver-audit\r\n',
            ),
        );
    });
});

describe("stripManifest", () => {
    it("leaves a text without marks as it is", () => {
        for (const text of [
            "",
            "\n",
            "a\r\n",
            "# managed-by: kube-apiserver-audit",
            "x # managed-by: kube-apiserver-audit ",
        ]) {
            assert.equal(stripManifest(text), text);
        }
    });

    it("leaves no mark behind, even where somebody displaced a line of ours or displaced a line twice", () => {
        const displaced = "# displaced-by: kube-apiserver-audit: ";
        const managed = " # managed-by: kube-apiserver-audit";
        const text = [
            `${displaced}${displaced}a`,
            `${displaced}b${managed}`,
            `c${managed}\r`,
            `${displaced}\td\r`,
            "e",
        ];
        assert.equal(stripManifest(text.join("\n")), "a\n\td\r\ne");
    });
});

describe("planEdit", () => {
    it("names their lines by number and holds ours, nothing else", () => {
        assert.deepEqual(renderEdit(planEdit(SMALL, SETTINGS)), [
            "displace 9 9",
            "after 10",
            '+    - "--audit-log-path=/var/log/audit/a b.log"',
            "displace 14 15",
            "after 15",
            "+    - mountPath: /var/log/audit",
            "+      name: log",
            "after 18",
            "+  - hostPath:",
            "+      path: /var/log/audit",
            "+      type: DirectoryOrCreate",
            "+    name: log",
        ]);
    });

    it("is for one text and foretells the result", () => {
        const edit = planEdit(SMALL, SETTINGS);
        const patched = applyEdit(SMALL, edit);
        assert.equal(patched, patchManifest(SMALL, SETTINGS));
        assert.equal(planEdit(SMALL, SETTINGS).patchedSha256, edit.patchedSha256);
        assert.throws(() => applyEdit(`${SMALL}\n`, edit), /The edit is for the text with SHA-256 [0-9a-f]{64}, not/);
        assert.throws(() => planEdit(patched, SETTINGS), /strip the manifest first/);
    });

    it("says which lists in flow style an insertion repeats", () => {
        const flow = SMALL.replace(/command:(\n {4}- .*)+/, "command: [kube-apiserver, --audit-log-path=/x]");
        const copies = planEdit(flow, SETTINGS).operations.map((operation) =>
            operation.kind === "insert" ? (operation.copies ?? "nothing") : "displaces",
        );
        assert.deepEqual(copies, ["displaces", "spec.containers[0].command", "displaces", "nothing", "nothing"]);
    });

    it("changes nothing where everything is there", () => {
        const upgraded = manifestFixtures("manifests").find(({ name }) => name === "manifests/upgraded.yaml")!;
        const edit = planEdit(upgraded.text, PLAIN_SETTINGS);
        assert.deepEqual(edit.operations, []);
        assert.equal(edit.patchedSha256, edit.strippedSha256);
    });
});

describe("ManifestError", () => {
    const refusals: [what: string, manifest: string, message: string][] = [
        ["nothing", "", "The manifest is empty; the kubelet reads exactly one. Leave one document in the file."],
        ["no mapping", "- a\n", "The manifest is not a mapping of keys to values. Put a pod into the file."],
        [
            "JSON",
            '\n {"kind": "Pod"}',
            "The manifest is JSON, which has no comments to mark lines with. Rewrite it as YAML, one key a line.",
        ],
        [
            "several documents",
            `${SMALL}---\n${SMALL}`,
            "The manifest holds 2 YAML documents; the kubelet reads exactly one. Leave one document in the file.",
        ],
        [
            "a duplicate key",
            SMALL.replace("kind: Pod", "kind: Pod\nkind: Pod"),
            "The manifest is not valid YAML in line 3, column 1: Map keys must be unique. Mend it.",
        ],
        [
            "a tab",
            SMALL.replace("  name: kube-apiserver", "\tname: password"),
            "The manifest is not valid YAML in line 4, column 1: Tabs are not allowed as indentation. Mend it.",
        ],
        [
            "a NUL byte",
            SMALL.replace("6443", "6443\0"),
            "The manifest has a NUL byte in line 10. Restore the file, it is damaged.",
        ],
        [
            "other encodings",
            SMALL.replace("6443", "6443 # \uFFFD"),
            "The manifest has bytes that are not UTF-8 in line 10. Save the file as UTF-8.",
        ],
        [
            "a line end that is none",
            SMALL.replace("6443", "6443 # \u2028"),
            "The manifest has the character U+2028 in line 10, which only some YAML readers take for a line end. End lines with LF or CRLF.",
        ],
        [
            "an unknown alias",
            SMALL.replace("6443", "6443\n    - *x"),
            "The manifest's aliases cannot be resolved: Unresolved alias (the anchor must be set before the alias): x. Write out what they stand for.",
        ],
        [
            "another kind",
            SMALL.replace("kind: Pod", "kind: Secret"),
            'The manifest is of kind "Secret" and apiVersion "v1"; a static pod is a Pod of v1. Put a pod into the file.',
        ],
        [
            "another program",
            SMALL.replace("- kube-apiserver", "- etcd"),
            "In the manifest, no container runs kube-apiserver. Edit the manifest in which one container does.",
        ],
        [
            "two API servers",
            SMALL.replace("  - command:", "  - args: [kube-apiserver]\n  - command:"),
            "In the manifest, 2 containers run kube-apiserver. Edit the manifest in which one container does.",
        ],
        [
            "a shell",
            SMALL.replace("- kube-apiserver\n", "- sh\n    - -c\n    - exec kube-apiserver --secure-port=password\n"),
            "spec.containers[0] in the manifest starts kube-apiserver through a shell, so its flags are part of a script. Write the command as a list of flags.",
        ],
        [
            "flags after --",
            SMALL.replace("- --secure", "- --\n    - --secure"),
            "spec.containers[0] in the manifest has the word --, after which no flag is read. Remove it.",
        ],
        [
            "a flag that is no text",
            SMALL.replace("- --secure-port=6443", "- yes"),
            "spec.containers[0].command[2] in the manifest is a boolean, not text. Put it in quotes.",
        ],
        [
            "volumes that are no list",
            SMALL.replace("volumes:\n  -", "volumes:\n   "),
            "spec.volumes in the manifest is a mapping, not a list. Write it as a list.",
        ],
        [
            "flow style around the lists",
            "apiVersion: v1\nkind: Pod\nspec:\n  containers: [{command: [kube-apiserver]}]\n",
            "spec.containers[0] in the manifest is in flow style ({ … }), where lines cannot be added. Write it in block style, one key a line.",
        ],
        [
            "an anchor on a list",
            SMALL.replace("command:", "command: &flags"),
            "spec.containers[0].command in the manifest has the anchor &flags, so another place shares it. Write it out.",
        ],
        [
            "an alias for a list",
            SMALL.replace("spec:", "x: &v [{name: a}]\nspec:").replace(/volumes:[^]*/, "volumes: *v\n"),
            "spec.volumes in the manifest is the alias *v, so another place shares it. Write it out.",
        ],
        [
            "an anchor on what has to go",
            SMALL.replace("- --audit-log-path=/old.log", "- &path --audit-log-path=/old.log"),
            "spec.containers[0].command[1] in the manifest has the anchor &path, so another place shares it. Write it out.",
        ],
        [
            "a merge key",
            SMALL.replace("metadata:", "x: &x {hostNetwork: true}\nmetadata:").replace("spec:", "spec:\n  <<: *x"),
            "spec in the manifest has a merge key (<<). Write out what it stands for.",
        ],
        [
            "an anchor in what has to go, used elsewhere",
            SMALL.replace("mountPath: ", "mountPath: &m ").replace("  volumes:", "  nodeName: *m\n  volumes:"),
            "The manifest is written in a way that cannot be edited line by line. Write it as kubeadm does: block style, one key a line, no anchors.",
        ],
        [
            "a text block without an end",
            `${SMALL.replace(/\n {2}volumes:[^]*/, "")}\n  nodeName: |\n    x`,
            "The manifest ends in a block of text without a line end, which a line after it would add. End the last line.",
        ],
    ];

    for (const [what, manifest, message] of refusals) {
        it(`refuses ${what}`, () => {
            assert.throws(() => patchManifest(manifest, SETTINGS), new ManifestError(message));
        });
    }

    it("never shows a value of theirs", () => {
        for (const [, , message] of refusals) {
            assert.doesNotMatch(message, /password/);
        }
    });
});
