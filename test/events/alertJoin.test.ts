import assert from "node:assert/strict";
import { joinAlerts, type JoinedAlert } from "../../events/alertJoin";
import type { AuditEvent } from "../../events/event";
import { readAlert, type FalcoAlert } from "../../events/falcoAlert";
import { event } from "./event";

const exec = "POST /api/v1/namespaces/shop/pods/web/exec?command=sh by alice";

/** Events at so many microseconds after ten o'clock. */
const audited = (words: string, auditID: string, micros: number, more: Partial<AuditEvent> = {}) => {
    const stageTimestamp = new Date(Date.UTC(2026, 0, 1, 10, 0, 0))
        .toISOString()
        .replace(".000Z", `.${String(micros).padStart(6, "0")}Z`);
    return event(words, { auditID, stageTimestamp, ...more });
};

const log = [
    audited(exec, "a", 100_001, { stage: "ResponseStarted" }),
    audited(exec, "a", 900_000),
    audited(exec, "b", 100_777, { stage: "ResponseStarted" }),
    audited("GET /api/v1/namespaces/shop/secrets/db by eve", "c", 300_000),
    audited("GET /api/v1/namespaces/shop/secrets/db by eve", "d", 300_000),
    audited("GET /api/v1/namespaces/shop/secrets/other by eve", "e", 300_000),
    audited("DELETE /api/v1/namespaces/shop/pods/db by bob", "f", 400_000),
];

const execAlert = (time: string, more: object = {}) =>
    JSON.stringify({
        priority: "Notice",
        rule: "Attach/Exec Pod",
        source: "k8s_audit",
        time,
        output_fields: { "ka.user.name": "alice", "ka.target.name": "web", "ka.target.subresource": "exec", ...more },
    });
const secretText = (time: string) =>
    `${time}: Error K8s Secret Get Successfully (user=eve secret=db ns=shop resource=secrets resp=200 decision=allow reason=)`;

async function join(...lines: string[]) {
    const alerts = lines.map((line, index) => ({
        alert: readAlert(line) as FalcoAlert,
        place: { file: "falco.log", line: index + 1 },
    }));
    const source = { name: "audit.log", files: [] };
    const joined = await joinAlerts(
        alerts,
        log.map((event, index) => ({ event, place: { file: "audit.log", line: index + 1 }, source })),
    );
    return joined.map(short);
}

const short = ({ by, candidates, further }: JoinedAlert) => ({
    by,
    candidates: candidates.map(({ auditID, place, distance }) => `${auditID} at ${place.line}, ${distance} µs`),
    ...(further > 0 && { further }),
});

const cases: [what: string, line: string, joined: object][] = [
    [
        "by the audit ID, whatever the time says",
        execAlert("2026-01-02T00:00:00.000001000Z", { "ka.auditid": "f" }),
        { by: "audit ID", candidates: ["f at 7, -50399600001 µs"] },
    ],
    [
        "by the audit ID, which is not in the log",
        execAlert("2026-01-01T10:00:00.100001000Z", { "ka.auditid": "x" }),
        { by: undefined, candidates: [] },
    ],
    [
        "by the exact time, with another candidate in the same second",
        execAlert("2026-01-01T10:00:00.100777000Z"),
        { by: "exact time", candidates: ["b at 3, 0 µs"] },
    ],
    [
        "not, where two requests of the same second fit a rounded time",
        execAlert("2026-01-01T10:00:00.000000000Z"),
        { by: undefined, candidates: ["a at 1, 100001 µs", "b at 3, 100777 µs"] },
    ],
    [
        "not, where two requests have the same time",
        secretText("2026-01-01T10:00:00.300000000+0000"),
        { by: undefined, candidates: ["c at 4, 0 µs", "d at 5, 0 µs"] },
    ],
    [
        "by second and fields, where one request fits",
        '{"priority":"Warning","rule":"R","time":"2026-01-01T10:00:01.000000000Z","output":"10:00:01.0: Warning X (user=bob verb=delete)"}',
        { by: "second and fields", candidates: ["f at 7, -600000 µs"] },
    ],
    [
        "not, where only the user is alike",
        '{"priority":"Warning","rule":"R","time":"2026-01-01T10:00:01.000000000Z","output":"10:00:01.0: Warning X (user=bob)"}',
        { by: undefined, candidates: ["f at 7, -600000 µs"] },
    ],
    [
        "not, where nobody did it",
        execAlert("2026-01-01T10:00:00.100777000Z", { "ka.user.name": "carol" }),
        { by: undefined, candidates: [] },
    ],
    ["not, more than a second apart", execAlert("2026-01-01T10:00:02.100777000Z"), { by: undefined, candidates: [] }],
    [
        "by the time of day in another time zone",
        "15:30:00.100777000: Notice Attach/Exec to pod (user=alice pod=web resource=pods ns=shop action=exec command=sh)",
        { by: "exact time", candidates: ["b at 3, 0 µs"] },
    ],
    [
        "not, on another day",
        "Jan 04 10:00:00 cp-1 falco[1]: 10:00:00.100777000: Notice Attach/Exec to pod (user=alice pod=web resource=pods ns=shop action=exec command=sh)",
        { by: undefined, candidates: [] },
    ],
    [
        "on the day before, as it may be west of Greenwich",
        "Dec 31 19:00:00 cp-1 falco[1]: 19:00:00.100777000: Notice Attach/Exec to pod (user=alice pod=web resource=pods ns=shop action=exec command=sh)",
        { by: "exact time", candidates: ["b at 3, 0 µs"] },
    ],
    [
        "never for an alert about a process",
        '{"priority":"Notice","rule":"Terminal shell in container","source":"syscall","time":"2026-01-01T10:00:00.100777000Z"}',
        { by: undefined, candidates: [] },
    ],
];

describe("joinAlerts", () => {
    for (const [what, line, expected] of cases) {
        it(`joins ${what}`, async () => {
            assert.deepEqual(await join(line), [expected]);
        });
    }

    it("keeps the order of the alerts", async () => {
        const joined = await join(
            execAlert("2026-01-01T10:00:00.100777000Z"),
            execAlert("2026-01-01T10:00:00.100001000Z"),
        );
        assert.deepEqual(
            joined.map(({ candidates }) => candidates),
            [["b at 3, 0 µs"], ["a at 1, 0 µs"]],
        );
    });

    it("tells ten of many candidates", async () => {
        const source = { name: "audit.log", files: [] };
        const many = Array.from({ length: 12 }, (_, index) => ({
            event: audited(exec, `id-${index}`, index),
            place: { file: "audit.log", line: index },
            source,
        }));
        const alert = {
            alert: readAlert(execAlert("2026-01-01T10:00:00.000000000Z")) as FalcoAlert,
            place: { file: "f", line: 1 },
        };
        const [{ candidates, further } = { candidates: [], further: 0 }] = await joinAlerts([alert], many);
        assert.deepEqual([candidates.length, further], [10, 2]);
    });
});
