import fc from "fast-check";
import type { AuditEvent } from "../../events/event";
import { sampleEvent } from "./sampleEvent";

/** Texts that could be mistaken for the form of a line around them, and any others. */
const text = fc.oneof(
    fc.constantFrom(
        "web",
        "system:node:cp-1",
        "",
        "\\",
        '"',
        "a\\",
        'x","verb":"delete',
        "<>&",
        "é",
        "漢字",
        "😀",
        "\u0000\n",
    ),
    fc.constantFrom(
        ',"requestObject":{',
        ',"requestReceivedTimestamp":"',
        '{"kind":"Event","apiVersion":"audit.k8s.io/v1"',
    ),
    fc.string({ maxLength: 12 }),
);

const texts = fc.array(text, { maxLength: 3 });

const user = fc.record(
    { username: text, groups: texts, extra: fc.dictionary(text, texts, { maxKeys: 3 }) },
    { requiredKeys: [] },
);

const body = fc.dictionary(text, fc.oneof(text, fc.jsonValue({ maxDepth: 2 })), { minKeys: 1, maxKeys: 4 });

const changes = fc.record(
    {
        level: fc.constantFrom("Metadata", "Request", "RequestResponse"),
        auditID: text,
        stage: fc.constantFrom("RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"),
        requestURI: text,
        verb: text,
        user,
        impersonatedUser: user,
        sourceIPs: texts,
        userAgent: text,
        objectRef: fc.record(
            {
                resource: text,
                namespace: text,
                name: text,
                uid: text,
                apiGroup: text,
                apiVersion: text,
                resourceVersion: text,
                subresource: text,
            },
            { requiredKeys: [] },
        ),
        responseStatus: fc.record(
            { metadata: fc.constant({}), message: text, reason: text, code: fc.integer({ min: 100, max: 599 }) },
            { requiredKeys: ["metadata"] },
        ),
        annotations: fc.dictionary(
            text.map((key) => `example.com/${key}`),
            text,
            { minKeys: 1, maxKeys: 3 },
        ),
    },
    { requiredKeys: [] },
);

/** Events as the API server writes them: bodies only above the level Metadata, and with an object. */
export const arbitraryEvent: fc.Arbitrary<AuditEvent> = fc
    .tuple(changes, body, body)
    .map(([given, requestObject, responseObject]) => {
        const event = sampleEvent(given);
        return event.level === "Metadata"
            ? event
            : sampleEvent({ ...event, requestObject, ...(event.level !== "Request" && { responseObject }) });
    });

/** One line as Go's `encoding/json` writes it, or as JavaScript does, which escapes less. */
export const arbitraryLine: fc.Arbitrary<string> = fc.tuple(arbitraryEvent, fc.boolean()).map(([event, asGo]) => {
    const line = JSON.stringify(event);
    return asGo
        ? line.replace(/[<>&\u2028\u2029]/g, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`)
        : line;
});
