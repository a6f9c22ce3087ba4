import { describeName, describeResource, describeStatus, describeUser, formatTime } from "../describe";
import type { AuditEvent } from "../event";
import { isRecord } from "../record";
import { byTime, lastStage, type Question, type Row } from "./question";

/**
 * Who changed what somebody may do: roles and bindings, tokens that were made for service accounts, certificates that were
 * approved. What was granted is told where the body was recorded. Attempts that failed are shown, too.
 */
export function newPrivileges(): Question {
    const rows: Row[] = [];
    const writes = {
        field: "verb",
        wanted: ["create", "update", "patch", "delete", "deletecollection"],
        excluded: [],
    } as const;
    const resources = ["roles", "rolebindings", "clusterroles", "clusterrolebindings"];
    const others = ["serviceaccounts", "certificatesigningrequests"];
    return {
        query: { filters: [{ field: "resource", wanted: [...resources, ...others], excluded: [] }, writes] },
        depth: "whole",
        add(request) {
            const event = lastStage(request);
            const { resource = "", subresource = "" } = event.objectRef ?? {};
            if (others.includes(resource) && subresource !== "token" && subresource !== "approval") {
                return;
            }
            rows.push({
                time: formatTime(event.stageTimestamp),
                status: describeStatus(event),
                verb: event.verb,
                resource: describeResource(event),
                name: describeName(event),
                grants: describeGrants(event),
                user: describeUser(event),
                source: (event.sourceIPs ?? []).join(","),
            });
        },
        answer: () => ({
            columns: ["time", "status", "verb", "resource", "name", "grants", "user", "source"],
            rows: byTime(rows),
        }),
    };
}

function describeGrants({ requestObject, responseObject, verb }: AuditEvent): string {
    if (requestObject === undefined) {
        return verb.startsWith("delete") ? "" : "the body was not recorded";
    }
    if (Array.isArray(requestObject)) {
        return requestObject.map(describeOperation).join("; "); // A JSON patch.
    }
    const bodies = [requestObject, responseObject].filter(isRecord);
    const binding = bodies.find(({ roleRef }) => isRecord(roleRef));
    if (binding !== undefined) {
        const subjects = list(binding.subjects).map(
            ({ kind, namespace, name }) => `${word(kind)} ${path(namespace, name)}`,
        );
        return `${word((binding.roleRef as Record<string, unknown>).name)} to ${subjects.join(", ") || "nobody"}`;
    }
    const role = bodies.find(({ rules }) => Array.isArray(rules));
    return role === undefined ? "" : list(role.rules).map(describeRule).join("; ");
}

function describeOperation(operation: unknown): string {
    if (!isRecord(operation)) {
        return "";
    }
    const { op, path: where, value } = operation;
    const what = isRecord(value) && "verbs" in value ? describeRule(value) : JSON.stringify(value ?? null);
    return `${word(op)} ${word(where)}${value === undefined ? "" : ` ${what}`}`;
}

/** `get,list pods,secrets`, with the group behind a resource that is not of the core group. */
function describeRule({ verbs, apiGroups, resources, nonResourceURLs }: Record<string, unknown>): string {
    const groups = words(apiGroups).filter((group) => group !== "");
    const suffix = groups.length === 0 ? "" : ` of ${groups.join(",")}`;
    return `${words(verbs).join(",")} ${[...words(resources), ...words(nonResourceURLs)].join(",")}${suffix}`;
}

function list(value: unknown): Record<string, unknown>[] {
    return Array.isArray(value) ? value.filter(isRecord) : [];
}

function words(value: unknown): string[] {
    return Array.isArray(value) ? value.map(word) : [];
}

function word(value: unknown): string {
    return typeof value === "string" ? value : "";
}

function path(namespace: unknown, name: unknown): string {
    return [word(namespace), word(name)].filter((part) => part !== "").join("/");
}
