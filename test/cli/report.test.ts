import assert from "node:assert/strict";
import { dispatch } from "../../cli/dispatch";
import { event } from "../events/event";
import { runInMemory } from "./fakeIO";
import { filesForTests, logText } from "./logFile";

const header = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n";

describe("kube-audit report", () => {
    const log = [
        event("GET /api/v1/namespaces/shop/secrets/db by eve", { auditID: "a" }),
        event("GET /version by bob", { auditID: "b", stageTimestamp: "2026-01-01T10:10:00.000000Z" }),
    ];
    const file = filesForTests(() => ({ "audit.log": `${logText(log)}cut\n` }));
    const files = () => ({ "metadata.yaml": `${header}- level: Metadata\n`, "broken.yaml": "rules: 1\n" });
    const run = (written: Record<string, string>, ...argv: string[]) =>
        runInMemory((io) => dispatch(["report", file("audit.log"), ...argv], io), written);

    it("writes the page into a file", async () => {
        const written: Record<string, string> = files();
        const { code, stdout, stderr } = await run(written, "-o", "report.html", "--policy", "metadata.yaml");
        assert.deepEqual([code, stdout], [0, ""]);
        assert.match(stderr, /audit\.log:3: /);
        const page = written["report.html"]!;
        assert.match(page, /^<!doctype html>/);
        assert.ok(page.includes("1 place in the logs could not be read."));
        assert.ok(page.includes("Policy coverage"));
    });

    it("writes the page to standard output, without a section that nobody asked for", async () => {
        const { code, stdout } = await run(files());
        assert.equal(code, 0);
        assert.match(stdout, /^<!doctype html>[^]*<\/html>\n$/);
        assert.ok(!stdout.includes("Policy coverage"));
    });

    it("writes what the page says as JSON", async () => {
        const { stdout } = await run(files(), "--json", "--policy", "metadata.yaml");
        const report = JSON.parse(stdout) as Record<string, unknown> & { users: { labels: string[]; count: number }[] };
        assert.deepEqual([report.events, report.requests, report.failed], [2, 2, 0]);
        assert.deepEqual(
            report.users.map(({ labels, count }) => [...labels, count]),
            [
                ["bob", 1],
                ["eve", 1],
            ],
        );
        assert.deepEqual(Object.keys(report.policy as object), ["simulation", "evidence"]);
    });

    it("refuses a policy that is not valid", async () => {
        assert.equal((await run(files(), "--policy", "broken.yaml")).code, 1);
    });

    it("needs a log", async () => {
        assert.equal((await runInMemory((io) => dispatch(["report"], io))).code, 2);
    });
});
