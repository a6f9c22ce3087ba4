import assert from "node:assert/strict";
import { margin, unseenStages, type SeenStages } from "../../events/requestStages";
import type { Stage } from "../../policy/types";

const hour = 3_600_000;
const inside = hour / 2;
const seen = (stages: Stage[], more: Partial<SeenStages> = {}): SeenStages => ({
    seen: new Set(stages),
    longRunning: false,
    authenticated: true,
    received: inside,
    ...more,
});

const cases: [what: string, request: SeenStages, omitted: Stage[] | undefined, unseen: string[]][] = [
    ["a complete request", seen(["RequestReceived", "ResponseComplete"]), undefined, []],
    ["its arrival is missing", seen(["ResponseComplete"]), undefined, ["RequestReceived happened"]],
    [
        "its arrival may be cut off",
        seen(["ResponseComplete"], { received: margin }),
        undefined,
        ["RequestReceived possible"],
    ],
    [
        "its arrival is omitted",
        seen(["ResponseComplete"], { received: 0 }),
        ["RequestReceived"],
        ["RequestReceived happened"],
    ],
    ["its arrival is lost", seen(["ResponseComplete"]), [], []],
    ["its end is missing", seen(["RequestReceived"]), undefined, ["ResponseComplete possible", "Panic possible"]],
    [
        "it may still run",
        seen(["RequestReceived"], { received: hour - margin }),
        undefined,
        ["ResponseComplete possible", "Panic possible"],
    ],
    ["only its panic is omitted", seen(["RequestReceived"]), ["Panic"], ["Panic possible"]],
    ["its end is omitted", seen(["RequestReceived"]), ["ResponseComplete"], ["ResponseComplete happened"]],
    ["it ended in a panic", seen(["RequestReceived", "Panic"]), undefined, []],
    [
        "a long-running request that ended",
        seen(["RequestReceived", "ResponseComplete"], { longRunning: true }),
        undefined,
        ["ResponseStarted happened"],
    ],
    [
        "a long-running request that began before the log",
        seen(["ResponseComplete"], { longRunning: true, received: -hour }),
        undefined,
        ["RequestReceived possible", "ResponseStarted possible"],
    ],
    [
        "a long-running request that ended in a panic",
        seen(["RequestReceived", "Panic"], { longRunning: true }),
        undefined,
        ["ResponseStarted possible"],
    ],
    [
        "a long-running request that runs",
        seen(["RequestReceived", "ResponseStarted"], { longRunning: true }),
        ["ResponseComplete"],
        ["ResponseComplete possible"],
    ],
    ["a failed authentication", seen(["ResponseStarted"], { authenticated: false }), undefined, []],
];

describe("unseenStages", () => {
    for (const [what, request, omitted, unseen] of cases) {
        const how = omitted ? `omitting ${omitted.join() || "nothing"}` : "not known how";
        it(`${what}, recorded ${how}: ${unseen.join(", ") || "nothing"}`, () => {
            const found = unseenStages(request, { from: 0, to: hour, omitted });
            assert.deepEqual(
                found.map(({ stage, certainty }) => `${stage} ${certainty}`),
                unseen,
            );
        });
    }
});
