import assert from "node:assert/strict";
import { dispatch } from "../../cli/dispatch";
import { manifestFixtures } from "../host/fixtures";
import { runInMemory } from "./fakeIO";

const POLICY = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";

const MANIFEST = `apiVersion: v1
kind: Pod
metadata:
  name: kube-apiserver
spec:
  containers:
  - command:
    - kube-apiserver
    - --audit-log-path=/old.log
    image: registry.k8s.io/kube-apiserver:v1.34.4
    name: kube-apiserver
`;

const PATCHED = `apiVersion: v1
kind: Pod
metadata:
  name: kube-apiserver
spec:
  containers:
  - command:
    - kube-apiserver
# displaced-by: kube-apiserver-audit:     - --audit-log-path=/old.log
    - --audit-policy-file=/etc/kubernetes/audit/policy-4c24658bceb8.yaml # managed-by: kube-apiserver-audit
    - --audit-log-path=- # managed-by: kube-apiserver-audit
    - --audit-log-maxage=30 # managed-by: kube-apiserver-audit
    - --audit-log-maxbackup=10 # managed-by: kube-apiserver-audit
    - --audit-log-maxsize=100 # managed-by: kube-apiserver-audit
    - --audit-log-mode=batch # managed-by: kube-apiserver-audit
    - --audit-log-batch-max-wait=5s # managed-by: kube-apiserver-audit
    image: registry.k8s.io/kube-apiserver:v1.34.4
    name: kube-apiserver
    volumeMounts: # managed-by: kube-apiserver-audit
    - mountPath: /etc/kubernetes/audit # managed-by: kube-apiserver-audit
      name: kube-apiserver-audit-policy # managed-by: kube-apiserver-audit
      readOnly: true # managed-by: kube-apiserver-audit
  volumes: # managed-by: kube-apiserver-audit
  - hostPath: # managed-by: kube-apiserver-audit
      path: /etc/kubernetes/audit # managed-by: kube-apiserver-audit
      type: Directory # managed-by: kube-apiserver-audit
    name: kube-apiserver-audit-policy # managed-by: kube-apiserver-audit
`;

const SETTINGS = "policy: ../policy.yaml\nlog:\n  path: '-'\n  mode: batch\n  batch: {maxWait: 5s}\n";

const FILES = { "m.yaml": MANIFEST, "/a/b/settings.yaml": SETTINGS, "/a/policy.yaml": POLICY };

const run = (argv: string[], files: Record<string, string | Buffer> = {}) =>
    runInMemory((io) => dispatch(argv, io), { ...FILES, ...files });

describe("kube-audit manifest patch", () => {
    const patch = ["manifest", "patch", "m.yaml", "--settings", "/a/b/settings.yaml"];

    it("prints the patched manifest", async () => {
        assert.deepEqual(await run(patch), { code: 0, stdout: PATCHED, stderr: "" });
    });

    it("reads either file from standard input", async () => {
        const manifest = await run(["manifest", "patch", "-", "--settings", "/a/b/settings.yaml"], { "-": MANIFEST });
        assert.deepEqual(manifest, { code: 0, stdout: PATCHED, stderr: "" });
        const settings = { "-": SETTINGS.replace("../", "/a/") };
        assert.deepEqual(await run(["manifest", "patch", "m.yaml", "--settings", "-"], settings), manifest);
    });

    it("gives a policy the path that the component would, newline at its end or not", async () => {
        assert.equal((await run(patch, { "/a/policy.yaml": POLICY.trimEnd() })).stdout, PATCHED);
    });

    it("takes the place of earlier settings", async () => {
        assert.equal((await run(patch, { "m.yaml": PATCHED.replaceAll("batch", "blocking") })).stdout, PATCHED);
    });

    it("needs nothing but the policy", async () => {
        const { code, stdout } = await run(patch, { "/a/b/settings.yaml": "policy: ../policy.yaml\nlog:\n" });
        assert.equal(code, 0);
        assert.match(stdout, /--audit-log-path=\/var\/log\/kubernetes\/audit\/audit\.log # managed-by/);
    });

    it("refuses a policy that the manifest's own version would not start with", async () => {
        const policy = `${POLICY}  resources:\n  - group: "*"\n`;
        const { code, stdout, stderr } = await run(patch, { "/a/policy.yaml": policy });
        assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
        assert.match(stderr, /^\/a\/policy\.yaml:6:12: error: rules\[0\]\.resources\.group: Invalid value: "\*"/);
        const newer = MANIFEST.replace("v1.34.4", "v1.36.0");
        assert.equal((await run(patch, { "/a/policy.yaml": policy, "m.yaml": newer })).code, 0);
    });

    it("passes on what a policy check warns of, here where no version is known", async () => {
        const files = {
            "/a/policy.yaml": `${POLICY}  resources:\n  - group: "*"\n`,
            "m.yaml": MANIFEST.replace(":v1.34.4", ""),
        };
        const { code, stdout, stderr } = await run(patch, files);
        assert.equal(code, 0);
        assert.notEqual(stdout, "");
        assert.match(stderr, /^\/a\/policy\.yaml:6:12: warning: /);
    });

    const refused: [what: string, manifest: string, stderr: string][] = [
        [
            "JSON",
            '{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"command": ["kube-apiserver"]}]}}',
            "m.yaml: The manifest is JSON, which has no comments to mark lines with. Rewrite it as YAML, one key a line.\n",
        ],
        [
            "another pod",
            MANIFEST.replaceAll("kube-apiserver", "etcd"),
            "m.yaml: In the manifest, no container runs kube-apiserver. Edit the manifest in which one container does.\n",
        ],
    ];
    for (const [what, manifest, stderr] of refused) {
        it(`refuses ${what}`, async () => {
            assert.deepEqual(await run(patch, { "m.yaml": manifest }), { code: 1, stdout: "", stderr });
        });
    }

    const badSettings: [what: string, settings: string, ...errors: string[]][] = [
        [
            "unknown keys",
            "policy: p\nlogs: {}\nlog:\n  max_age: 1\n  colour: 2\n  batch: {maxwait: 5s}\n  truncate: {level: 1}\n",
            "logs is no setting; did you mean log?",
            "log.max_age is no setting; did you mean maxAge?",
            "log.colour is no setting; known are path, maxAge, maxBackup, maxSize, format, compress, mode, batch, truncate.",
            "log.batch.maxwait is no setting; did you mean maxWait?",
            "log.truncate.level is no setting; known are enabled, maxBatchSize, maxEventSize.",
        ],
        [
            "no policy",
            "log: 7\n",
            "policy is missing or no path; give the path of the policy file.",
            "log is no mapping; give the settings of the log, or leave it out.",
        ],
        [
            "values that the API server would refuse",
            "policy: ../policy.yaml\nlog: {maxSize: 0, maxAge: '3'}\n",
            'log.maxAge is "3"; give a whole number from 0 to 2147483647.',
        ],
        [
            "values that mean something else to other versions",
            "policy: ../policy.yaml\nlog: {maxSize: 0}\n",
            "log.maxSize is 0, which means 100 MiB to Kubernetes 1.34 and something else to other versions; give the number of MiB.",
        ],
    ];
    for (const [what, settings, ...errors] of badSettings) {
        it(`takes ${what} for bad usage`, async () => {
            const lines = errors.map((error) => `/a/b/settings.yaml: ${error}`).join("\n");
            assert.deepEqual(await run(patch, { "/a/b/settings.yaml": settings }), {
                code: 2,
                stdout: "",
                stderr: `kube-audit manifest patch: ${lines}\n`,
            });
        });
    }

    it("takes files that are not there, not YAML or no mapping for bad usage", async () => {
        assert.deepEqual(await run(patch, { "/a/b/settings.yaml": "policy: gone.yaml\n" }), {
            code: 2,
            stdout: "",
            stderr: "kube-audit manifest patch: cannot read /a/b/gone.yaml: no such file\n",
        });
        assert.equal((await run(["manifest", "patch", "gone", "--settings", "/a/b/settings.yaml"])).code, 2);
        assert.equal((await run(["manifest", "patch", "m.yaml", "--settings", "gone"])).code, 2);
        assert.equal((await run(patch, { "/a/b/settings.yaml": "policy: [\n" })).code, 2);
        assert.equal((await run(patch, { "/a/b/settings.yaml": "- policy\n" })).code, 2);
    });

    it("takes missing and surplus arguments for bad usage", async () => {
        for (const argv of [["m.yaml"], ["--settings", "x"], ["a", "b", "--settings", "x"], ["-", "--settings", "-"]]) {
            const { code, stdout } = await run(["manifest", "patch", ...argv]);
            assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
        }
    });

    it("explains itself", async () => {
        const { code, stdout } = await run(["manifest", "patch", "--help"]);
        assert.equal(code, 0);
        assert.match(stdout, /^usage: kube-audit manifest patch FILE --settings FILE\n/);
    });
});

describe("kube-audit manifest strip", () => {
    it("gives back what was patched", async () => {
        assert.deepEqual(await run(["manifest", "strip", "-"], { "-": PATCHED }), {
            code: 0,
            stdout: MANIFEST,
            stderr: "",
        });
    });

    it("prints a manifest without marks as it is, line ends included", async () => {
        for (const { text } of manifestFixtures("manifests")) {
            const { code, stdout } = await run(["manifest", "strip", "m.yaml"], { "m.yaml": `\uFEFF${text}` });
            assert.deepEqual({ code, stdout }, { code: 0, stdout: `\uFEFF${text}` });
        }
    });

    it("refuses what is no text, for it could not be printed as it is", async () => {
        assert.deepEqual(await run(["manifest", "strip", "m.yaml"], { "m.yaml": Buffer.from([0xff, 0xfe]) }), {
            code: 2,
            stdout: "",
            stderr: "kube-audit manifest strip: m.yaml is not UTF-8 text\n",
        });
    });

    it("takes missing and surplus arguments for bad usage", async () => {
        for (const argv of [[], ["a", "b"], ["--settings", "x"]]) {
            assert.equal((await run(["manifest", "strip", ...argv])).code, 2);
        }
        assert.match((await run(["manifest", "strip", "-h"])).stdout, /^usage: kube-audit manifest strip FILE\n/);
    });
});
