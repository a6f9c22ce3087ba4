import type { AuditEvent, ObjectReference, ResponseStatus } from "./event";
import { isRecord } from "./record";

/**
 * An audit event from an entry of Google Cloud's audit logs, which has another form: GKE does not give out the API
 * server's own events. What the entry lacks stays empty (groups, uid), the level is what the bodies prove, and the moment
 * of the request is the entry's own, so there is no latency.
 *
 * Source: cloud.google.com/kubernetes-engine/docs/how-to/audit-logging; google.rpc.Code.
 *
 * @returns undefined where the value is no such entry
 */
export function fromCloudAuditLog(entry: Readonly<Record<string, unknown>>): AuditEvent | undefined {
    const payload = entry.protoPayload;
    if (!isRecord(payload) || typeof payload.methodName !== "string" || typeof payload.resourceName !== "string") {
        return undefined;
    }
    const method = /^io\.k8s\.(?:.*\.)?([a-z]+)$/.exec(payload.methodName);
    if (!method) {
        return undefined;
    }
    const verb = method[1]!;
    const { request, response, resourceName } = payload;
    const annotations = texts(entry.labels);
    const time = text(entry.timestamp) ?? "";
    return {
        kind: "Event",
        apiVersion: "audit.k8s.io/v1",
        level: isBody(response) ? "RequestResponse" : isBody(request) ? "Request" : "Metadata",
        auditID: text(member(entry.operation, "id")) ?? text(entry.insertId) ?? "",
        stage: member(entry.operation, "last") === false ? "ResponseStarted" : "ResponseComplete",
        requestURI: requestURI(resourceName),
        verb,
        user: { username: text(member(payload.authenticationInfo, "principalEmail")) },
        sourceIPs: [text(member(payload.requestMetadata, "callerIp")) ?? []].flat(),
        userAgent: text(member(payload.requestMetadata, "callerSuppliedUserAgent")),
        objectRef: objectRef(resourceName),
        responseStatus: responseStatus(payload.status),
        ...(isBody(request) && { requestObject: request }),
        ...(isBody(response) && { responseObject: response }),
        requestReceivedTimestamp: time,
        stageTimestamp: time,
        ...(annotations && { annotations }),
    };
}

/** `core/v1/namespaces/shop/pods/web/log`; the core group is called `core` here. */
function objectRef(resourceName: string): ObjectReference {
    const [group, apiVersion, ...path] = resourceName.split("/");
    const namespaced = path[0] === "namespaces" && path.length > 2;
    const namespace = path[0] === "namespaces" ? path[1] : undefined;
    const [resource, name, subresource] = namespaced ? path.slice(2) : path;
    return {
        resource,
        ...(namespace && { namespace }),
        ...(name && { name }),
        ...(group !== "core" && { apiGroup: group }),
        apiVersion,
        ...(subresource && { subresource }),
    };
}

function requestURI(resourceName: string): string {
    return resourceName.startsWith("core/") ? `/api/${resourceName.slice("core/".length)}` : `/apis/${resourceName}`;
}

/** The HTTP status of each google.rpc.Code, as Google's own gateways translate them. */
const HTTP_STATUS: readonly number[] = [
    200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401,
];

function responseStatus(status: unknown): ResponseStatus {
    const code = member(status, "code") ?? 0;
    const message = text(member(status, "message"));
    return { ...(message && { message }), code: HTTP_STATUS[Number(code)] ?? 500 };
}

/** A body of nothing but `@type` stands for one that was not recorded. */
function isBody(value: unknown): boolean {
    return isRecord(value) && Object.keys(value).some((key) => key !== "@type");
}

function member(value: unknown, key: string): unknown {
    return isRecord(value) ? value[key] : undefined;
}

function text(value: unknown): string | undefined {
    return typeof value === "string" ? value : undefined;
}

function texts(value: unknown): Record<string, string> | undefined {
    return isRecord(value) ? (value as Record<string, string>) : undefined;
}
