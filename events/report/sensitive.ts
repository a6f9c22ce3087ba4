import { describeName, describeUser } from "../describe";
import type { AuditEvent } from "../event";

/** What the report looks at closely. */
export interface SensitiveAction {
    readonly title: string;
    /** Why, in a sentence. */
    readonly reason: string;
    /** What its table has in its columns before the number. */
    readonly columns: readonly string[];
    /** The columns of a request that is one; nothing for others. */
    readonly labels: (event: AuditEvent) => readonly string[] | undefined;
}

const reads = ["get", "list", "watch"];
const changes = ["create", "update", "patch", "delete", "deletecollection"];
const sessions = ["exec", "attach", "portforward", "ephemeralcontainers"];

/** In the order of the report. Attempts that failed are among the denials. */
export const sensitiveActions: readonly SensitiveAction[] = [
    {
        title: "Secrets read",
        reason: "Whoever reads a secret has what it protects; a list or a watch shows all of them.",
        columns: ["User", "Verb", "Secret"],
        labels: (event) =>
            is(event, "", "secrets", reads)
                ? [describeUser(event), event.verb, describeName(event) || "all"]
                : undefined,
    },
    {
        title: "Sessions in pods",
        reason: "What happens in a session is in no audit log.",
        columns: ["User", "Kind", "Pod"],
        labels: (event) => {
            const { resource, subresource = "" } = event.objectRef ?? {};
            const isOne = resource === "pods" && sessions.includes(subresource) && event.verb !== "list";
            return isOne ? [describeUser(event), subresource, describeName(event)] : undefined;
        },
    },
    {
        title: "Changes of who may do what",
        reason: "Roles and bindings that were made, changed or deleted.",
        columns: ["User", "Verb", "Object"],
        labels: (event) => {
            const { apiGroup, resource = "" } = event.objectRef ?? {};
            return apiGroup === "rbac.authorization.k8s.io" && changes.includes(event.verb)
                ? [describeUser(event), event.verb, `${resource} ${describeName(event)}`]
                : undefined;
        },
    },
    {
        title: "Tokens requested",
        reason: "A token is a service account's identity, for whoever has it.",
        columns: ["User", "Service account"],
        labels: (event) =>
            is(event, "token", "serviceaccounts", ["create"]) ? [describeUser(event), describeName(event)] : undefined,
    },
];

function is({ objectRef = {}, verb }: AuditEvent, subresource: string, resource: string, verbs: readonly string[]) {
    return (
        (objectRef.apiGroup ?? "") === "" &&
        objectRef.resource === resource &&
        (objectRef.subresource ?? "") === subresource &&
        verbs.includes(verb)
    );
}
