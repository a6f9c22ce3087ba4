import assert from "node:assert/strict";
import fc from "fast-check";
import type { AuditEvent } from "../../events/event";
import { lineSize } from "../../events/lineSize";
import { simulate } from "../../events/simulate";
import { evaluate } from "../../policy/evaluate";
import type { Policy } from "../../policy/types";
import { attributesOf } from "../../events/attributes";
import { event } from "./event";
import { policies, record, servedRequests, type ServedRequest } from "./modelServer";

const everything: Policy = { rules: [{ level: "RequestResponse" }] };

const serve = (requests: readonly ServedRequest[], policy: Policy) => requests.flatMap((one) => record(one, policy));
const bytes = (events: readonly AuditEvent[]) => events.reduce((sum, event) => sum + lineSize(event), 0);
const exact = (value: number) => ({ min: value, max: value });

/** Counts what a log has. */
function measured(events: readonly AuditEvent[]) {
    return { events: exact(events.length), bytes: exact(bytes(events)) };
}

describe("simulate", () => {
    it("gives back a log that was recorded with the same policy: events, levels and bytes", () =>
        fc.assert(
            fc.asyncProperty(servedRequests(), policies(), async (requests, policy) => {
                const events = serve(requests, policy);
                const { policy: replayed, recording } = await simulate(events, { policy, recordedWith: policy });
                const { events: count, bytes: size } = replayed.total;
                // A stage that the policy omits is not in the log; the same policy does not bring it back.
                assert.deepEqual({ events: count, bytes: size }, measured(events));
                for (const level of ["Metadata", "Request", "RequestResponse"] as const) {
                    const { events: count, bytes: size } = replayed.levels[level];
                    assert.deepEqual(
                        { events: count, bytes: size },
                        measured(events.filter((one) => one.level === level)),
                    );
                }
                assert.deepEqual(recording, { asSaid: events.length, otherwise: 0 });
            }),
        ));

    it("gives back any part of such a log", () =>
        fc.assert(
            fc.asyncProperty(
                servedRequests(),
                policies(),
                fc.nat(),
                fc.nat(),
                async (requests, policy, from, length) => {
                    const events = serve(requests, policy)
                        .slice(from % 20)
                        .slice(0, length % 20);
                    const { policy: replayed } = await simulate(events, { policy, recordedWith: policy });
                    const { events: count, bytes: size } = replayed.total;
                    assert.deepEqual({ events: count, bytes: size }, measured(events));
                },
            ),
        ));

    it("says exactly what any policy would have recorded of a log with everything", () =>
        fc.assert(
            fc.asyncProperty(servedRequests(), policies(), async (requests, policy) => {
                const { policy: replayed } = await simulate(serve(requests, everything), {
                    policy,
                    recordedWith: everything,
                });
                const { events, bytes } = replayed.total;
                assert.deepEqual({ events, bytes }, measured(serve(requests, policy)));
            }),
        ));

    it("bounds what any policy would have recorded of a log with less", () =>
        fc.assert(
            fc.asyncProperty(
                servedRequests(),
                policies(),
                policies(),
                fc.boolean(),
                async (requests, policy, old, told) => {
                    const log = serve(requests, old);
                    const known = new Set(log.map(({ auditID }) => auditID));
                    const truth = serve(
                        requests.filter(({ auditID }) => known.has(auditID)),
                        policy,
                    );
                    const { total } = (await simulate(log, { policy, ...(told && { recordedWith: old }) })).policy;
                    const inside = ({ min, max }: { min: number; max: number }, value: number) =>
                        min <= value && value <= max;
                    assert.ok(inside(total.events, truth.length), `${JSON.stringify(total.events)} ${truth.length}`);
                    if (told || !loses(requests, old, policy)) {
                        assert.ok(inside(total.bytes, bytes(truth)), `${JSON.stringify(total.bytes)} ${bytes(truth)}`);
                    }
                },
            ),
            { numRuns: 300 },
        ));

    it("tells volumes by level and rule, unused rules, contributors and what changes", async () => {
        const read = "GET /api/v1/namespaces/shop/secrets/db by alice";
        const log = [
            event(read, { auditID: "1" }),
            event(read, { auditID: "2" }),
            event("POST /api/v1/namespaces/shop/pods by bob", { auditID: "3", stage: "RequestReceived" }),
            event("POST /api/v1/namespaces/shop/pods by bob", { auditID: "3" }),
            event("GET /healthz", { auditID: "4", stage: "ResponseStarted" }),
            event("GET /version by bob", { auditID: "5", stageTimestamp: "2026-01-01T11:00:00.000000Z" }),
        ];
        const policy: Policy = {
            omitStages: ["RequestReceived"],
            rules: [
                { level: "Metadata", resources: [{ resources: ["secrets"] }] },
                { level: "None", users: ["carol"] },
                { level: "RequestResponse", resources: [{ resources: ["pods"] }] },
                { level: "None", verbs: ["post"] },
            ],
        };
        const volume = (requests: number, events: number, min: number, unknown = 0) => ({
            requests,
            events: { min: events, max: events },
            bytes: { min, max: unknown > 0 ? Infinity : min },
            eventsOfUnknownSize: unknown,
        });
        const [secret, pod] = [lineSize(log[0]!), lineSize(log[3]!) + "RequestResponse".length - "Metadata".length];
        const against: Policy = { rules: [{ level: "Metadata" }] };
        const { comparison, against: compared, ...simulation } = await simulate(log, { policy, against, top: 2 });
        assert.deepEqual(comparison?.requests, { lost: 2, less: 2, more: 1, gained: 0, same: 0 });
        // Nobody knows whether this log lacks the arrivals because it begins with them.
        assert.deepEqual(compared?.total.events, { min: 6, max: 9 });
        assert.deepEqual(simulation, {
            window: { from: "2026-01-01T10:00:00.010Z", to: "2026-01-01T11:00:00.000Z", seconds: 3599.99 },
            log: { requests: 5, events: 6, bytes: bytes(log) },
            policy: {
                total: volume(5, 3, 2 * secret + pod, 1),
                levels: {
                    None: volume(2, 0, 0),
                    Metadata: volume(2, 2, 2 * secret),
                    Request: volume(0, 0, 0),
                    RequestResponse: volume(1, 1, pod, 1),
                },
                rules: [
                    {
                        rule: 0,
                        level: "Metadata",
                        description: "Metadata: secrets by anybody",
                        ...volume(2, 2, 2 * secret),
                    },
                    { rule: 1, level: "None", description: "None: everything by carol", ...volume(0, 0, 0) },
                    {
                        rule: 2,
                        level: "RequestResponse",
                        description: "RequestResponse: pods by anybody",
                        ...volume(1, 1, pod, 1),
                    },
                    { rule: 3, level: "None", description: "None: post of everything by anybody", ...volume(0, 0, 0) },
                    { rule: null, level: "None", description: "None: no rule matches", ...volume(2, 0, 0) },
                ],
                unusedRules: [1, 3],
                top: [
                    { user: "alice", verb: "get", resource: "secrets", bytes: 2 * secret, surplus: 0 },
                    { user: "bob", verb: "create", resource: "pods", bytes: pod, surplus: 0 },
                ],
            },
        });
    });

    it("has nothing to say about an empty log", async () => {
        const { window, log, policy } = await simulate([], { policy: { rules: [{ level: "Metadata" }] } });
        assert.deepEqual(
            [window, log, policy.total.requests, policy.unusedRules],
            [undefined, { requests: 0, events: 0, bytes: 0 }, 0, [0]],
        );
    });

    it("takes a repeated audit ID for another request, and says what was recorded otherwise", async () => {
        const policy: Policy = { rules: [{ level: "Request" }] };
        const log = [
            event("GET /version by bob"),
            event("GET /version by bob"),
            event("GET /version by bob", { stage: "Panic" }),
        ];
        const { log: found, recording } = await simulate(log, { policy, recordedWith: policy });
        assert.deepEqual([found.requests, recording], [3, { asSaid: 0, otherwise: 3 }]);
    });
});

/** Whether the recording left managed fields out that the other policy keeps, which nobody can tell without knowing it. */
function loses(requests: readonly ServedRequest[], old: Policy, policy: Policy): boolean {
    return requests.some((request) => {
        const [event] = record(request, everything);
        const attributes = attributesOf(event!);
        return evaluate(old, attributes).omitManagedFields && !evaluate(policy, attributes).omitManagedFields;
    });
}
