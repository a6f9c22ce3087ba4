import type { AuditEvent } from "../../events/event";

/** An event with what every event has, in the order in which the API server writes its members. */
export function sampleEvent(changes: Partial<AuditEvent> = {}): AuditEvent {
    const { requestObject, responseObject, requestReceivedTimestamp, stageTimestamp, annotations, ...head } = changes;
    return {
        kind: "Event",
        apiVersion: "audit.k8s.io/v1",
        level: "Metadata",
        auditID: "6f7f7b6e-0a9a-4b1c-9f53-3f0b7d6c2f11",
        stage: "ResponseComplete",
        requestURI: "/api/v1/namespaces/shop/pods/web",
        verb: "get",
        user: { username: "jane", groups: ["developers", "system:authenticated"] },
        sourceIPs: ["10.0.0.7"],
        userAgent: "kubectl/v1.34.4 (linux/amd64) kubernetes/abcdef0",
        objectRef: { resource: "pods", namespace: "shop", name: "web", apiVersion: "v1" },
        responseStatus: { metadata: {}, code: 200 } as AuditEvent["responseStatus"],
        ...head,
        ...(requestObject !== undefined && { requestObject }),
        ...(responseObject !== undefined && { responseObject }),
        requestReceivedTimestamp: requestReceivedTimestamp ?? "2026-03-02T09:15:04.120000Z",
        stageTimestamp: stageTimestamp ?? "2026-03-02T09:15:04.125000Z",
        annotations: annotations ?? { "authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": "" },
    };
}

/** The event's line in a log, without its newline. */
export function lineOf(event: AuditEvent): string {
    return JSON.stringify(event);
}
