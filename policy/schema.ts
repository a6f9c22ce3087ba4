import { apiVersion, kind } from "./header";
import { policyType, type GoType } from "./policyType";
import { levels, stages } from "./types";

/**
 * A JSON Schema (draft-07) of what {@link checkPolicy} accepts, for editors: with field names, allowed values and what
 * each field means. It says nothing of what depends on the API server's version or on two places at once.
 */
export function policySchema(): object {
    const texts = (description: string, items: object = { type: "string" }) => ({ description, type: "array", items });
    const omitStages = texts("Stages that are not recorded.", { enum: stages });
    const omitManagedFields = (description: string) => ({ description, type: "boolean" });
    const metadata = { description: "Not used by the API server.", ...schemaOf(policyType.fields.metadata!) };
    const groupResources = {
        description: "Resources of one API group.",
        type: "object",
        additionalProperties: false,
        properties: {
            group: {
                description:
                    'The API group without its version, such as apps; "" is the core group; * is every group, from Kubernetes 1.36 on.',
                type: "string",
                maxLength: 253,
                pattern: `^(\\*|${DNS_LABEL}(\\.${DNS_LABEL})*)?$`,
            },
            resources: texts(
                "Plural names such as pods, or pods/log for a subresource; * is everything, */scale that subresource of everything, pods/* the pods and all their subresources. Without it: everything in the group.",
            ),
            resourceNames: texts("Names of objects; needs resources. Without it: any name."),
        },
        if: { required: ["resourceNames"], properties: { resourceNames: { minItems: 1 } } },
        then: { required: ["resources"], properties: { resources: { minItems: 1 } } },
    };
    const rule = {
        description: "What to record of the requests that every one of its fields matches.",
        type: "object",
        additionalProperties: false,
        required: ["level"],
        properties: {
            level: { description: "How much is recorded.", enum: levels },
            users: texts("Exact user names. Without it: any user, also none."),
            userGroups: texts("Groups, one of which the user must be in. Without it: any."),
            verbs: texts("Verbs in lower case, such as get, create or deletecollection. Without it: any."),
            resources: texts("Kinds of resources. Without it: any.", groupResources),
            namespaces: texts('Namespaces; "" is requests without one. Without it: any.'),
            nonResourceURLs: texts(
                "Paths such as /healthz; a * may only be the last character. Not together with resources or namespaces.",
                { type: "string", pattern: "^(\\*|/[^*]*\\*?)$" },
            ),
            omitStages,
            omitManagedFields: omitManagedFields(
                "Whether metadata.managedFields is left out of recorded bodies. Without it: as the policy says.",
            ),
        },
        if: { required: ["nonResourceURLs"], properties: { nonResourceURLs: { minItems: 1 } } },
        then: { properties: { resources: { maxItems: 0 }, namespaces: { maxItems: 0 } } },
    };
    return {
        $schema: "http://json-schema.org/draft-07/schema#",
        title: "Kubernetes audit policy",
        description: "The first rule that matches a request decides; a request that none matches is not recorded.",
        type: "object",
        additionalProperties: false,
        required: ["apiVersion", "rules"],
        properties: {
            apiVersion: { const: apiVersion },
            kind: { enum: [kind, ""] },
            metadata,
            omitStages,
            omitManagedFields: omitManagedFields("Whether metadata.managedFields is left out of recorded bodies."),
            rules: { description: "The most specific first.", type: "array", minItems: 1, items: rule },
        },
    };
}

const DNS_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";

/** What fits a Go type; a time may be null, as tools write it that have none. */
function schemaOf(type: GoType): object {
    switch (type.kind) {
        case "string":
            return { type: "string" };
        case "bool":
            return { type: "boolean" };
        case "int64":
            return { type: "integer" };
        case "time":
            return { type: ["string", "null"] };
        case "any":
            return {};
        case "slice":
            return { type: "array", items: schemaOf(type.of) };
        case "map":
            return { type: "object", additionalProperties: schemaOf(type.of) };
        case "struct": {
            const fields = Object.entries(type.fields).map(([name, field]) => [name, schemaOf(field)] as const);
            return { type: "object", additionalProperties: false, properties: Object.fromEntries(fields) };
        }
    }
}
