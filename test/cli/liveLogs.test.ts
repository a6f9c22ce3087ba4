import assert from "node:assert/strict";
import { appendFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { stringify } from "yaml";
import { command as logs } from "../../cli/logs";
import { command as whoDeleted } from "../../cli/whoDeleted";
import { incident } from "../events/incident";
import { lineOf, sampleEvent } from "../events/sampleEvent";
import { withFiles } from "../events/temporaryLogs";
import { useSshd } from "../host/sshFixture";
import { runInMemory } from "./fakeIO";

const { settings } = useSshd();

/** A file that names hosts, all of them this machine, with a log each. */
function hostsFile(logPaths: Readonly<Record<string, string>>): Record<string, string> {
    const { host, ...connection } = settings();
    const hosts = Object.entries(logPaths).map(([name, path]) => ({ name, host, log: { path } }));
    return { "kube-audit.yaml": stringify({ connection, hosts }) };
}

function line(auditID: string): string {
    return `${lineOf(sampleEvent({ auditID }))}\n`;
}

describe("the logs of hosts", () => {
    it("answer who deleted a pod as copies of them do", async () => {
        const names = ["cp-1", "cp-2", "cp-3"];
        const paths = Object.fromEntries(names.map((name) => [name, join(incident, name, "audit.log")]));
        const question = ["pod", "webapp-pod", "-n", "prod-namespace"];
        const live = await runInMemory(
            (io) => whoDeleted([...question, "--hosts", "kube-audit.yaml"], io),
            hostsFile(paths),
        );
        assert.deepEqual(live, await runInMemory((io) => whoDeleted([...question, incident], io)));
        assert.equal(live.code, 0);
    });

    it("are read with their rotated files, and damage is told with its place", () =>
        withFiles(
            {
                "audit-2026-03-01T10-00-00.000.log.gz": gzipSync(line("1")),
                "audit-2026-03-02T10-00-00.000.log": `${line("2")}{"kind":`,
                "audit.log": line("3"),
            },
            async (directory) => {
                const files = hostsFile({ "cp-1": join(directory, "audit.log") });
                const { code, stdout, stderr } = await runInMemory(
                    (io) => logs(["--hosts", "kube-audit.yaml", "--json"], io),
                    files,
                );
                assert.deepEqual(
                    { code, stdout, stderr },
                    {
                        code: 0,
                        stdout: line("1") + line("2") + line("3"),
                        stderr: `cp-1:${directory}/audit-2026-03-02T10-00-00.000.log:2: the line is cut\n`,
                    },
                );
            },
        ));

    it("are followed through rotations", () =>
        withFiles({ "audit.log": line("1") }, async (directory) => {
            const log = join(directory, "audit.log");
            const following = runInMemory(
                (io) => logs(["--hosts", "kube-audit.yaml", "--follow", "--json", "--limit", "5"], io),
                hostsFile({ "cp-1": log }),
            );
            await sleep(1500);
            appendFileSync(log, line("2"));
            renameSync(log, join(directory, "audit-2026-03-02T10-00-00.000.log"));
            writeFileSync(log, line("3"));
            renameSync(log, join(directory, "audit-2026-03-02T10-00-01.000.log"));
            writeFileSync(log, line("4"));
            await sleep(1500);
            appendFileSync(log, line("5"));
            assert.deepEqual((await following).stdout, ["1", "2", "3", "4", "5"].map(line).join(""));
        }));

    it("say which host has none", async () => {
        const files = hostsFile({ "cp-1": "/nowhere/audit.log" });
        await assert.rejects(
            runInMemory((io) => logs(["--hosts", "kube-audit.yaml"], io), files),
            /^CommandError: cp-1: \/nowhere\/audit\.log cannot be read: .*\/nowhere\/audit\.log/,
        );
    });
});
