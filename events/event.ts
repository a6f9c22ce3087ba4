import type { Level, Stage } from "../policy/types";

/**
 * What an audit log has of one stage of one request: `Event` of `audit.k8s.io/v1`, as the API server writes it, one JSON
 * object a line. Fields that are empty are left out.
 *
 * Source: k8s.io/apiserver, `pkg/apis/audit/v1/types.go`.
 */
export interface AuditEvent {
    readonly kind: "Event";
    readonly apiVersion: "audit.k8s.io/v1";
    readonly level: Level;
    /** The same for all stages of a request. */
    readonly auditID: string;
    readonly stage: Stage;
    /** The request's path with its query. */
    readonly requestURI: string;
    /** The Kubernetes verb, or the HTTP method in lower case where no resource was asked for. */
    readonly verb: string;
    /** Who asked; empty where the authentication failed. */
    readonly user: UserInfo;
    readonly impersonatedUser?: UserInfo;
    /** The client first, then the proxies. */
    readonly sourceIPs?: readonly string[];
    readonly userAgent?: string;
    /** What was asked for; absent for requests that are about no resource. */
    readonly objectRef?: ObjectReference;
    /** Absent before there was a response. */
    readonly responseStatus?: ResponseStatus;
    /** From the level Request on. */
    readonly requestObject?: unknown;
    /** At the level RequestResponse. */
    readonly responseObject?: unknown;
    /** When the request came, in RFC 3339 with microseconds. */
    readonly requestReceivedTimestamp: string;
    /** When this stage was reached, in RFC 3339 with microseconds. */
    readonly stageTimestamp: string;
    /** `authorization.k8s.io/decision` and what else the API server found out. */
    readonly annotations?: Readonly<Record<string, string>>;
}

/** Source: k8s.io/api, `authentication/v1`. */
export interface UserInfo {
    readonly username?: string;
    readonly uid?: string;
    readonly groups?: readonly string[];
    readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** The object that a request is about. */
export interface ObjectReference {
    readonly resource?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly uid?: string;
    /** Absent for the core group. */
    readonly apiGroup?: string;
    readonly apiVersion?: string;
    readonly resourceVersion?: string;
    readonly subresource?: string;
}

/** The part of `metav1.Status` that the API server keeps. */
export interface ResponseStatus {
    readonly status?: string;
    readonly message?: string;
    readonly reason?: string;
    readonly details?: unknown;
    /** The HTTP status. */
    readonly code?: number;
}
