import assert from "node:assert/strict";
import { attributesOf } from "../../events/attributes";
import { answeredStatus, lacksBody, withoutManagedFields } from "../../events/bodies";
import type { AuditEvent } from "../../events/event";
import type { Level } from "../../policy/types";
import { event } from "./event";

const pods = "/api/v1/namespaces/shop/pods";
const failed = { metadata: {}, status: "Failure", reason: "Forbidden", code: 403 };

const cases: [words: string, more: Partial<AuditEvent>, level: Level, lacks: boolean][] = [
    [`POST ${pods} by alice`, {}, "Metadata", false],
    [`POST ${pods} by alice`, {}, "Request", true],
    [`POST ${pods} by alice`, { level: "Request" }, "Request", false],
    [`POST ${pods} by alice`, { level: "Request" }, "RequestResponse", true],
    [`POST ${pods} by alice`, { stage: "RequestReceived" }, "RequestResponse", false],
    [
        `POST ${pods} by alice`,
        { annotations: { "authorization.k8s.io/decision": "forbid" }, responseStatus: failed },
        "RequestResponse",
        false,
    ],
    [`POST ${pods} by alice`, { responseStatus: failed }, "Request", true],
    [`POST ${pods}`, { stage: "ResponseStarted" }, "RequestResponse", false],
    [`POST ${pods}/web/exec by alice`, {}, "RequestResponse", false],
    [`GET ${pods}/web by alice`, {}, "Request", false],
    [`GET ${pods}/web by alice`, {}, "RequestResponse", true],
    [`GET ${pods}/web by alice`, { responseStatus: failed }, "RequestResponse", false],
    [`GET ${pods}/web by alice`, { stage: "Panic" }, "RequestResponse", false],
    [`GET ${pods}/web/log by alice`, {}, "RequestResponse", false],
    [`GET ${pods}?watch=1 by alice`, { verb: "watch" }, "RequestResponse", false],
    [`DELETE ${pods}/web by alice`, {}, "Request", true],
    ["POST /healthz by alice", {}, "RequestResponse", false],
];

describe("lacksBody", () => {
    for (const [words, more, level, lacks] of cases) {
        it(`${words} ${JSON.stringify(more)} at ${level}: ${lacks}`, () => {
            const one = event(words, more);
            assert.equal(lacksBody(one, attributesOf(one), level), lacks);
        });
    }
});

describe("answeredStatus", () => {
    const answer = (responseStatus: object, more: Partial<AuditEvent> = {}) =>
        answeredStatus(event("GET /version by bob", { ...more, responseStatus }));

    it("is the whole answer to a failure", () => {
        assert.deepEqual(answer(failed), { kind: "Status", apiVersion: "v1", ...failed });
    });

    it("is not known of a success, which has an object", () => {
        assert.equal(answer({ metadata: {}, code: 200 }), undefined);
    });

    it("was not given where the connection was closed or the API server panicked", () => {
        assert.equal(answer({ ...failed, status: "Success", message: "Connection closed early" }), undefined);
        assert.equal(answer({ ...failed, message: "APIServer panic'd: out of memory" }), undefined);
    });
});

describe("withoutManagedFields", () => {
    const object = (name: string, fields?: object) => ({ metadata: { name, ...fields } });
    const fields = { managedFields: [{ manager: "kubectl" }] };
    const bodies: [what: string, body: unknown, stripped: unknown][] = [
        ["an object", object("a", fields), object("a")],
        [
            "a list and its items",
            { ...object("l", fields), items: [object("a", fields), 1] },
            { ...object("l"), items: [object("a"), 1] },
        ],
        [
            "a table's objects",
            { kind: "Table", metadata: {}, rows: [{ cells: [1], object: object("a", fields) }, { cells: [] }] },
            { kind: "Table", metadata: {}, rows: [{ cells: [1], object: object("a") }, { cells: [] }] },
        ],
        [
            "rows of something else stay",
            { kind: "Grid", rows: [{ object: object("a", fields) }] },
            { kind: "Grid", rows: [{ object: object("a", fields) }] },
        ],
        [
            "an object's other parts stay",
            { spec: { template: object("a", fields) } },
            { spec: { template: object("a", fields) } },
        ],
        ["what is no object", [object("a", fields)], [object("a", fields)]],
        ["nothing", undefined, undefined],
    ];
    for (const [what, body, stripped] of bodies) {
        it(what, () => {
            assert.deepEqual(withoutManagedFields(body), stripped);
        });
    }
});
