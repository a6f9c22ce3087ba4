import assert from "node:assert/strict";
import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { ApiServerAudit, type ApiServerAuditArgs } from "kube-apiserver-audit";
import { installFaultyApiServer, restoreApiServer, setFault, type SandboxNode } from "../../sandbox";
import { testCluster } from "./cluster";
import { everything } from "./deliver";
import { AuditStack, hostOf, login, type Run } from "./stack";
import { LOG_DIRECTORY, MANIFEST, Subject } from "./subject";

/** When the manifest got its place and when the API server was started, in seconds of the clock that all hosts share. */
const SHOW_TIMES = `
stat -c %.Y ${MANIFEST}
read -r uptime idle </proc/uptime
set -- $(sed 's/.*) //' /proc/$(pgrep -x kube-apiserver)/stat)
echo "$(date +%s.%N) $uptime \${20}" | awk '{ printf "%.2f\\n", $1 - $2 + $3 / 100 }'
`;

async function times(node: SandboxNode): Promise<number[]> {
    return (await node.check(SHOW_TIMES)).trim().split("\n").map(Number);
}

/** Each host's manifest was replaced after the host before it had its new API server. */
async function assertOneAfterAnother(nodes: readonly SandboxNode[]): Promise<void> {
    const order = (await Promise.all(nodes.map(times))).flat();
    assert.equal(order.length, 2 * nodes.length);
    assert.deepEqual(
        order,
        [...order].sort((a, b) => a - b),
    );
}

function assertDone(run: Run): void {
    assert.equal(run.ok, true, run.output);
}

/** While nobody can connect to the machines. */
async function unreachable<T>(nodes: readonly SandboxNode[], work: () => Promise<T>): Promise<T> {
    await Promise.all(
        nodes.map((node) => node.check("systemctl stop ssh.socket ssh.service 2>/dev/null || systemctl stop ssh")),
    );
    try {
        return await work();
    } finally {
        await Promise.all(nodes.map((node) => node.check("systemctl start ssh")));
    }
}

describe("a roll-out over three hosts", () => {
    let nodes: readonly [SandboxNode, SandboxNode, SandboxNode];
    let subjects: readonly [Subject, Subject, Subject];
    let stack: AuditStack;

    before(async () => {
        ({ nodes } = await testCluster());
        subjects = await Subject.all();
        await installFaultyApiServer(nodes[1]);
        stack = await AuditStack.create({
            hosts: nodes.map(hostOf),
            connection: await login(),
            policy: everything("Metadata"),
        });
    });

    after(async () => {
        await Promise.all(nodes.map((node) => node.check(`rm -rf ${LOG_DIRECTORY}`)));
        await restoreApiServer(nodes[1]);
    });

    async function levels(...nodes: readonly SandboxNode[]): Promise<string[]> {
        const policy = "/etc/kubernetes/audit/policy.yaml";
        const texts = await Promise.all(nodes.map((node) => node.check(`cat ${policy}`)));
        return texts.map((text) => /level: (\w+)/.exec(text)![1]!);
    }

    it("stops at a host that fails, and does not touch those after it", async () => {
        const [, second, third] = await Promise.all(subjects.map((subject) => subject.state()));
        const kept = await subjects[2].process();
        await setFault(nodes[1], "exit");
        const run = await stack.up().finally(() => setFault(nodes[1], undefined));
        assert.equal(run.ok, false, run.output);
        for (const line of [
            "cp-2: The API server started 3 times with the new settings and ended each time.",
            "The last lines of its own log:",
            '    Error: loading audit policy file: the sandbox was told to fail (fault "exit")',
            "cp-2: The old manifest was restored; the API server is healthy with the old settings.",
        ]) {
            assert.ok(run.output.includes(line), run.output);
        }
        assert.deepEqual(await levels(nodes[0]), ["Metadata"]);
        assert.deepEqual([await subjects[1].state(), await subjects[2].state()], [second, third]);
        assert.equal(await subjects[2].process(), kept);
    });

    it("goes on with the rest when the cause is gone", async () => {
        const kept = await subjects[0].process();
        assertDone(await stack.up());
        assert.deepEqual(await levels(...nodes), ["Metadata", "Metadata", "Metadata"]);
        assert.equal(await subjects[0].process(), kept);
        await assertOneAfterAnother(nodes);
        assertDone(await stack.previewInSync());
    });

    it("needs no connection to preview without drift detection", async () => {
        stack.args = { ...stack.args, driftDetection: false };
        await unreachable(nodes, async () => {
            assertDone(await stack.up()); // the component's own argument has changed, and nothing else
            assertDone(await stack.previewInSync());
            stack.args = { ...stack.args, policy: everything("Request") };
            const { ok, output } = await stack.preview();
            assert.equal(ok, true, output);
            const changed = output.split("\n").filter((line) => /^\s+[-+] {1,}(- )?level:/.test(line));
            assert.deepEqual(
                changed.map((line) => line.trim().replace(/\s+/g, " ")),
                nodes.flatMap(() => ["- - level: Metadata", "+ - level: Request"]),
                output,
            );
        });
    });

    it("goes from the first to the last, one after another, and without drift detection too", async () => {
        assertDone(await stack.up());
        assert.deepEqual(await levels(...nodes), ["Request", "Request", "Request"]);
        await assertOneAfterAnother(nodes);
        await unreachable(nodes, async () => {
            assertDone(await stack.previewInSync());
        });
    });

    it("is undone from the last to the first", async () => {
        assertDone(await stack.destroy());
        await assertOneAfterAnother([...nodes].reverse());
        const left = await Promise.all(nodes.map((node) => node.exec(`grep -c audit ${MANIFEST}`)));
        assert.deepEqual(
            left.map(({ stdout }) => stdout),
            ["0\n", "0\n", "0\n"],
        );
    });

    it("does not ask a host in the preview whose address is not known yet", async () => {
        const [machine, host] = nodes;
        const connection = await login();
        const args: ApiServerAuditArgs = { hosts: [], connection, policy: everything("Metadata") };
        const late = await AuditStack.create(args, () => {
            const made = new remote.Command("machine", {
                connection: { ...connection, host: machine.address, hostKey: machine.hostKey },
                create: `echo ${host.address}`,
            });
            const address = made.stdout.apply((text) => text.trim());
            const audit = new ApiServerAudit("audit", { ...args, hosts: [{ ...hostOf(host), host: address }] });
            return Promise.resolve({ reports: pulumi.output(audit.reports) });
        });
        const preview = await unreachable([host], () => late.preview());
        assertDone(preview);
        assert.doesNotMatch(preview.output, /warning|will be restarted/);
        assertDone(await late.up());
        assertDone(await late.previewInSync());
        assertDone(await late.destroy());
    });
});
