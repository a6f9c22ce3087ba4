import assert from "node:assert/strict";
import { dispatch } from "../../cli/dispatch";
import { sampleLog } from "../events/sampleLog";
import { runInMemory } from "./fakeIO";
import { filesForTests, logText } from "./logFile";

const header = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n";
const policies = {
    "fewer.yaml": `${header}- level: None\n  verbs: [get, update]\n- level: Metadata\n`,
    "request.yaml": `${header}- level: Request\n`,
    "broken.yaml": "rules: 1\n",
};

describe("kube-audit retention", () => {
    const log = sampleLog({ rules: [{ level: "Metadata" }] });
    const file = filesForTests(() => ({ "audit.log": logText(log), "one.log": logText(log.slice(0, 1)) }));
    const run = (name: string, ...argv: string[]) =>
        runInMemory((io) => dispatch(["retention", file(name), ...argv], io), { ...policies });
    const lines = (name: string, ...rest: string[]) =>
        [`${file(name)}${rest[0]}`, ...rest.slice(1), ""].join("\n  ").trimEnd() + "\n";

    it("says how far back a log reaches, and what to set", async () => {
        assert.deepEqual(await run("audit.log", "--max-size", "1", "--days", "7"), {
            code: 1,
            stdout: lines(
                "audit.log",
                ": 21.7 MiB a day, as in the 59.9 min up to 2026-01-01T00:59:55.020Z",
                "reaches back  11 h to 12.2 h",
                "limited by    maxBackup: 10 files besides the current one; a file is full after 1.1 h",
                "disk          11 MiB",
                "for 7 days    maxSize 1, maxBackup 153, maxAge 7; disk 154 MiB",
            ),
            stderr: "",
        });
    });

    it("says that the settings are enough", async () => {
        assert.deepEqual(await run("audit.log", "--max-age", "8", "--days", "7"), {
            code: 0,
            stdout: lines(
                "audit.log",
                ": 21.7 MiB a day, as in the 59.9 min up to 2026-01-01T00:59:55.020Z",
                "reaches back  8 d to 13.8 d",
                "limited by    maxAge: 8 days; a file is full after 4.6 d",
                "disk          300 MiB",
                "for 7 days    it reaches; enough would be maxSize 100, maxBackup 2, maxAge 7; disk 300 MiB",
            ),
            stderr: "",
        });
    });

    it("takes the rate at which another policy would record", async () => {
        assert.deepEqual(await run("audit.log", "--policy", "fewer.yaml", "--max-size", "1", "--compress"), {
            code: 0,
            stdout: lines(
                "audit.log",
                ": 2.48 MiB a day, as in the 59.9 min up to 2026-01-01T00:59:55.020Z",
                "reaches back  4.03 d to 4.44 d",
                "limited by    maxBackup: 10 files besides the current one; a file is full after 9.68 h",
                "disk          1.28 MiB, compressed to 2.6 %",
            ),
            stderr: "",
        });
    });

    it("says what is not known where bodies are not", async () => {
        const { code, stdout } = await run("audit.log", "--policy", "request.yaml", "--days", "400");
        assert.equal(code, 1);
        const [first = "", reach = "", , , wanted = ""] = stdout.split("\n");
        assert.match(first, /: at least 21\.\d MiB a day/);
        assert.match(reach, /^ {2}reaches back {2}up to /);
        assert.match(wanted, /^ {2}for 400 days {2}at least maxSize 100, maxBackup \d+, maxAge 400; disk /);
    });

    it("writes JSON", async () => {
        const { stdout } = await run("audit.log", "--max-backup", "0", "--max-age", "0", "--json");
        const { logs } = JSON.parse(stdout) as { logs: Record<string, unknown>[] };
        const { compressedShare, secondsPerFile, bytesPerSecond, ...rest } = logs[0]!;
        assert.deepEqual(
            [typeof compressedShare, typeof secondsPerFile, typeof bytesPerSecond],
            ["number", "number", "object"],
        );
        assert.deepEqual(rest, {
            name: file("audit.log"),
            window: { from: "2026-01-01T00:00:00.000Z", to: "2026-01-01T00:59:55.020Z", seconds: 3595.02 },
            backups: null,
            limit: "none",
            reach: { min: null, max: null },
            disk: null,
        });
    });

    it("says that nothing is ever removed", async () => {
        const { stdout } = await run("audit.log", "--max-backup", "0", "--max-age", "0");
        assert.match(
            stdout,
            /reaches back {2}for ever\n {2}limited by {4}nothing: no file is ever removed\n {2}disk {10}no limit\n/,
        );
    });

    it("cannot tell a rate from a single event", async () => {
        assert.deepEqual(await run("one.log"), {
            code: 1,
            stdout: `${file("one.log")}: too short to tell a rate from\n`,
            stderr: "",
        });
    });

    it("refuses a policy that is not valid", async () => {
        assert.equal((await run("audit.log", "--policy", "broken.yaml")).code, 1);
    });

    for (const argv of [
        ["--days", "0"],
        ["--max-size", "-1"],
        ["--max-age", "x"],
        ["--policy", "fewer.yaml", "-"],
    ]) {
        it(`takes "${argv.join(" ")}" for bad usage`, async () => {
            assert.equal((await run("audit.log", ...argv)).code, 2);
        });
    }
});
