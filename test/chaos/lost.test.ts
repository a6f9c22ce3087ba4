import assert from "node:assert/strict";
import { parseProcesses } from "./clients";
import { findLost, settlingMs, type ApiServerProcess, type Verdict } from "./lost";

const LOG = ["--audit-policy-file=/etc/kubernetes/audit/policy.yaml", "--audit-log-path=/var/log/audit.log"];
const BLOCKING = [...LOG, "--audit-log-mode=blocking"];
const BATCH = [...LOG, "--audit-log-mode=batch", "--audit-log-batch-max-wait=5s"];

function server(started: number, seen: number, flags: readonly string[], ended = true): ApiServerProcess {
    return { pid: started, started, seen, ended, flags };
}

/** What becomes of one request that was answered at that time and has no event. */
function verdict(answered: number, processes: readonly ApiServerProcess[]): string {
    const request = { id: "a", sent: answered - 10, answered };
    const { expected, lost, dropped } = findLost([request], processes, new Set());
    return expected === 0 ? "none expected" : lost.length > 0 ? "lost" : dropped.length > 0 ? "dropped" : "recorded";
}

describe("the events that should be in a log", () => {
    const cases: [string, number, ApiServerProcess[], string][] = [
        ["without auditing", 50_000, [server(0, 90_000, [])], "none expected"],
        ["with a policy and no log", 50_000, [server(0, 90_000, LOG.slice(0, 1))], "none expected"],
        ["blocking", 50_000, [server(0, 90_000, BLOCKING)], "lost"],
        ["blocking, at its very end", 90_000, [server(0, 90_000, BLOCKING)], "lost"],
        ["in a batch, long before the end", 80_000, [server(0, 90_000, BATCH)], "lost"],
        ["in a batch, when it was killed", 85_000, [server(0, 90_000, BATCH)], "dropped"],
        ["in a batch without a wait", 88_000, [server(0, 90_000, BATCH.slice(0, 3))], "lost"],
        ["in a batch without a wait, when it was killed", 89_500, [server(0, 90_000, BATCH.slice(0, 3))], "dropped"],
        ["in a batch of a process that is there", 89_000, [server(0, 90_000, BATCH, false)], "lost"],
        ["before it was turned on", 9_900, [server(0, 10_000, []), server(12_000, 90_000, BLOCKING)], "none expected"],
        ["after it was turned on", 12_500, [server(0, 10_000, []), server(12_000, 90_000, BLOCKING)], "lost"],
        ["by the one or the other", 10_300, [server(0, 10_000, []), server(10_200, 90_000, BLOCKING)], "none expected"],
        ["by nobody that was seen", 50_000, [], "none expected"],
    ];
    for (const [name, answered, processes, expected] of cases) {
        it(`${expected}: a request answered ${name}`, () => {
            assert.equal(verdict(answered, processes), expected);
        });
    }

    it("are there", () => {
        const requests = ["a", "b"].map((id) => ({ id, sent: 1000, answered: 1010 }));
        const expected: Verdict = { expected: 2, lost: [requests[1]!], dropped: [] };
        assert.deepEqual(findLost(requests, [server(0, 9000, BLOCKING)], new Set(["a"])), expected);
    });

    it("are waited for as long as a batch is", () => {
        assert.equal(settlingMs([server(0, 1, BLOCKING), server(0, 1, BATCH)]), 6000);
        assert.equal(settlingMs([server(0, 1, BLOCKING)]), 0);
    });
});

describe("the processes that were seen", () => {
    it("are read with their times and their audit flags", () => {
        const text = [
            "clock 1700000000.5 100.50",
            "new 12 5000 kube-apiserver --v=1 --audit-log-mode=batch",
            "at 100.50 12",
            "at 100.60 12",
            "at 100.70",
            "new 13 10075 kube-apiserver",
            "at 100.80 13",
            "at 100.9",
        ].join("\n");
        assert.deepEqual(parseProcesses(text), [
            {
                pid: 12,
                started: 1_699_999_950_000,
                seen: 1_700_000_000_600,
                ended: true,
                flags: ["--audit-log-mode=batch"],
            },
            { pid: 13, started: 1_700_000_000_750, seen: 1_700_000_000_800, ended: false, flags: [] },
        ]);
    });
});
