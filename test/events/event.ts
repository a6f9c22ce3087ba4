import type { AuditEvent } from "../../events/event";

/** A verb for each HTTP method of requests about resources. */
const verbOf: Readonly<Record<string, string>> = {
    GET: "get",
    POST: "create",
    PUT: "update",
    PATCH: "patch",
    DELETE: "delete",
};

/**
 * An event of a request in words: `GET /api/v1/namespaces/shop/pods/web by alice`, at the end of the request and at the
 * level Metadata.
 *
 * @param more - what is otherwise
 */
export function event(words: string, more: Partial<AuditEvent> = {}): AuditEvent {
    const [, method = "", requestURI = "", username] = /^(\S+) (\S+)(?: by (\S+))?$/.exec(words) ?? [];
    const about =
        /^\/api(?:\/v1|s\/([^/]+)\/v1)(?:\/namespaces\/([^/]+)(?=\/.))?\/([^/?]+)(?:\/([^/?]+))?(?:\/([^/?]+))?/;
    const [resourceful, apiGroup, namespace, resource, name, subresource] = about.exec(requestURI) ?? [];
    const objectRef = { resource, namespace, name, apiGroup, apiVersion: "v1", subresource };
    return JSON.parse(
        JSON.stringify({
            kind: "Event",
            apiVersion: "audit.k8s.io/v1",
            level: "Metadata",
            auditID: "1",
            stage: "ResponseComplete",
            requestURI,
            verb: resourceful === undefined ? method.toLowerCase() : verbOf[method],
            user: username === undefined ? {} : { username, groups: ["system:authenticated"] },
            sourceIPs: ["10.0.0.9"],
            userAgent: "kubectl/v1.34.4",
            ...(resourceful !== undefined && { objectRef }),
            responseStatus: { metadata: {}, code: 200 },
            requestReceivedTimestamp: "2026-01-01T10:00:00.000000Z",
            stageTimestamp: "2026-01-01T10:00:00.010000Z",
            ...more,
        }),
    ) as AuditEvent;
}
