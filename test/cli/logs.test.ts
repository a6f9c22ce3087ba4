import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { command } from "../../cli/logs";
import { incident } from "../events/incident";
import { lineOf, sampleEvent } from "../events/sampleEvent";
import { withFiles } from "../events/temporaryLogs";
import { runInMemory, type Outcome } from "./fakeIO";

function logs(...argv: string[]): Promise<Outcome> {
    return runInMemory((io) => command(argv, io));
}

describe("kube-audit logs", () => {
    it("gives the events as they were recorded", async () => {
        const file = join(incident, "cp-3", "audit.log");
        const recorded = readFileSync(file, "utf8")
            .split("\n")
            .filter((line) => line.includes('"verb":"delete"'));
        const events = recorded.map((line) => `${JSON.stringify(JSON.parse(line))}\n`).join("");
        assert.equal(recorded.length, 2);
        assert.deepEqual(await logs(file, "--verb", "delete", "--json"), { code: 0, stdout: events, stderr: "" });
    });

    it("says by its exit code that nothing was found", async () => {
        for (const output of ["table", "json", "top", "timeline", "summary", "diff", "yaml"]) {
            assert.deepEqual(await logs(incident, "--user", "nobody", "-o", output), {
                code: 1,
                stdout: "",
                stderr: "",
            });
        }
    });

    it("counts in JSON", async () => {
        const { stdout } = await logs(
            incident,
            "-o",
            "top",
            "--by",
            "group,status",
            "--failed",
            "--json",
            "--limit",
            "2",
        );
        assert.deepEqual(JSON.parse(stdout), {
            top: [
                { count: 5, group: "", status: "401" },
                { count: 4, group: "system:authenticated", status: "403" },
            ],
            different: 6,
        });
    });

    it("plots in JSON", async () => {
        const { stdout } = await logs(incident, "-o", "timeline", "--failed", "--json", "--limit", "3");
        assert.deepEqual(JSON.parse(stdout), {
            seconds: 300,
            buckets: [
                { start: "2026-03-02T09:40:00.000Z", count: 9, failed: 9 },
                { start: "2026-03-02T09:45:00.000Z", count: 1, failed: 1 },
            ],
        });
    });

    it("shows no control characters, and no more than one line for an event", () =>
        withFiles(
            { "audit.log": lineOf(sampleEvent({ user: { username: "eve\u001b[2K\rjane\n\u202e" } })) },
            async (directory) => {
                const { stdout } = await logs(`${directory}/audit.log`);
                assert.equal(
                    stdout,
                    "TIME                      STATUS  VERB  RESOURCE  NAME      USER                                SOURCE\n" +
                        "2026-03-02T09:15:04.125Z  200     get   pods      shop/web  eve\\u001b[2K\\u000djane\\u000a\\u202e  10.0.0.7\n",
                );
            },
        ));

    it("counts what is damaged", () =>
        withFiles({ "audit.log": "hello\n".repeat(12) }, async (directory) => {
            const file = `${directory}/audit.log`;
            const lines = Array.from({ length: 10 }, (_, index) => `${file}:${index + 1}: no JSON\n`);
            assert.equal((await logs(file)).stderr, `${lines.join("")}12 damaged places in all\n`);
        }));

    it("says what is wrong with its arguments", async () => {
        for (const [argv, message] of [
            [["/nowhere"], /^cannot read \/nowhere: no such file$/],
            [[incident, "-o", "html"], /^--output is "html"; give one of table, wide, json, /],
            [[incident, "-o", "top", "--by", "nmae"], /^--by: there is no field "nmae", but auditID, name, /],
            [[incident, "--limit", "0"], /^--limit is "0"; give a whole number from 1 on$/],
            [[incident, "--where", "usr"], /^--where: there is no "usr" in an event, but /],
            [[incident, "--follow"], /^--follow needs --hosts or --stack$/],
            [[incident, "--requests", "-o", "top"], /^--requests shows a table, wide or json, not top$/],
        ] as const) {
            await assert.rejects(logs(...argv), { name: "CommandError", message });
        }
    });
});
