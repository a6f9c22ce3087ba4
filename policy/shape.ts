/** What the fields of a policy file hold, and what the API server's Go types are called in its error messages. */
export type Shape = ScalarShape | ListShape | ObjectShape | TextMapShape;

/** A text or a truth value. */
export interface ScalarShape {
    kind: "string" | "boolean";
    goType: string;
}

/** A list of one kind of thing. */
export interface ListShape {
    kind: "list";
    goType: string;
    of: ScalarShape | ObjectShape;
}

/** A mapping with known fields. */
export interface ObjectShape {
    kind: "object";
    goType: string;
    /** The fields, in the order in which they are written. */
    fields: Readonly<Record<string, Shape>>;
}

/** A mapping with any keys to texts. */
interface TextMapShape {
    kind: "textMap";
    goType: "map[string]string";
}

const text: ScalarShape = { kind: "string", goType: "string" };
const truth: ScalarShape = { kind: "boolean", goType: "bool" };
const texts: ListShape = { kind: "list", goType: "[]string", of: text };
const textMap: TextMapShape = { kind: "textMap", goType: "map[string]string" };
const level: ScalarShape = { kind: "string", goType: "v1.Level" };
const omitStages: ListShape = { kind: "list", goType: "[]v1.Stage", of: { kind: "string", goType: "v1.Stage" } };

const groupResources: ObjectShape = {
    kind: "object",
    goType: "v1.GroupResources",
    fields: { group: text, resources: texts, resourceNames: texts },
};

/** One rule. */
export const policyRuleShape: ObjectShape = {
    kind: "object",
    goType: "v1.PolicyRule",
    fields: {
        level,
        users: texts,
        userGroups: texts,
        verbs: texts,
        resources: { kind: "list", goType: "[]v1.GroupResources", of: groupResources },
        namespaces: texts,
        nonResourceURLs: texts,
        omitStages,
        omitManagedFields: truth,
    },
};

const metadata: ObjectShape = {
    kind: "object",
    goType: "v1.ObjectMeta",
    fields: { name: text, namespace: text, labels: textMap, annotations: textMap },
};

/** The whole file. */
export const policyShape: ObjectShape = {
    kind: "object",
    goType: "v1.Policy",
    fields: {
        apiVersion: text,
        kind: text,
        metadata,
        omitStages,
        omitManagedFields: truth,
        rules: { kind: "list", goType: "[]v1.PolicyRule", of: policyRuleShape },
    },
};
