import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { predictRetention } from "../../events/retention";
import { cachePath, contentKey, withLock } from "../../sandbox/cache";
import { goBuild } from "../../sandbox/goBuild";
import { check } from "../../sandbox/process";
import { RotatedLog } from "../events/lumberjack";
import { Random } from "../oracle/random";

const version = "v2.2.1";
const source = join(__dirname, "lumberjack.go");

/** What the program calls a mebibyte. */
const scale = 1024;

interface Run {
    maxSize: number;
    maxBackup: number;
    maxAge: number;
    bytes: number;
    every: number;
    steps: number;
}

async function build(): Promise<string> {
    const program = cachePath("oracle", `lumberjack-${version}-${contentKey([readFileSync(source)])}`);
    await withLock("build-lumberjack", async () => {
        if (!existsSync(program)) {
            const require = { "gopkg.in/natefinch/lumberjack.v2": version };
            await goBuild({ name: "lumberjack", require }, source, program);
        }
    });
    return program;
}

describe("lumberjack's own code", function () {
    this.timeout(300_000);
    const random = new Random(2026);
    const runs = Array.from({ length: 150 }, (): Run => ({
        maxSize: random.pick([1, 2, 3]),
        maxBackup: random.pick([0, 1, 2, 5]),
        maxAge: random.pick([0, 1, 2, 3]),
        bytes: random.pick([64, 128, 256, 512]),
        every: random.pick([600, 3600, 5000, 20_000, 40_000]),
        steps: 400,
    }));
    let left: [files: number, bytes: number, reach: number][][];

    before(async () => {
        const input = runs.map((run) => `${JSON.stringify(run)}\n`).join("");
        const output = await check(await build(), [], { stdin: input });
        left = output
            .trimEnd()
            .split("\n")
            .map((line) => JSON.parse(line) as (typeof left)[number]);
        assert.equal(left.length, runs.length);
    });

    it("keeps what the rule keeps that the unit tests compare with", () => {
        runs.forEach(({ bytes, every, ...settings }, index) => {
            const log = new RotatedLog({ ...settings, compress: false });
            const rule = left[index]!.map((_, step) => {
                log.write(bytes * scale, step * every);
                return [log.count, log.size() / scale, step * every - log.oldest()];
            });
            assert.deepEqual(left[index], rule, JSON.stringify(runs[index]));
        });
    });

    it("reaches as far back, and takes as much, as is predicted", () => {
        let settled = 0;
        runs.forEach(({ bytes, every, steps, ...settings }, index) => {
            const { reach, disk, backups } = predictRetention(
                { bytesPerSecond: (bytes * scale) / every },
                { ...settings, compress: false },
            );
            if (reach.max > (steps * every) / 2) {
                return;
            }
            settled++;
            const later = left[index]!.slice(steps / 2);
            const most = (column: 0 | 1 | 2) => Math.max(...later.map((row) => row[column]));
            assert.ok(Math.min(...later.map(([, , age]) => age)) >= reach.min - every);
            assert.ok(Math.abs(most(2) - reach.max) <= 2 * every);
            assert.deepEqual([most(0), most(1) * scale], [backups, disk]);
        });
        assert.ok(settled > 30, `${settled} runs`);
    });
});
