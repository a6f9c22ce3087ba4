import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AuditEvent } from "../../events/event";
import { lineSize } from "../../events/lineSize";
import { simulate } from "../../events/simulate";
import { comparePolicies } from "../recordings/compare";
import { RecordingDirectory } from "../recordings/recording";
import { eventsOf, readPolicy } from "../recordings/replay";

const [a, b] = ["a", "b"].map((name) => new RecordingDirectory(join(__dirname, "fixtures", "recorded", name)));
const exact = (value: number) => ({ min: value, max: value });

/** What a real API server wrote of 66 requests under one policy, and under another. */
describe("a recorded log", () => {
    const lines = readFileSync(join(a!.log, "audit.log"), "utf8").trimEnd().split("\n");
    const events = lines.map((line) => JSON.parse(line) as AuditEvent);
    const policy = readPolicy(a!.policy);

    it("has the events, with their levels, that follow from its policy and the requests", () => {
        const wanted = a!.readRequests().flatMap((request) => eventsOf(request, policy));
        const found = events.map(({ auditID, stage, level }) => `${auditID} ${stage} ${level}`);
        assert.deepEqual(found.sort(), wanted.sort());
    });

    it("is given back by a replay with its policy", async () => {
        const { policy: replayed, recording } = await simulate(events, { policy, recordedWith: policy });
        const { levels, total } = replayed;
        const count = (level: string) => exact(events.filter((event) => event.level === level).length);
        assert.deepEqual(
            {
                total: total.events,
                bytes: total.bytes,
                levels: Object.entries(levels).map(([name, of]) => [name, of.events]),
            },
            {
                total: exact(91),
                bytes: exact(events.reduce((sum, event) => sum + lineSize(event), 0)),
                levels: Object.keys(levels).map((level) => [level, count(level)]),
            },
        );
        assert.deepEqual(recording, { asSaid: 91, otherwise: 0 });
    });

    it("has lines of the size that is computed, but for patches as the client spelt them", () => {
        const others = events.flatMap((event, index) => {
            const longer = Buffer.byteLength(lines[index]!) + 1 - lineSize(event);
            return longer === 0 ? [] : [{ uri: event.requestURI, sent: event.requestObject, longer }];
        });
        assert.deepEqual(others, [
            {
                uri: "/apis/example.com/v1/namespaces/staging/widgets/widget-1",
                sent: { spec: { ratio: 2.5, count: 10 } }, // sent as 2.50 and 10.0
                longer: 3,
            },
        ]);
    });

    it("foretells what another policy records of the same requests", async () => {
        const { kinds, unrecorded } = await comparePolicies(a!, b!);
        const wrong = kinds.filter(({ foretold: { min, max }, written }) => written < min || written > max);
        assert.deepEqual(wrong, []);
        assert.deepEqual(
            kinds.filter(({ foretold: { min, max } }) => min !== max),
            // Its own policy omits the end of those in one namespace.
            [{ kind: "Metadata ResponseComplete watch pods", foretold: { min: 1, max: 2 }, written: 2 }],
        );
        const total = kinds.reduce((sum, { written }) => sum + written, 0);
        assert.deepEqual({ kinds: kinds.length, total }, { kinds: 71, total: 87 });
        assert.deepEqual([...unrecorded], [["Metadata ResponseComplete list replicasets.apps", 1]]);
    });
});
