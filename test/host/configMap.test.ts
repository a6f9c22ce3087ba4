import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
    chmodSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kubeadmConfigScript, parseKubeadmConfigReport } from "../../host/kubeadmConfig";
import { SHELLS } from "./transaction";
import { wishOf } from "./observedHost";

/**
 * Stands for kubectl, with one ConfigMap in the file $STORE: its version in the first line, then its text. As often as
 * $STORE-races says, somebody else is faster; as often as $STORE-down says, nobody answers.
 */
const KUBECTL = `#!/usr/bin/env node
const { existsSync, readFileSync, writeFileSync, appendFileSync } = require("node:fs");
const store = process.env.STORE;
const words = process.argv.slice(2);
appendFileSync(store + "-calls", words.filter((word) => !word.startsWith("--patch-file=")).join(" ") + "\\n");
const refusals = existsSync(store + "-down") ? Number(readFileSync(store + "-down", "utf8")) : 0;
if (refusals > 0) {
    writeFileSync(store + "-down", String(refusals - 1));
    process.stderr.write("The connection to the server was refused\\n");
    process.exit(1);
}
const verb = words.find((word) => !word.startsWith("--"));
if (verb === "get" && existsSync(store)) process.stdout.write(readFileSync(store));
if (verb === "patch") {
    const file = words.find((word) => word.startsWith("--patch-file=")).split("=")[1];
    const [test, replace] = JSON.parse(readFileSync(file, "utf8"));
    const races = existsSync(store + "-races") ? Number(readFileSync(store + "-races", "utf8")) : 0;
    const [version, text] = readFileSync(store, "utf8").split(/\\n(.*)/s);
    const now = races > 0 ? Number(version) + 1 : Number(version);
    if (races > 0) {
        writeFileSync(store + "-races", String(races - 1));
        writeFileSync(store, now + "\\n" + text + "# somebody was here\\n");
    }
    if (test.value !== String(now)) {
        process.stderr.write("the server rejected our request due to an error in our request\\n");
        process.exit(1);
    }
    writeFileSync(store, now + 1 + "\\n" + replace.value);
}
`;

const KUBEADMS = `apiServer:
  extraArgs:
  - name: "feature-gates"
    value: A=true # a \\ "comment"
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
`;

describe("the script for kubeadm's configuration", () => {
    let root: string;

    beforeEach(() => {
        root = mkdtempSync(join(tmpdir(), "config-map-"));
        mkdirSync(join(root, "bin"));
        mkdirSync(join(root, "run"));
        mkdirSync(join(root, "etc/kubernetes/manifests"), { recursive: true });
        writeFileSync(join(root, "bin/kubectl"), KUBECTL);
        chmodSync(join(root, "bin/kubectl"), 0o755);
        writeFileSync(join(root, "etc/kubernetes/admin.conf"), "");
        writeFileSync(
            join(root, "etc/kubernetes/manifests/kube-apiserver.yaml"),
            "    - --advertise-address=192.0.2.11\n",
        );
    });

    afterEach(() => {
        rmSync(root, { recursive: true });
    });

    const store = () => join(root, "store");
    const script = kubeadmConfigScript(wishOf().settings, ["a plan"]);

    function run(verb: string, shell: readonly [string, ...string[]] = SHELLS.dash, input = script) {
        const [program, ...options] = shell;
        const { status, stdout, stderr } = spawnSync(program, [...options, "--", verb], {
            input: input
                .replaceAll(/^ *sleep 1\n/gm, "")
                .replace("patience=60", "patience=4")
                .replaceAll("/run/", `${root}/run/`)
                .replaceAll("=/etc/kubernetes/", `=${root}/etc/kubernetes/`),
            encoding: "utf8",
            env: { PATH: `${root}/bin:${process.env.PATH ?? ""}`, STORE: store() },
        });
        const left = existsSync(join(root, "run/kube-apiserver-audit"))
            ? readdirSync(join(root, "run/kube-apiserver-audit"))
            : [];
        assert.deepEqual(left, []);
        return { status, stderr, report: status === 0 ? parseKubeadmConfigReport(stdout) : undefined };
    }

    const keep = (text: string) => {
        writeFileSync(store(), `41\n${text}`);
    };
    const kept = () => {
        const [version, text] = readFileSync(store(), "utf8").split(/\n(.*)/s);
        return { version, text: text! };
    };
    const calls = () => readFileSync(`${store()}-calls`, "utf8").trimEnd().split("\n");

    const done = (changed: boolean, ...warnings: string[]) => ({
        status: 0,
        stderr: "",
        report: { changed, warnings },
    });

    for (const [name, [program, ...options]] of Object.entries(SHELLS)) {
        const shell: [string, ...string[]] = [program, ...options];
        it(`puts the settings in, once, and takes them out again, under ${name}`, () => {
            keep(KUBEADMS);
            assert.deepEqual(run("apply", shell), done(true));
            const { text, version } = kept();
            assert.equal(version, "42");
            assert.match(text, /\n {2}- name: audit-policy-file # managed-by: kube-apiserver-audit\n/);
            assert.deepEqual(run("apply", shell), done(false));
            assert.deepEqual(kept(), { text, version });
            assert.deepEqual(run("remove", shell), done(true));
            assert.deepEqual(kept(), { version: "43", text: KUBEADMS });
            assert.deepEqual(run("remove", shell), done(false));
        });
    }

    it("asks this host's own API server, for one object", () => {
        keep(KUBEADMS);
        run("apply");
        const common = `--kubeconfig=${root}/etc/kubernetes/admin.conf --server=https://192.0.2.11:6443 --request-timeout=10s --namespace=kube-system`;
        assert.deepEqual(
            calls().map((call) => call.replace(/ --output=.*/, "")),
            [
                `${common} get configmap kubeadm-config --ignore-not-found`,
                `${common} patch configmap kubeadm-config --type=json`,
            ],
        );
    });

    it("reads again where somebody else has written in between, and keeps what they wrote", () => {
        keep(KUBEADMS);
        writeFileSync(`${store()}-races`, "2");
        assert.deepEqual(run("apply"), done(true));
        assert.equal(kept().version, "44");
        run("remove");
        assert.equal(kept().text, `${KUBEADMS}# somebody was here\n# somebody was here\n`);
    });

    it("fails where somebody else is always faster, and where nobody answers", () => {
        keep(KUBEADMS);
        writeFileSync(`${store()}-races`, "99");
        const message = "The ConfigMap kube-system/kubeadm-config could not be";
        const { status, stderr } = run("apply");
        assert.deepEqual(
            [status, stderr],
            [
                1,
                `${message} written: the server rejected our request due to an error in our request. Mend that, then run the update again.\n`,
            ],
        );
        writeFileSync(`${store()}-down`, "99");
        for (const verb of ["apply", "remove"]) {
            const { status, stderr } = run(verb);
            assert.deepEqual(
                [status, stderr],
                [
                    1,
                    `${message} read: The connection to the server was refused. Mend that, then run the update again.\n`,
                ],
            );
        }
    });

    it("waits for an API server that has just been started", () => {
        for (const verb of ["apply", "remove"]) {
            keep(KUBEADMS);
            writeFileSync(`${store()}-down`, "3");
            assert.equal(run(verb).status, 0);
        }
    });

    it("warns where the cluster was not made by kubeadm", () => {
        const warning =
            "There is no ConfigMap kube-system/kubeadm-config with a ClusterConfiguration, so this cluster was not made by " +
            "kubeadm, and nothing was written there. Set persistInKubeadmConfig: false.";
        assert.deepEqual(run("apply"), done(false, warning));
        assert.deepEqual(run("remove"), done(false));
    });

    it("says nothing of a host whose API server is no static pod of kubeadm's", () => {
        rmSync(join(root, "etc/kubernetes/manifests/kube-apiserver.yaml"));
        keep(KUBEADMS);
        assert.deepEqual(run("apply"), done(false));
        assert.equal(existsSync(`${store()}-calls`), false);
    });

    it("warns where there is no kubectl to do it with", () => {
        rmSync(join(root, "etc/kubernetes/admin.conf"));
        keep(KUBEADMS);
        const { report } = run("apply");
        assert.match(
            report!.warnings.join(),
            /^This host has no kubectl or no .*admin\.conf, so the audit settings were not put/,
        );
        assert.deepEqual(kept().text, KUBEADMS);
    });

    it("warns where the text cannot be edited, and leaves it alone", () => {
        const text = KUBEADMS.replace(/ {2}extraArgs[^]*comment"\n/, "  extraArgs: [{name: a, value: b}]\n");
        keep(text);
        assert.deepEqual(
            run("apply"),
            done(
                false,
                "The ClusterConfiguration in the ConfigMap kube-system/kubeadm-config cannot be edited: apiServer.extraArgs is " +
                    "not in block style. Write it as kubeadm does: in block style, one key a line. It was left alone, so kubeadm " +
                    "upgrade will drop the audit settings, and the next update will put them back.",
            ),
        );
        assert.equal(kept().text, text);
    });

    it("warns of audit settings of theirs, which kubeadm will forget", () => {
        keep(KUBEADMS.replace("feature-gates", "audit-log-maxage"));
        const { report } = run("apply");
        assert.match(report!.warnings.join(), /has audit settings of its own\. They stay there as comments/);
    });

    it("takes out what kubeadm has written of ours, without marks", () => {
        keep(KUBEADMS);
        run("apply");
        keep(kept().text.replace(/ # managed-by: kube-apiserver-audit$/gm, ""));
        const other = kubeadmConfigScript(
            { ...wishOf().settings, policyFile: "/etc/kubernetes/audit/policy-0.yaml" },
            [],
        );
        assert.deepEqual(run("apply", SHELLS.dash, other), done(true));
        assert.equal(
            kept()
                .text.match(/policy-\w+\.yaml/g)!
                .join(),
            "policy-0.yaml",
        );
        keep(kept().text.replace(/ # managed-by: kube-apiserver-audit$/gm, ""));
        assert.deepEqual(run("remove"), done(true));
        assert.equal(kept().text, KUBEADMS);
    });

    it("does nothing where it was cut", () => {
        keep(KUBEADMS);
        const { status, stderr } = run("apply", SHELLS.dash, script.replace(" complete\n", "\n"));
        assert.deepEqual([status, stderr], [2, "The settings for kubeadm arrived incomplete. Nothing was changed.\n"]);
        assert.equal(existsSync(`${store()}-calls`), false);
    });
});
