/** What a policy's fields hold, as the API server's Go types take it from JSON and its error messages call it. */
export type GoType = GoScalar | GoSlice | GoStringMap | GoStruct;

/** A text, a truth value, a whole number of 64 bits, a time, or anything. */
export interface GoScalar {
    kind: "string" | "bool" | "int64" | "time" | "any";
    name: string;
}

/** A list. */
export interface GoSlice {
    kind: "slice";
    name: string;
    of: GoScalar | GoStruct;
}

/** A `map[string]string`. */
export interface GoStringMap {
    kind: "map";
    name: string;
    of: GoScalar;
}

/** An object with known fields. */
export interface GoStruct {
    kind: "struct";
    name: string;
    /** In the order in which they are written. */
    fields: Readonly<Record<string, GoType>>;
}

/** A text. */
export const text = scalar("string", "string");
const bool = scalar("bool", "bool");
const time = scalar("time", "v1.Time");
const uid = scalar("string", "types.UID");
const strings = slice(text);
const stringMap: GoStringMap = { kind: "map", name: "map[string]string", of: text };

const ownerReference = struct("v1.OwnerReference", {
    apiVersion: text,
    kind: text,
    name: text,
    uid,
    controller: bool,
    blockOwnerDeletion: bool,
});

const managedFieldsEntry = struct("v1.ManagedFieldsEntry", {
    manager: text,
    operation: scalar("string", "v1.ManagedFieldsOperationType"),
    apiVersion: text,
    time,
    fieldsType: text,
    fieldsV1: scalar("any", "v1.FieldsV1"),
    subresource: text,
});

const objectMeta = struct("v1.ObjectMeta", {
    name: text,
    generateName: text,
    namespace: text,
    selfLink: text,
    uid,
    resourceVersion: text,
    generation: scalar("int64", "int64"),
    creationTimestamp: time,
    deletionTimestamp: time,
    deletionGracePeriodSeconds: scalar("int64", "int64"),
    labels: stringMap,
    annotations: stringMap,
    ownerReferences: slice(ownerReference),
    finalizers: strings,
    managedFields: slice(managedFieldsEntry),
});

const v1 = policyTypes("v1", (name) => name, { apiVersion: text, kind: text, metadata: objectMeta });

/** The whole file. */
export const policyType = v1.policy;

/** One rule. */
export const policyRuleType = v1.policyRule;

/**
 * What a file without a version is decoded into before it is refused: the API server's own type, whose fields have
 * Go's names.
 */
export const unversionedPolicyType = policyTypes("audit", (name) => name[0]!.toUpperCase() + name.slice(1), {
    apiVersion: text,
    kind: text,
    ...objectMeta.fields,
}).policy;

function policyTypes(pkg: string, fieldName: (name: string) => string, head: GoStruct["fields"]) {
    const omitStages = slice(scalar("string", `${pkg}.Stage`));
    const named = (name: string, fields: GoStruct["fields"], more: GoStruct["fields"] = {}) => {
        const entries = Object.entries(fields).map(([field, type]) => [fieldName(field), type] as const);
        return struct(`${pkg}.${name}`, { ...more, ...Object.fromEntries(entries) });
    };
    const groupResources = named("GroupResources", { group: text, resources: strings, resourceNames: strings });
    const policyRule = named("PolicyRule", {
        level: scalar("string", `${pkg}.Level`),
        users: strings,
        userGroups: strings,
        verbs: strings,
        resources: slice(groupResources),
        namespaces: strings,
        nonResourceURLs: strings,
        omitStages,
        omitManagedFields: scalar("bool", "*bool"),
    });
    return {
        policyRule,
        policy: named("Policy", { omitStages, omitManagedFields: bool, rules: slice(policyRule) }, head),
    };
}

function scalar(kind: GoScalar["kind"], name: string): GoScalar {
    return { kind, name };
}

function slice(of: GoScalar | GoStruct): GoSlice {
    return { kind: "slice", name: `[]${of.name}`, of };
}

function struct(name: string, fields: GoStruct["fields"]): GoStruct {
    return { kind: "struct", name, fields };
}
