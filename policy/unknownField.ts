import type { Remark } from "./finding";
import type { Enclosing } from "./goJson/decode";
import type { GoStruct, GoType } from "./policyType";
import { suggest } from "./suggest";

/** What people write who have another API in mind, such as RBAC's. */
const habits: Readonly<Record<string, string>> = {
    apiGroup: "group",
    apiGroups: "group",
    groups: "userGroups",
    names: "resourceNames",
    paths: "nonResourceURLs",
    urls: "nonResourceURLs",
    stages: "omitStages",
};

/**
 * Why an unknown field matters and what was probably meant by it.
 *
 * @param enclosing - the objects it is in, the innermost last
 */
export function explainUnknownField(name: string, enclosing: readonly Enclosing[]): Pick<Remark, "reason" | "fix"> {
    return {
        reason: `The API server ignores fields that it does not know${consequence(enclosing)}.`,
        fix: fixFor(name, enclosing),
    };
}

function consequence(enclosing: readonly Enclosing[]): string {
    switch (enclosing.at(-1)!.type.name) {
        case "v1.PolicyRule":
            return ", so the rule would match requests that it is not meant for";
        case "v1.GroupResources":
            return ", so the rule would match resources that it is not meant for";
        default:
            return "";
    }
}

function fixFor(name: string, enclosing: readonly Enclosing[]): string {
    const { type } = enclosing.at(-1)!;
    const outer = enclosing.slice(0, -1).findLast((object) => Object.hasOwn(object.type.fields, name));
    if (outer) {
        return `Move ${name} out, to ${outer.path === "" ? "the top of the policy" : outer.path}.`;
    }
    const inner = Object.entries(type.fields).find(([, field]) => Object.hasOwn(structIn(field)?.fields ?? {}, name));
    if (inner) {
        return `Move ${name} into ${inner[0]}.`;
    }
    const known = Object.keys(type.fields);
    const habit = habits[name];
    const meant = suggest(name, known) ?? (habit !== undefined && known.includes(habit) ? habit : undefined);
    return meant === undefined ? `Remove it; the fields here are ${known.join(", ")}.` : `Did you mean ${meant}?`;
}

function structIn(type: GoType): GoStruct | undefined {
    const content = type.kind === "slice" ? type.of : type;
    return content.kind === "struct" ? content : undefined;
}
