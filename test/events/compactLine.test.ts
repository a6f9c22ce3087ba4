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

function linesOf(log: Buffer | string): CompactLine {
    const line = new CompactLine();
    line.begin(Buffer.from(log));
    return line;
}

/** Undefined for what is no JSON: a brace or a comma too many is nothing that `CompactLine` looks at. */
function parse(line: string): AuditEvent | undefined {
    try {
        return JSON.parse(line) as AuditEvent;
    } catch {
        return undefined;
    }
}

describe("CompactLine", () => {
    it("reads what JSON.parse reads", () => {
        fc.assert(
            fc.property(fc.array(arbitraryLine, { minLength: 1, maxLength: 5 }), (lines) => {
                const compact = linesOf(lines.join("\n"));
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

    it("reads what JSON.parse reads of changed lines, or leaves them to it", () => {
        const places = fc.double({ min: 0, max: 1, noNaN: true });
        const inserted = fc.constantFrom(
            "",
            '"',
            "\\",
            ",",
            "{",
            "}",
            "]",
            "\t",
            "\\u00",
            ',"',
            ',"code":7',
            ',"verb":"x"',
            "é",
        );
        fc.assert(
            fc.property(arbitraryLine, places, places, inserted, (line, first, second, text) => {
                const start = Math.floor(first * line.length);
                const rest = text === "" ? Math.floor(second * line.length) : start + Math.floor(second * 3);
                const changed = line.slice(0, start) + text + line.slice(rest);
                const compact = linesOf(changed);
                if (compact.read(0, Buffer.byteLength(changed))) {
                    assert.deepEqual(texts(compact), texts(parse(changed) ?? compact));
                }
            }),
            { numRuns: 2000 },
        );
    });

    it("passes over long bodies", () => {
        const event = sampleEvent({ level: "RequestResponse", requestObject: { a: "x".repeat(9000) } });
        const log = lineOf(event);
        const line = linesOf(log);
        assert.ok(line.read(0, log.length));
        assert.deepEqual(line.head(), sampleEvent({ level: "RequestResponse" }));
    });

    it("reads the status code wherever it is in the status", () => {
        for (const [status, code] of [
            ['{"code":201}', 201],
            ['{"metadata":{},"status":"Failure","details":{"causes":[{"reason":"code"}]},"code":404}', 404],
            ['{"metadata":{}}', undefined],
        ] as const) {
            const log = lineOf(sampleEvent()).replace('{"metadata":{},"code":200}', status);
            const line = linesOf(log);
            assert.ok(line.read(0, log.length));
            assert.equal(line.responseStatus?.code, code);
        }
    });

    it("gives the same text for the same bytes, whichever came between", () => {
        const names = Array.from(
            { length: 3000 },
            (_, index) => "system:node:worker-".repeat(index % 5) + String(index),
        );
        const users = ["", ...names, ...[55, 56, 57, 200].map((length) => "x".repeat(length))];
        const lines = [...users, ...users].map((username) => lineOf(sampleEvent({ user: { username } })));
        const compact = linesOf(lines.join("\n"));
        let start = 0;
        for (const [index, line] of lines.entries()) {
            assert.ok(compact.read(start, start + line.length));
            assert.equal(compact.user.username, users[index % users.length]);
            start += line.length + 1;
        }
    });

    it("reads blocks of any size, in turn with others", () => {
        const verbs = ["get", "delete"];
        const logs = verbs.map((verb) => lineOf(sampleEvent({ verb })) + "\n".repeat(300_000));
        const lines = logs.map(linesOf);
        for (const index of [0, 1, 1, 0] as const) {
            const line = lines[index]!;
            assert.ok(line.read(0, logs[index]!.indexOf("\n")));
            assert.equal(line.verb, verbs[index]);
        }
    });

    const whole = lineOf(sampleEvent({ level: "Request", requestObject: { a: 1 } }));
    for (const [what, log] of Object.entries({
        "another form": whole.replace(":", ": "),
        "a cut line": whole.slice(0, -1),
        "a line that is cut behind a brace": whole.slice(0, whole.indexOf(',"responseStatus"')),
        "a line that another one was written into": whole.slice(0, 300) + whole,
        "a body that another event was written into": whole.slice(0, whole.indexOf('"a":') + 4) + whole,
        "an unknown escape": whole.replace('"verb":"', '"verb":"\\q'),
        "a control character in a text": whole.replace('"auditID":"', '"auditID":"\t'),
        "a control character behind the bodies": whole.replace(
            '"authorization.k8s.io/reason":"',
            '"authorization.k8s.io/reason":"\t',
        ),
        NULs: whole.replace('"a":1', '"a":\0'),
        "a control character in a body": whole.replace('"a":1', '"a":"\t"'),
        "annotations that another event was written into": whole.slice(0, whole.indexOf('"authorization')) + whole,
        "a member between the first ones": whole.replace(',"verb"', ',"method":"GET","verb"'),
        "an object with another member": whole.replace('"name":"web"', '"names":"web"'),
        "a time in another form": whole.replace(/(?<="stageTimestamp":"[^"]*)000Z/, "Z"),
    })) {
        it(`leaves ${what} to JSON.parse`, () => {
            assert.equal(linesOf(log).read(0, log.length), false);
        });
    }
});
