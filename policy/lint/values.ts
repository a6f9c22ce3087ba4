import { warning, type Remark } from "../finding";
import type { PolicyRule } from "../types";
import type { LintContext } from "./context";

const fieldsWithoutPatterns = ["users", "userGroups", "verbs", "namespaces"] as const;

/** Patterns where there are none, and values that are given twice. */
export function lintValues({ policy }: LintContext): Remark[] {
    return [
        ...lintDuplicates(policy.omitStages, "omitStages"),
        ...policy.rules.flatMap((rule, index) => [
            ...lintPatterns(rule, `rules[${index}]`),
            ...listsOf(rule, `rules[${index}]`).flatMap(({ list, path }) => lintDuplicates(list, path)),
        ]),
    ];
}

function lintPatterns(rule: PolicyRule, path: string): Remark[] {
    const lists = [
        ...fieldsWithoutPatterns.map((field) => ({ field, list: rule[field], path: `${path}.${field}` })),
        ...(rule.resources ?? []).map(({ resourceNames }, k) => ({
            field: "resourceNames",
            list: resourceNames,
            path: `${path}.resources[${k}].resourceNames`,
        })),
    ];
    return lists.flatMap(({ field, list = [], path: at }) =>
        list.flatMap((value, j) =>
            value.includes("*")
                ? [
                      warning("no-pattern", `${at}[${j}]`, `${JSON.stringify(value)} in ${field} matches only itself`, {
                          reason: "Only resources, nonResourceURLs and, from 1.36 on, group know a *.",
                          fix: value === "*" ? `Leave ${field} out to match all.` : "Write the names one by one.",
                      }),
                  ]
                : [],
        ),
    );
}

function listsOf(rule: PolicyRule, path: string): { list: readonly unknown[] | undefined; path: string }[] {
    const fields = [
        "users",
        "userGroups",
        "verbs",
        "resources",
        "namespaces",
        "nonResourceURLs",
        "omitStages",
    ] as const;
    return [
        ...fields.map((field) => ({ list: rule[field], path: `${path}.${field}` })),
        ...(rule.resources ?? []).flatMap(({ resources, resourceNames }, k) => [
            { list: resources, path: `${path}.resources[${k}].resources` },
            { list: resourceNames, path: `${path}.resources[${k}].resourceNames` },
        ]),
    ];
}

function lintDuplicates(list: readonly unknown[] = [], path: string): Remark[] {
    const keys = list.map((value) => JSON.stringify(value));
    return keys.flatMap((key, j) =>
        keys.indexOf(key) < j
            ? [
                  warning("duplicate-value", `${path}[${j}]`, `${key} is given twice`, {
                      fix: "Remove one of them.",
                      related: [`${path}[${keys.indexOf(key)}]`],
                  }),
              ]
            : [],
    );
}
