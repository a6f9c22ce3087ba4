/** What the API server's Go types take from JSON, and what they are called in its error messages. */
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
    fields: Readonly<Record<string, GoType>>;
}

const string = scalar("string", "string");
const bool = scalar("bool", "bool");
const time = scalar("time", "v1.Time");
const uid = scalar("string", "types.UID");
const strings = slice(string);
const stringMap: GoStringMap = { kind: "map", name: "map[string]string", of: string };

const ownerReference = struct("v1.OwnerReference", {
    apiVersion: string,
    kind: string,
    name: string,
    uid,
    controller: bool,
    blockOwnerDeletion: bool,
});

const managedFieldsEntry = struct("v1.ManagedFieldsEntry", {
    manager: string,
    operation: scalar("string", "v1.ManagedFieldsOperationType"),
    apiVersion: string,
    time,
    fieldsType: string,
    fieldsV1: scalar("any", "v1.FieldsV1"),
    subresource: string,
});

const objectMeta = struct("v1.ObjectMeta", {
    name: string,
    generateName: string,
    namespace: string,
    selfLink: string,
    uid,
    resourceVersion: string,
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

/** The whole file. */
export const policyType = policyTypeOf("v1", (name) => name, {
    apiVersion: string,
    kind: string,
    metadata: objectMeta,
});

/**
 * What a file without a version is decoded into before it is refused: the API server's own type, whose fields have
 * Go's names.
 */
export const unversionedPolicyType = policyTypeOf("audit", (name) => name[0]!.toUpperCase() + name.slice(1), {
    apiVersion: string,
    kind: string,
    ...objectMeta.fields,
});

function policyTypeOf(pkg: string, fieldName: (name: string) => string, head: GoStruct["fields"]): GoStruct {
    const omitStages = slice(scalar("string", `${pkg}.Stage`));
    const named = (name: string, fields: GoStruct["fields"], more: GoStruct["fields"] = {}) => {
        const entries = Object.entries(fields).map(([field, type]) => [fieldName(field), type] as const);
        return struct(`${pkg}.${name}`, { ...more, ...Object.fromEntries(entries) });
    };
    const groupResources = named("GroupResources", { group: string, resources: strings, resourceNames: strings });
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
    return named("Policy", { rules: slice(policyRule), omitStages, omitManagedFields: bool }, head);
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
