import assert from "node:assert/strict";
import { tallyLogs } from "../../events/tallyLogs";
import type { TallySpec } from "../../events/tally";
import { lineOf, sampleEvent } from "./sampleEvent";
import { withFiles } from "./temporaryLogs";

const log = Array.from({ length: 900 }, (_, index) => {
    const line = lineOf(
        sampleEvent({
            verb: ["get", "list", "watch"][index % 3]!,
            user: { username: `user-${index % 7}`, groups: ["a", `b${index % 2}`] },
            stageTimestamp: `2026-03-02T09:${String(index % 60).padStart(2, "0")}:00.000000Z`,
            responseStatus: { code: index % 11 === 0 ? 403 : 200 },
        }),
    );
    return index % 100 === 50 ? line.slice(0, 200) : line;
}).join("\n");

const specs: readonly TallySpec[] = [
    { kind: "counter", by: ["user", "verb"] },
    { kind: "counter", by: ["group"] },
    { kind: "timeline" },
    { kind: "summary" },
];

/** Lines that are longer than what is read at once, and than a part. */
const longLines = log
    .split("\n")
    .map((line, index) => (index % 200 === 120 ? line.replace("/pods/web", `/pods/${"w".repeat(700_000)}`) : line))
    .join("\n");

describe("counting logs in parts", () => {
    for (const spec of specs) {
        it(`gives what counting them at once gives: ${JSON.stringify(spec)}`, () =>
            withFiles({ "audit.log": log }, async (directory) => {
                const sources = [{ name: "audit.log", files: [`${directory}/audit.log`] }];
                const tally = async (leastPart?: number) => {
                    const damages: string[] = [];
                    const counted = await tallyLogs(
                        sources,
                        {},
                        spec,
                        ({ line, reason }) => damages.push(`${line}: ${reason}`),
                        leastPart,
                    );
                    return {
                        damages,
                        top: counted.counter.top(),
                        rest: [counted.timeline.buckets(40), counted.summarizer.summary()],
                    };
                };
                const atOnce = await tally();
                assert.deepEqual(
                    atOnce.damages,
                    Array.from({ length: 9 }, (_, index) => `${index * 100 + 51}: the line is cut`),
                );
                assert.deepEqual(await tally(1000), atOnce);
            }));
    }

    it("gives what counting them at once gives where lines are long", () =>
        withFiles({ "audit.log": longLines }, async (directory) => {
            const sources = [{ name: "audit.log", files: [`${directory}/audit.log`] }];
            const top = async (partSize?: number) => {
                const damages: number[] = [];
                const spec = { kind: "counter", by: ["user", "verb"] } as const;
                const { counter } = await tallyLogs(sources, {}, spec, ({ line }) => damages.push(line), partSize);
                return [damages, counter.top()];
            };
            assert.deepEqual(await top(100_000), await top());
        }));
});
