import assert from "node:assert/strict";
import { relative } from "node:path";
import { gzipSync } from "node:zlib";
import { formatPlace } from "../../events/place";
import { readEvents } from "../../events/readEvents";
import { findSources, SourceError } from "../../events/sources";
import { lineOf, sampleEvent } from "./sampleEvent";
import { withFiles } from "./temporaryLogs";

interface Reading {
    /** The audit IDs. */
    events: string[];
    damages: string[];
}

/** Reads everything that the paths, relative to the directory of the files, stand for. */
function read(files: Record<string, string | Buffer>, paths = ["."]): Promise<Reading> {
    return withFiles(files, async (directory) => {
        const damages: string[] = [];
        const events: string[] = [];
        const sources = findSources(paths.map((path) => `${directory}/${path}`));
        const onDamage = (damage: { file: string; line: number; reason: string }) => {
            damages.push(`${formatPlace({ ...damage, file: relative(directory, damage.file) })}: ${damage.reason}`);
        };
        for await (const { event } of readEvents(sources, { onDamage })) {
            events.push(event.auditID);
        }
        return { events, damages };
    });
}

function line(auditID: string, stageTimestamp = "2026-03-02T09:15:04.125000Z"): string {
    return `${lineOf(sampleEvent({ auditID, stageTimestamp }))}\n`;
}

describe("reading the events of logs", () => {
    it("puts a rotated log in order, compressed files too", async () => {
        const files = {
            "audit.log": line("4"),
            "audit-2026-03-02T10-00-00.000.log": line("3"),
            "audit-2026-03-01T10-00-00.000.log.gz": gzipSync(line("1") + line("2")),
        };
        assert.deepEqual(await read(files), { events: ["1", "2", "3", "4"], damages: [] });
    });

    it("reads a file that is being compressed once", async () => {
        const rotated = "audit-2026-03-02T10-00-00.000.log";
        const files = { [rotated]: line("1"), [`${rotated}.gz`]: gzipSync(line("1")).subarray(0, 20) };
        assert.deepEqual(await read(files), { events: ["1"], damages: [] });
    });

    it("reads one file where one is named, and puts several of one log in order", async () => {
        const files = { "audit.log": line("2"), "audit-2026-03-01T10-00-00.000.log": line("1") };
        assert.deepEqual(await read(files, ["audit.log"]), { events: ["2"], damages: [] });
        assert.deepEqual((await read(files, ["audit.log", "audit-2026-03-01T10-00-00.000.log"])).events, ["1", "2"]);
    });

    it("merges the logs of several hosts by the time of the stage", async () => {
        const at = (second: number) => `2026-03-02T09:15:0${second}.000000Z`;
        const files = {
            "cp-1/audit.log": line("1", at(1)) + line("4", at(4)) + line("6", at(6)),
            "cp-2/audit.log": line("2", at(2)) + line("3", at(3)) + line("7", at(7)),
            "cp-3/audit.log": line("5", at(5)),
        };
        assert.deepEqual((await read(files)).events, ["1", "2", "3", "4", "5", "6", "7"]);
    });

    it("tells what it could not read, and where", async () => {
        const whole = lineOf(sampleEvent({ auditID: "x" }));
        const log = Buffer.concat([
            Buffer.from(`${whole}\n\n${whole.slice(0, 300)}\n${whole.slice(0, 200)}${whole}\n`),
            Buffer.from(`${"\0".repeat(40)}${whole}\n${"\0".repeat(9)}\nhello\n${whole}${whole}\n`),
            Buffer.from('{"kind":"Pod","apiVersion":"v1"}\n{"kind":"Event","apiVersion":"audit.k8s.io/v1"}\n'),
            Buffer.from(whole.replace('"jane"', '"\xff"'), "latin1"),
            Buffer.from(
                '\n2026-03-02T09:15:04.120000Z AUDIT: id="x" stage="ResponseComplete" ip="10.0.0.7" method="get" user="jane"\n',
            ),
            Buffer.from(whole.slice(0, 400)),
        ]);
        assert.deepEqual(await read({ "audit.log": log }), {
            events: ["x", "x", "x", "x", "x", "x"],
            damages: [
                "audit.log:3: the line is cut",
                "audit.log:4: the rest of another event before a whole one",
                "audit.log:5: 40 NUL bytes before a whole event",
                "audit.log:6: nothing but 9 NUL bytes",
                "audit.log:7: no JSON",
                "audit.log:9: an object of kind Pod of v1 is no audit event",
                "audit.log:10: an Event that lacks required fields is no audit event",
                "audit.log:11: bytes that are not UTF-8 were replaced",
                "audit.log:12: the legacy format (--audit-log-format=legacy) has too little to be read; json has everything",
                "audit.log:13: the line is cut",
            ],
        });
    });

    it("reads what there is of a cut compressed file", async () => {
        const all = Array.from({ length: 2000 }, (_, index) => line(`${(index * 7919) % 10007}`)).join("");
        const zipped = gzipSync(all);
        const { events, damages } = await read({ "audit.log.gz": zipped.subarray(0, zipped.length / 2) });
        assert.ok(events.length > 500 && events.length < 2000, String(events.length));
        assert.equal(damages.length, 2);
        assert.match(damages[0]!, /^audit\.log\.gz:\d+: the line is cut$/);
        assert.match(
            damages[1]!,
            /: the rest cannot be read: the compressed data is cut, or put together from several/,
        );
    });

    it("reads lines of 20 MB", async () => {
        const big = sampleEvent({ auditID: "big", responseObject: { data: "x".repeat(20 << 20) } });
        assert.deepEqual(await read({ "audit.log": `${line("1")}${lineOf(big)}\n${line("2")}` }), {
            events: ["1", "big", "2"],
            damages: [],
        });
    });

    it("says which path it cannot read", () => {
        assert.throws(() => findSources(["/nowhere/audit.log"]), {
            name: SourceError.name,
            message: "cannot read /nowhere/audit.log: no such file",
        });
    });
});
