import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { ApiServerAudit, AuditCheck, type ApiServerAuditArgs, type Verification } from "kube-apiserver-audit";
import { stringify } from "yaml";
import { dispatch } from "../../cli/dispatch";
import type { Answer } from "../../events/questions/question";
import { createEngine, upCluster, type Cluster, type Engine, type SandboxNode } from "../../sandbox";
import { runInMemory } from "../cli/fakeIO";
import { onProgress as say } from "../e2e/cluster";
import { filterManifest } from "../e2e/controlPlane";
import { everything } from "../e2e/deliver";
import { hostOf } from "../e2e/stack";
import { assertDone, AuditStack, type AuditProgram } from "./auditStack";
import { passed, settled } from "./verifications";

const DIRECTORY = "/var/log/kubernetes/audit";
const FILLER = `${DIRECTORY}/filler`;
const DROP_ALL = "/etc/kubernetes/audit/drop-all.yaml";
const ROOT = join(__dirname, "../..");

/** Falco's own format of an alert in JSON, with the audit ID that its configuration can add. */
const falcoJson = (auditID: string) =>
    JSON.stringify({
        hostname: "cp-1",
        output: "00:00:00.000000000: Notice K8s ConfigMap Get (user=kubernetes-admin)",
        output_fields: { "ka.auditid": auditID, "ka.user.name": "kubernetes-admin" },
        priority: "Notice",
        rule: "K8s ConfigMap Get",
        source: "k8s_audit",
        time: "2026-01-01T00:00:00.000000000Z",
    });

describe("the verification of a cluster of three control-plane nodes", () => {
    let engine: Engine;
    let cluster: Cluster;
    let nodes: readonly [SandboxNode, SandboxNode, SandboxNode];
    let stack: AuditStack;
    /** No object has this name, nor did an earlier run ask for it. */
    const nobody = `none-${randomBytes(4).toString("hex")}`;
    /** A sandbox that was kept has the journals of earlier runs. */
    const began = new Date().toISOString().replace(/\.\d+/, "");
    /** What the check's triggers are; another value has it made again. */
    let run = 1;

    before(async () => {
        cluster = await upCluster({ name: process.env.CLUSTER_SANDBOX ?? "verify", onProgress: say });
        engine = await createEngine({ project: "clusters", onProgress: say });
        const [first, second, third] = cluster.nodes;
        nodes = [first!, second!, third!];
        // Small enough to be filled; there before the API server sees the directory.
        await nodes[1].check(`mkdir -p ${DIRECTORY} && mount -t tmpfs -o size=32m tmpfs ${DIRECTORY}`);
        const program: AuditProgram = (args) => {
            const audit = new ApiServerAudit("audit", args);
            const check = new AuditCheck(
                "check",
                { ...args, timeoutSeconds: 10, triggers: [audit.reports, run] },
                { dependsOn: audit },
            );
            return { checked: check.reports, kubeAudit: audit.kubeAudit };
        };
        stack = await AuditStack.create(engine, argsOf(), { program });
    });

    after(async () => {
        engine.close();
        if (process.env.KEEP_SANDBOX === undefined) {
            await cluster.down();
        } else {
            await nodes[1].check(`umount ${DIRECTORY} && rmdir -p --ignore-fail-on-non-empty ${DIRECTORY}`);
        }
    });

    function argsOf(): ApiServerAuditArgs {
        return {
            hosts: nodes.map(hostOf),
            connection: { user: nodes[0].users.admin, privateKey: cluster.credentials.privateKey },
            policy: everything("Metadata"),
            log: { maxSize: 1, maxBackup: 10 },
        };
    }

    /** A command of `kube-audit` that is given the hosts. */
    function ask(...argv: string[]) {
        const { hosts, connection } = argsOf();
        const files = { "kube-audit.yaml": stringify({ hosts, connection }) };
        return runInMemory((io) => dispatch([...argv, "--hosts", "kube-audit.yaml"], io), files);
    }

    const verify = (...argv: string[]) => ask("verify", "--timeout", "10s", ...argv);

    const full = `No event of GET /version arrived in ${DIRECTORY}/audit.log within 10 s. The file system of ${DIRECTORY} is full (N KiB free): the API server cannot write its log. Make room there.`;

    it("is part of the update that turns auditing on", async () => {
        assertDone(await stack.up());
        const seen = (await stack.output("checked")) as Verification[];
        seen.forEach(({ host, seconds }) => {
            say(`${host}: the event was seen after ${seconds} s`);
        });
        assert.deepEqual(
            seen.map(({ seconds, ...rest }) => [typeof seconds, rest]),
            nodes.map(({ name, address }) => [
                "number",
                {
                    host: name,
                    request: "/version",
                    client: "kubectl",
                    server: `https://${address}:6443`,
                    level: "Metadata",
                },
            ]),
        );
        assertDone(await stack.previewInSync());
    });

    it("passes on every node, asked from the command line", async () => {
        const { code, stdout, stderr } = await verify();
        assert.deepEqual(
            { code, stdout: settled(stdout), stderr },
            { code: 0, stdout: nodes.map((node) => passed(node)).join(""), stderr: "" },
        );
    });

    it("asks for what it is told to ask for, also where that is not there", async () => {
        const path = `/api/v1/namespaces/kube-system/configmaps/${nobody}`;
        const { code, stdout } = await verify("--request", path);
        assert.deepEqual(
            [code, settled(stdout)],
            [0, nodes.map((node) => passed(node).replace("/version", path)).join("")],
        );
    });

    it("tells who deleted a pod, whichever node was asked to", async () => {
        const [first, second, third] = nodes;
        const through = (node: SandboxNode, ...args: string[]) =>
            node.kubectl([`--server=https://${node.address}:6443`, ...args]);
        const done = async (node: SandboxNode, ...args: string[]) => {
            const { code, stderr } = await through(node, ...args);
            assert.equal(code, 0, stderr);
        };
        const pod = ["pod", "webapp-pod"];
        const deletion = ["delete", ...pod, "--now"];
        for (const namespace of ["prod-namespace", "staging"]) {
            const inside = ["--namespace", namespace];
            await done(first, "create", "namespace", namespace);
            await done(first, ...inside, "wait", "--for=create", "--timeout=60s", "serviceaccount/default");
            await done(second, ...inside, "run", "webapp-pod", "--image=registry.k8s.io/pause:3.10.1");
        }
        const refused = await through(second, "--as=eve", "--namespace=prod-namespace", ...deletion);
        assert.equal(refused.code, 1, refused.stderr);
        await done(first, "--namespace=staging", ...deletion);
        await done(third, "--as=alice", "--as-group=system:masters", "--namespace=prod-namespace", ...deletion);

        const question = ["who-deleted", ...pod, "--namespace", "prod-namespace", "--since", began];
        const { code, stdout, stderr } = await ask(...question, "--json");
        assert.deepEqual([code, stderr], [0, ""]);
        const { sentence, rows } = JSON.parse(stdout) as Answer;
        const alice = "kubernetes-admin as alice";
        assert.equal(
            sentence?.replace(/ at \S+$/, ""),
            `pods webapp-pod in prod-namespace: deleted by ${alice} from ${third.address}`,
        );
        assert.deepEqual(
            rows
                .filter(({ how }) => how !== "finished by the kubelet")
                .map(({ status, how, user, source }) => [status, how, user, source]),
            [
                ["403", "deleted", "kubernetes-admin as eve", second.address],
                ["200", "deleted", alice, third.address],
            ],
            stdout,
        );
        await done(first, "delete", "namespace", "prod-namespace", "staging");
    });

    it("finds the hosts in the stack's output", async () => {
        const { stdout } = await promisify(execFile)(
            process.execPath,
            [
                "--require",
                join(ROOT, "node_modules/tsx/dist/cjs/index.cjs"),
                join(ROOT, "cli/main.ts"),
                "verify",
                "--stack",
                stack.name,
            ],
            { cwd: stack.directory, env: { ...process.env, ...engine.env } },
        );
        assert.equal(settled(stdout), nodes.map((node) => passed(node)).join(""));
    });

    it("joins the alerts in the hosts' journals with the requests in their logs", async () => {
        const [first, , third] = nodes;
        const { stdout: found } = await ask("logs", "--name", nobody, "--limit", "1", "--json");
        const { auditID } = JSON.parse(found.split("\n")[0]!) as { auditID: string };
        await first.check(`systemd-cat -t falco sh -c 'echo "Falco version: 0.41.0"; cat'`, {
            stdin: falcoJson(auditID),
        });
        await third.check("systemd-cat -t falco cat", {
            stdin: "00:00:01.000000000: Warning Pod started with privileged container (user=carol pod=x resource=pods ns=y images=z)\n",
        });
        await third.check("systemd-cat -t other echo 00:00:01.000000000: Warning Not of Falco");
        await Promise.all([first, third].map((node) => node.check("journalctl --sync")));
        const { code, stdout, stderr } = await ask("alerts", "--since", began);
        assert.deepEqual([code, stderr], [0, "Lines that are no alert: 1\n"]);
        const lines = stdout.split("\n");
        assert.equal(lines.length, 8, stdout);
        assert.equal(
            lines[0],
            "2026-01-01T00:00:00.000000Z  Notice  K8s ConfigMap Get  user kubernetes-admin  on cp-1",
        );
        assert.ok(lines[1]!.includes("[cp-1:journal:2]"), stdout);
        assert.ok(
            lines[2]!.includes(`  get configmaps ${nobody} in kube-system by kubernetes-admin  ${auditID}`),
            stdout,
        );
        assert.equal(lines[3], "       joined by its audit ID");
        assert.match(
            lines[4]!,
            /^\d\d-\d\d 00:00:01\.000000 {2}Warning {2}Create Privileged Pod {2}user carol {2}pod y\/x {2}on cp-3$/,
        );
        assert.ok(lines[5]!.includes("[cp-3:journal:1]"), stdout);
        assert.equal(lines[6], "    -> no request in the audit log fits");
    });

    /** Until a request leaves nothing in the log: its last page has room for some events, and a rotation makes more. */
    const fill = (node: SandboxNode) => `
        size() { stat -c %s ${DIRECTORY}/audit.log; }
        while
            cat /dev/zero >>${FILLER}
            before=$(size)
            kubectl --kubeconfig /etc/kubernetes/admin.conf --server https://${node.address}:6443 get --raw /version >/dev/null || exit
            [ "$(size)" -ne "$before" ]
        do :; done`;

    it("fails where the log's file system is full, and names the node", async () => {
        await nodes[1].check(fill(nodes[1]));
        try {
            const { code, stdout } = await verify();
            assert.deepEqual(
                [code, settled(stdout)],
                [1, `${passed(nodes[0])}cp-2  FAILED  ${full}\n${passed(nodes[2])}`],
            );
            run++;
            const { ok, output } = await stack.up();
            assert.equal(ok, false, output);
            assert.ok(settled(output).includes(`cp-2: ${full}`), output);
            assert.ok(!/cp-[13]: No event/.test(output), output);
        } finally {
            await nodes[1].check(`rm ${FILLER}`);
        }
        assertDone(await stack.up());
        assertDone(await stack.previewInSync());
    });

    it("fails where the running policy drops the request, and names the node", async () => {
        const [, , third] = nodes;
        const drop = JSON.stringify({ apiVersion: "audit.k8s.io/v1", kind: "Policy", rules: [{ level: "None" }] });
        await third.check(`echo '${drop}' >${DROP_ALL}`);
        await third.check(filterManifest(`sed 's#audit-policy-file=[^ ]*#audit-policy-file=${DROP_ALL}#'`));
        await third.check(`until pgrep -fx 'kube-apiserver .*${DROP_ALL}.*' >/dev/null; do sleep 0.5; done`);
        await third.waitHealthy();

        const { code, stdout } = await verify();
        const dropped = `The policy (${DROP_ALL}) drops every harmless request: `;
        assert.equal(code, 1);
        assert.equal(
            settled(stdout).replace(/(harmless request: ).*/, "$1"),
            `${passed(nodes[0])}${passed(nodes[1])}cp-3  FAILED  ${dropped}\n`,
        );

        const program: AuditProgram = (args) => ({ reports: new AuditCheck("check", args).reports });
        const alone = await AuditStack.create(engine, argsOf(), { program });
        const { ok, output } = await alone.up();
        assert.equal(ok, false, output);
        assert.ok(
            output.includes(`cp-3: The API server runs with another policy than was expected (${DROP_ALL}).`),
            output,
        );
        assertDone(await alone.destroy());
    });

    it("passes again once an update has repaired the node, and is made again by that", async () => {
        assertDone(await stack.up());
        await nodes[2].check(`rm -f ${DROP_ALL}`);
        assertDone(await stack.previewInSync());
        assert.equal((await verify()).code, 0);
    });

    it("leaves nothing on the hosts", async () => {
        assertDone(await stack.destroy());
        const traces = await Promise.all(
            nodes.map((node) =>
                node.check("ls -d /etc/kubernetes/audit /run/kube-apiserver-audit/verify.* 2>/dev/null; :"),
            ),
        );
        assert.deepEqual(traces, ["", "", ""]);
    });
});
