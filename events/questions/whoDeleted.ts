import { describeResource, describeStatus, describeUser, formatTime } from "../describe";
import type { AuditEvent } from "../event";
import type { Query } from "../query/query";
import type { Expression } from "../query/where";
import { byTime, lastStage, succeeded, type Question, type Row } from "./question";

/** The object that is gone. */
export interface DeletedObject {
    /** The plural, such as `pods`. */
    readonly resource: string;
    readonly name: string;
    /** Default: any. */
    readonly namespace?: string;
}

/**
 * Who deleted an object: whoever asked for it by name, evicted it, or deleted all of its kind or its namespace, and whoever
 * finished the work. Attempts that failed are shown, too.
 */
export function whoDeleted({ resource, name, namespace }: DeletedObject): Question {
    const rows: Row[] = [];
    const asked: Row[] = [];
    const query: Query = {
        filters: [{ field: "verb", wanted: ["delete", "deletecollection", "create"], excluded: [] }],
        where: [
            or(
                and(
                    is("verb", "delete"),
                    is("resource", resource),
                    is("name", name),
                    inNamespace(namespace),
                    noSubresource,
                ),
                and(is("verb", "deletecollection"), is("resource", resource), inNamespace(namespace)),
                and(is("verb", "create"), is("subresource", "eviction"), is("name", name), inNamespace(namespace)),
                ...(namespace === undefined
                    ? []
                    : [and(is("verb", "delete"), is("resource", "namespaces"), is("name", namespace))]),
            ),
        ],
    };
    return {
        query,
        depth: "head",
        add(request) {
            const event = lastStage(request);
            const row = {
                time: formatTime(event.stageTimestamp),
                status: describeStatus(event),
                how: describeDeletion(event),
                namespace: event.objectRef?.namespace ?? "",
                user: describeUser(event),
                source: (event.sourceIPs ?? []).join(","),
                client: event.userAgent ?? "",
            };
            rows.push(row);
            if (succeeded(event) && row.how !== FINISHED && isByName(event)) {
                asked.push(row);
            }
        },
        answer() {
            const [first] = byTime(asked);
            return {
                columns: ["time", "status", "how", "namespace", "user", "source", "client"],
                rows: byTime(rows),
                ...(first && {
                    sentence: `${resource} ${name} in ${first.namespace || "the cluster"}: ${first.how} by ${first.user} from ${first.source} at ${first.time}`,
                }),
            };
        },
    };
}

const FINISHED = "finished by the kubelet";

/** Controllers of the control plane that delete what others made superfluous, by their service account. */
const CONTROLLERS: Readonly<Record<string, string>> = {
    "generic-garbage-collector": "deleted since its owner is gone",
    "namespace-controller": "deleted with its namespace",
    "pod-garbage-collector": "deleted since its node is gone or it had ended",
    "node-controller": "deleted since its node is gone",
    "ttl-after-finished-controller": "deleted some time after it had ended",
};

function describeDeletion(event: AuditEvent): string {
    const { verb, user, objectRef } = event;
    const controller = /^system:serviceaccount:kube-system:(.*)$/.exec(user.username ?? "")?.[1] ?? "";
    if (verb === "deletecollection") {
        return "deleted all, or all that a selector fits";
    }
    if (verb === "create") {
        return "evicted";
    }
    if (objectRef?.resource === "namespaces") {
        return "its namespace deleted";
    }
    return user.username?.startsWith("system:node:") === true ? FINISHED : (CONTROLLERS[controller] ?? "deleted");
}

/** Whether it was about this object for certain. */
function isByName(event: AuditEvent): boolean {
    return event.verb !== "deletecollection" && describeResource(event) !== "namespaces";
}

const noSubresource: Expression = { kind: "not", part: { kind: "exists", path: ["subresource"] } };

function is(field: string, value: string): Expression {
    return { kind: "compare", path: [field], operator: "==", values: [value] };
}

function inNamespace(namespace: string | undefined): Expression {
    return namespace === undefined ? and() : is("namespace", namespace);
}

function and(...parts: Expression[]): Expression {
    return { kind: "and", parts };
}

function or(...parts: Expression[]): Expression {
    return { kind: "or", parts };
}
