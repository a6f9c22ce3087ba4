import type { Enclosing } from "./decode";
import type { Remark } from "./finding";
import type { ObjectShape, Shape } from "./shape";
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
    switch (enclosing.at(-1)!.shape.goType) {
        case "v1.PolicyRule":
            return ", so the rule would match requests that it is not meant for";
        case "v1.GroupResources":
            return ", so the rule would match resources that it is not meant for";
        default:
            return "";
    }
}

function fixFor(name: string, enclosing: readonly Enclosing[]): string {
    const { shape } = enclosing.at(-1)!;
    const outer = enclosing.slice(0, -1).findLast((object) => Object.hasOwn(object.shape.fields, name));
    if (outer) {
        return `Move ${name} out, to ${outer.path === "" ? "the top of the policy" : outer.path}.`;
    }
    const inner = Object.entries(shape.fields).find(([, field]) => Object.hasOwn(objectIn(field)?.fields ?? {}, name));
    if (inner) {
        return `Move ${name} into ${inner[0]}.`;
    }
    const known = Object.keys(shape.fields);
    const habit = habits[name];
    const meant = suggest(name, known) ?? (habit !== undefined && known.includes(habit) ? habit : undefined);
    return meant === undefined ? `Remove it; the fields here are ${known.join(", ")}.` : `Did you mean ${meant}?`;
}

function objectIn(shape: Shape): ObjectShape | undefined {
    const content = shape.kind === "list" ? shape.of : shape;
    return content.kind === "object" ? content : undefined;
}
