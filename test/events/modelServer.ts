import fc from "fast-check";
import { evaluate, type Attributes } from "../../policy/evaluate";
import { stages, type Policy, type Stage } from "../../policy/types";
import type { AuditEvent, ObjectReference, ResponseStatus, UserInfo } from "../../events/event";

/** A request, and all that an API server learns of it. */
export interface ServedRequest {
    auditID: string;
    verb: string;
    requestURI: string;
    /** Absent where the authentication fails. */
    user?: UserInfo;
    impersonatedUser?: UserInfo;
    /** What the URL says. */
    objectRef?: ObjectReference;
    /** What the body adds to it. */
    learned?: ObjectReference;
    longRunning: boolean;
    /** How it ends; nothing while it runs. */
    end?: "ResponseComplete" | "Panic";
    status: ResponseStatus;
    requestObject?: unknown;
    responseObject?: unknown;
    /** Seconds since 2026-01-01. */
    at: number;
}

/** The events that an API server writes of a request: the stages and bodies of k8s.io/apiserver's audit filter. */
export function record(request: ServedRequest, policy: Policy): AuditEvent[] {
    const { level, omitStages, omitManagedFields } = evaluate(policy, attributes(request));
    if (level === "None") {
        return [];
    }
    const trim = (body: unknown) => (omitManagedFields ? dropFields(body) : body);
    return stagesOf(request)
        .filter((stage) => !omitStages.includes(stage))
        .map((stage): AuditEvent => {
            const early = stage === "RequestReceived";
            const sent = level === "Request" || level === "RequestResponse" ? request.requestObject : undefined;
            const answered = level === "RequestResponse" && stage !== "Panic" ? request.responseObject : undefined;
            const status = stage === "Panic" ? panicked : request.status;
            return defined({
                kind: "Event",
                apiVersion: "audit.k8s.io/v1",
                level,
                auditID: request.auditID,
                stage,
                requestURI: request.requestURI,
                verb: request.verb,
                user: request.user ?? {},
                impersonatedUser: early ? undefined : request.impersonatedUser,
                sourceIPs: ["10.0.0.9"],
                userAgent: "kubectl/v1.34.4 <&>",
                objectRef:
                    early || !request.objectRef ? request.objectRef : { ...request.objectRef, ...request.learned },
                responseStatus: early ? undefined : status,
                requestObject: early ? undefined : request.verb === "patch" ? sent : trim(sent),
                responseObject: early ? undefined : trim(answered),
                requestReceivedTimestamp: time(request.at),
                stageTimestamp: time(request.at + stages.indexOf(stage) / 100),
                annotations: early || !request.user ? undefined : { "authorization.k8s.io/decision": "allow" },
            });
        });
}

const panicked = {
    metadata: {},
    status: "Failure",
    message: "APIServer panic'd: x",
    reason: "InternalError",
    code: 500,
};

/** The stages that a request has, recorded or not. */
export function stagesOf({ user, longRunning, end }: ServedRequest): Stage[] {
    if (user === undefined) {
        return ["ResponseStarted"];
    }
    return ["RequestReceived", ...(longRunning ? ["ResponseStarted" as const] : []), ...(end ? [end] : [])];
}

function attributes({ verb, requestURI, user, objectRef }: ServedRequest): Attributes {
    const who = user ? { user: user.username, groups: user.groups ?? [] } : {};
    const path = requestURI.split("?")[0]!;
    return { ...who, verb, path, ...objectRef, isResource: objectRef !== undefined };
}

/** What every body of the model is: an object, a list, a table or a status. */
function dropFields(body: unknown): unknown {
    const text = JSON.stringify(body, (key, value: unknown) => (key === "managedFields" ? undefined : value));
    return body === undefined ? undefined : JSON.parse(text);
}

function time(seconds: number): string {
    return new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString().replace("Z", "000Z");
}

function defined(event: AuditEvent): AuditEvent {
    return JSON.parse(JSON.stringify(event)) as AuditEvent;
}

const object = (name: string, namespace: string, text: string) => ({
    kind: "Thing",
    apiVersion: "v1",
    metadata: { name, namespace, uid: "5f1", managedFields: [{ manager: "kubectl", fieldsV1: { "f:data": {} } }] },
    data: { text },
});

const ok = { metadata: {}, code: 200 };
const text = fc.stringMatching(/^[ -~\u2028é]{0,20}$/);
const name = fc.constantFrom("web", "db", "a-1");
const namespace = fc.constantFrom("shop", "kube-system");
const resource = fc.constantFrom("pods", "secrets", "configmaps");

type Part = Omit<ServedRequest, "auditID" | "at" | "user">;

/** Requests of all kinds, each with the bodies that an API server would have in hand. */
const parts: fc.Arbitrary<Part> = fc
    .record({ text, name, namespace, resource, kind: fc.integer({ min: 0, max: 10 }) })
    .map(({ text, name, namespace, resource, kind }): Part => {
        const all = `/api/v1/namespaces/${namespace}/${resource}`;
        const named = { resource, namespace, name, apiVersion: "v1" };
        const unnamed = { resource, namespace, apiVersion: "v1" };
        const body = object(name, namespace, text);
        const ended = { longRunning: false, end: "ResponseComplete" as const, status: ok };
        const failure = { metadata: {}, status: "Failure", message: text, reason: "NotFound", code: 404 };
        const kinds: Part[] = [
            { verb: "get", requestURI: `${all}/${name}`, objectRef: named, responseObject: body, ...ended },
            {
                verb: "create",
                requestURI: `${all}?fieldManager=a&b`,
                objectRef: unnamed,
                learned: { name, uid: "5f1" },
                requestObject: body,
                responseObject: body,
                ...ended,
            },
            {
                verb: "patch",
                requestURI: `${all}/${name}`,
                objectRef: named,
                requestObject: [{ text }],
                responseObject: body,
                ...ended,
            },
            {
                verb: "list",
                requestURI: `${all}?limit=5`,
                objectRef: unnamed,
                responseObject: { kind: "List", metadata: {}, items: [body, body] },
                ...ended,
            },
            {
                verb: "list",
                requestURI: `${all}?fieldSelector=metadata.name%3D${name}`,
                objectRef: named,
                responseObject: { kind: "Table", metadata: {}, rows: [{ cells: [text], object: body }] },
                ...ended,
            },
            {
                verb: "delete",
                requestURI: `${all}/${name}`,
                objectRef: named,
                requestObject: { kind: "DeleteOptions" },
                responseObject: body,
                ...ended,
            },
            {
                verb: "get",
                requestURI: `${all}/${name}`,
                objectRef: named,
                responseObject: { kind: "Status", apiVersion: "v1", ...failure },
                ...ended,
                status: failure,
            },
            { verb: "watch", requestURI: `${all}?watch=1`, objectRef: unnamed, ...ended, longRunning: true },
            {
                verb: "create",
                requestURI: `/api/v1/namespaces/shop/pods/${name}/exec?command=ls`,
                objectRef: { resource: "pods", namespace: "shop", name, subresource: "exec", apiVersion: "v1" },
                ...ended,
                longRunning: true,
            },
            { verb: "get", requestURI: `/healthz?${encodeURIComponent(text)}`, ...ended },
            {
                verb: "update",
                requestURI: `${all}/${name}`,
                objectRef: named,
                requestObject: body,
                longRunning: false,
                status: ok,
                end: "Panic",
            },
        ];
        return kinds[kind]!;
    });

const users: fc.Arbitrary<UserInfo> = fc.constantFrom(
    { username: "alice", groups: ["dev", "system:authenticated"] },
    { username: "system:node:a", groups: ["system:nodes", "system:authenticated"] },
);

/** What the API server answers where the authentication fails; it reads no body then. */
const unauthorized = { metadata: {}, status: "Failure", message: "Unauthorized", reason: "Unauthorized", code: 401 };

/** Requests that ended, in the order of their time; each later by the given seconds. */
export function servedRequests(every = 1): fc.Arbitrary<ServedRequest[]> {
    const request = fc.record({
        part: parts,
        user: fc.option(users, { nil: undefined, freq: 8 }),
        impersonatedUser: fc.option(fc.constant({ username: "bob" }), { nil: undefined }),
    });
    return fc.array(request, { minLength: 1, maxLength: 12 }).map((requests) =>
        requests.map(({ part, user, impersonatedUser }, index): ServedRequest => {
            const common = { ...part, auditID: `id-${index}`, at: index * every };
            return user
                ? { ...common, user, impersonatedUser }
                : {
                      ...common,
                      status: unauthorized,
                      end: undefined,
                      learned: undefined,
                      requestObject: undefined,
                      responseObject: { kind: "Status", apiVersion: "v1", ...unauthorized },
                  };
        }),
    );
}

/** Policies that tell those requests apart. */
export function policies(): fc.Arbitrary<Policy> {
    const omitStages = fc.subarray<Stage>([...stages]);
    const rule = fc.record(
        {
            level: fc.constantFrom(
                "None" as const,
                "Metadata" as const,
                "Request" as const,
                "RequestResponse" as const,
            ),
            verbs: fc.subarray(["get", "create", "watch", "delete"]),
            users: fc.subarray(["alice", "bob"]),
            resources: fc.constantFrom(
                [],
                [{ resources: ["pods"] }],
                [{ resources: ["secrets"], resourceNames: ["web"] }],
            ),
            omitStages,
            omitManagedFields: fc.boolean(),
        },
        { requiredKeys: ["level"] },
    );
    return fc.record({
        rules: fc.array(rule, { minLength: 1, maxLength: 4 }),
        omitStages,
        omitManagedFields: fc.boolean(),
    });
}
