import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { collectReport } from "../../../events/report/collect";
import { html } from "../../../events/report/html";
import { renderReport } from "../../../events/report/page";
import type { AuditEvent } from "../../../events/event";
import { event } from "../event";
import { collectSample, sampleReport } from "./sampleReport";

const golden = join(__dirname, "fixtures", "report.html");

const rotation = { maxSize: 100, maxBackup: 10, maxAge: 30, compress: false };

async function page(events: readonly AuditEvent[]): Promise<string> {
    const source = { name: "audit.log", files: [] };
    const located = events.map((one, index) => ({ event: one, source, place: { file: "audit.log", line: index + 1 } }));
    const options = { rotation, policy: { rules: [{ level: "Metadata" as const, verbs: ["get"] }] }, top: 2 };
    const report = await collectReport(toAsync(located), options);
    return renderReport(report, { sources: ["audit.log"], policy: "policy.yaml", damaged: 0 });
}

async function* toAsync<T>(items: readonly T[]): AsyncGenerator<T> {
    for (const item of items) {
        yield await Promise.resolve(item);
    }
}

describe("html", () => {
    it("escapes what is put into it, and shows what could hide", () => {
        const attack = `"><script>alert('1')</script>&\u202e\u0000`;
        assert.equal(
            html`<a title="${attack}">${[1, html`<b>${"<"}</b>`]}</a>`.text,
            '<a title="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;\\u202e\\u0000">1<b>&lt;</b></a>',
        );
    });
});

describe("renderReport", () => {
    it("writes the whole page", async () => {
        const log = [
            event("GET /api/v1/namespaces/shop/secrets/db by eve", { auditID: "a" }),
            event("POST /api/v1/namespaces/shop/pods/web/exec?command=sh by <i>al", {
                auditID: "b",
                stageTimestamp: "2026-01-01T10:00:40.000000Z",
            }),
            event("GET /api/v1/nodes by bob", {
                auditID: "c",
                responseStatus: { code: 403 },
                stageTimestamp: "2026-01-01T10:01:10.000000Z",
            }),
        ];
        const written = (await page(log)).replace(/(<style>).*(<\/style>)/s, "$1/* style.ts */$2");
        assert.equal(written, readFileSync(golden, "utf8"));
    });

    it("says that there is nothing", async () => {
        const written = await page([]);
        assert.ok(written.includes("There is no event in the logs."));
        assert.ok(!written.includes("NaN") && !written.includes("undefined") && !written.includes("Infinity"));
    });

    it("leads every figure to a table that is there, and every table to a figure", async () => {
        const written = await sampleReport();
        const links = [...written.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id!);
        const ids = [...written.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id!);
        assert.equal(new Set(ids).size, ids.length);
        const reachable = ids.filter((id) => !id.endsWith("-title"));
        assert.deepEqual([...new Set(links)].sort(), reachable.sort());
    });
});

describe("collectReport", () => {
    it("counts the hour of the sample log", async () => {
        const { users, verbs, denials, sensitive, ...report } = await collectSample();
        const short = (figures: typeof users) => figures.map(({ labels, count }) => [...labels, count]);
        assert.deepEqual([report.events, report.requests, report.failed], [1628, 808, 4]);
        assert.deepEqual(short(users), [
            ["system:kube-controller-manager", 372],
            ["system:node:worker-1", 361],
            ["system:serviceaccount:shop:operator", 67],
            ["mallory", 4],
            ["alice", 3],
            ["<nobody>", 1],
        ]);
        assert.deepEqual(short(verbs).slice(0, 3), [
            ["get", 367],
            ["update", 360],
            ["list", 63],
        ]);
        assert.deepEqual(short(denials.figures), [
            ["mallory", "list", "secrets", "403", 3],
            ["<nobody>", "get", "secrets", "401", 1],
        ]);
        assert.deepEqual(
            sensitive.map(({ title, figures }) => [title, ...short(figures)]),
            [
                ["Secrets read", ["system:serviceaccount:shop:operator", "get", "shop/db", 6]],
                ["Sessions in pods", ["alice", "exec", "shop/web-1", 1]],
                ["Changes of who may do what", ["mallory", "create", "clusterrolebindings mallory-admin", 1]],
                ["Tokens requested", ["system:node:worker-1", "shop/operator", 1]],
            ],
        );
        assert.deepEqual(report.policy?.simulation.policy.unusedRules, [2]);
        assert.equal(
            report.activity.buckets.reduce((sum, { count }) => sum + count, 0),
            808,
        );
        assert.deepEqual(
            report.activity.buckets.filter(({ failed }) => failed > 0).map(({ evidence }) => evidence[0]!.status),
            ["401", "403", "403"],
        );
    });
});
