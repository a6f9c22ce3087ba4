import assert from "node:assert/strict";
import fc from "fast-check";
import { CompactLine } from "../../events/compactLine";
import type { AuditEvent } from "../../events/event";
import { arbitraryLine } from "./arbitraryEvents";
import { lineOf, sampleEvent } from "./sampleEvent";

/** What the line gives out, in the form of the event itself. */
function texts(event: AuditEvent): unknown[] {
    const { objectRef, responseStatus } = event;
    return [
        [event.level, event.auditID, event.stage, event.requestURI, event.verb, event.user.username, event.userAgent],
        objectRef && [objectRef.resource, objectRef.namespace, objectRef.name, objectRef.apiGroup],
        objectRef && [objectRef.apiVersion, objectRef.subresource],
        responseStatus && [responseStatus.code],
        [event.requestReceivedTimestamp, event.stageTimestamp],
    ];
}

function reads(log: string): boolean {
    const block = Buffer.from(log);
    const line = new CompactLine();
    line.begin(block);
    return line.read(0, block.length);
}

describe("CompactLine", () => {
    it("reads what JSON.parse reads", () => {
        fc.assert(
            fc.property(fc.array(arbitraryLine, { minLength: 1, maxLength: 5 }), (lines) => {
                const block = Buffer.from(lines.join("\n"));
                const compact = new CompactLine();
                compact.begin(block);
                let start = 0;
                for (const line of lines) {
                    const end = start + Buffer.byteLength(line);
                    const event = JSON.parse(line) as AuditEvent;
                    assert.ok(compact.read(start, end));
                    assert.deepEqual(texts(compact), texts(event));
                    assert.deepEqual(
                        { ...compact.head(), requestObject: undefined, responseObject: undefined },
                        { ...event, requestObject: undefined, responseObject: undefined },
                    );
                    start = end + 1;
                }
            }),
            { numRuns: 500 },
        );
    });

    it("passes over long bodies", () => {
        const event = sampleEvent({ level: "RequestResponse", requestObject: { a: "x".repeat(9000) } });
        const block = Buffer.from(lineOf(event));
        const line = new CompactLine();
        line.begin(block);
        assert.ok(line.read(0, block.length));
        assert.deepEqual(line.head(), sampleEvent({ level: "RequestResponse" }));
    });

    const whole = lineOf(sampleEvent({ level: "Request", requestObject: { a: 1 } }));
    for (const [what, log] of Object.entries({
        "another form": whole.replace(":", ": "),
        "a cut line": whole.slice(0, -1),
        "a line that is cut behind a brace": whole.slice(0, whole.indexOf(',"responseStatus"')),
        "a line that another one was written into": whole.slice(0, 300) + whole,
        "a body that another event was written into": whole.slice(0, whole.indexOf('"a":') + 4) + whole,
        "an unknown escape": whole.replace('"verb":"', '"verb":"\\q'),
        "a control character in a text, where another one has an escape": whole
            .replace('"verb":"', '"verb":"\\n')
            .replace('"auditID":"', '"auditID":"\t'),
        "a control character behind the bodies, where a text before them has an escape": whole
            .replace('"verb":"', '"verb":"\\n')
            .replace('"authorization.k8s.io/reason":"', '"authorization.k8s.io/reason":"\t'),
        NULs: whole.replace('"a":1', '"a":\0'),
        "a beginning that is longer than bodies are looked for": lineOf(
            sampleEvent({ level: "Request", userAgent: "x".repeat(5000), requestObject: { a: 1 } }),
        ),
    })) {
        it(`leaves ${what} to JSON.parse`, () => {
            assert.equal(reads(log), false);
        });
    }
});
