import assert from "node:assert/strict";
import type { AuditEvent } from "../../events/event";
import { readLine } from "../../events/readLine";
import { lineOf, sampleEvent } from "./sampleEvent";

function read(value: unknown): { events: AuditEvent[]; damages: string[] } {
    const events: AuditEvent[] = [];
    const damages: string[] = [];
    readLine(Buffer.from(typeof value === "string" ? value : JSON.stringify(value)), {
        event: (event) => events.push(event),
        damaged: (reason) => damages.push(reason),
    });
    return { events, damages };
}

const event = sampleEvent();
const text = lineOf(event);
/** The API server's lists do not repeat what they say of all their items. */
const item: Partial<AuditEvent> = { ...event, kind: undefined, apiVersion: undefined };

describe("unwrapping events", () => {
    for (const [what, value] of Object.entries({
        "an event": event,
        "an EventList": { kind: "EventList", apiVersion: "audit.k8s.io/v1", metadata: {}, items: [item] },
        "a list": [event],
        "a resource log of AKS": { category: "kube-audit", properties: { log: `${text}\n`, stream: "stdout" } },
        "a message of an event hub": { records: [{ category: "kube-audit", properties: { log: text } }] },
        "a row of AzureDiagnostics": { Category: "kube-audit", log_s: text },
        "the answer of aws logs filter-log-events": {
            events: [{ logStreamName: "kube-apiserver-audit-1", message: text }],
        },
        "a CloudWatch subscription": { messageType: "DATA_MESSAGE", logEvents: [{ id: "1", message: text }] },
        "a line of a CloudWatch export": `2026-03-02T09:15:04.125Z ${text}`,
        "a line of the CRI": `2026-03-02T09:15:04.125000001Z stdout F ${text}`,
        "a line of Docker": { log: `${text}\n`, stream: "stdout", time: "2026-03-02T09:15:04.125Z" },
        "an entry of the journal": { MESSAGE: text, _PID: "1" },
    })) {
        it(`finds the event in ${what}`, () => {
            assert.deepEqual(read(value), { events: [event], damages: [] });
        });
    }

    it("tells a damaged event inside of an envelope from those around it", () => {
        assert.deepEqual(read({ events: [{ message: text }, { message: text.slice(0, 90) }, { message: "hello" }] }), {
            events: [event],
            damages: [
                "the text of an event inside its envelope is damaged",
                "item 2, an object without a kind, is no audit event",
            ],
        });
    });

    it("converts entries of Google Cloud's audit logs", () => {
        const entry = {
            insertId: "i1",
            labels: { "authorization.k8s.io/decision": "allow" },
            logName: "projects/p/logs/cloudaudit.googleapis.com%2Factivity",
            operation: { id: "op-1", first: true, last: true, producer: "k8s.io" },
            protoPayload: {
                "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
                authenticationInfo: { principalEmail: "jane@example.com" },
                methodName: "io.k8s.apps.v1.deployments.scale.patch",
                requestMetadata: { callerIp: "198.51.100.7", callerSuppliedUserAgent: "kubectl/v1.34.4" },
                request: { "@type": "k8s.io/Patch", spec: { replicas: 3 } },
                resourceName: "apps/v1/namespaces/shop/deployments/web/scale",
                serviceName: "k8s.io",
                status: { code: 7, message: "PERMISSION_DENIED" },
            },
            timestamp: "2026-03-02T09:15:04.125Z",
        };
        assert.deepEqual(read(entry), {
            damages: [],
            events: [
                {
                    kind: "Event",
                    apiVersion: "audit.k8s.io/v1",
                    level: "Request",
                    auditID: "op-1",
                    stage: "ResponseComplete",
                    requestURI: "/apis/apps/v1/namespaces/shop/deployments/web/scale",
                    verb: "patch",
                    user: { username: "jane@example.com" },
                    sourceIPs: ["198.51.100.7"],
                    userAgent: "kubectl/v1.34.4",
                    objectRef: {
                        resource: "deployments",
                        namespace: "shop",
                        name: "web",
                        apiGroup: "apps",
                        apiVersion: "v1",
                        subresource: "scale",
                    },
                    responseStatus: { message: "PERMISSION_DENIED", code: 403 },
                    requestObject: { "@type": "k8s.io/Patch", spec: { replicas: 3 } },
                    requestReceivedTimestamp: "2026-03-02T09:15:04.125Z",
                    stageTimestamp: "2026-03-02T09:15:04.125Z",
                    annotations: { "authorization.k8s.io/decision": "allow" },
                },
            ],
        });
    });
});
