import { onlyRule, rulesBetween, type RuleSet } from "../classes/dimension";
import { narrow, type Dimension, type Part } from "../classes/space";
import { parsePattern, type Target } from "../classes/targets";
import { decisionOf, pathMatches } from "../evaluate";
import { warning, type Remark } from "../finding";
import { newestMinor, anyGroupSince } from "../kubernetes";
import type { GroupResources, PolicyRule } from "../types";
import type { LintContext } from "./context";
import { isReached } from "./context";
import { describeRequest, recordsTheSame } from "../words";
import { nameRules } from "./words";

/** Rules, and single values in rules, that no request reaches because earlier rules decide. Exact. */
export function lintReachability(context: LintContext): Remark[] {
    return context.policy.rules.flatMap((rule, index) =>
        isReached(context, index) ? shadowedValues(context, rule, index) : [unreachable(context, index)],
    );
}

function unreachable(context: LintContext, index: number): Remark {
    const { policy, space } = context;
    const path = `rules[${index}]`;
    const message = `no request reaches ${path}`;
    if (!space.find({ wanted: onlyRule(index), unwanted: 0n })) {
        return warning("unreachable-rule", path, message, {
            reason: "Nothing that it lists matches any request.",
            fix: "Correct what it lists, or remove it.",
        });
    }
    const shadowing = fewestShadowing(context, index);
    const same = shadowing.every((other) => recordsTheSame(decisionOf(policy, other), decisionOf(policy, index)));
    const names = nameRules(shadowing);
    return warning("unreachable-rule", path, message, {
        reason: `${names} ${shadowing.length === 1 ? "matches" : "together match"} every request that it does, and the first rule that matches decides.`,
        fix: same ? "Remove it." : `Move it before ${nameRules(shadowing.slice(0, 1))}, or remove it.`,
        related: shadowing.map((other) => `rules[${other}]`),
    });
}

/** Earlier rules that leave nothing to a rule; one if one does, and none that is not needed. */
function fewestShadowing({ space }: LintContext, index: number): number[] {
    const wanted = onlyRule(index);
    const shadows = (unwanted: RuleSet) => space.find({ wanted, unwanted }) === undefined;
    const earlier = [...Array(index).keys()];
    const single = earlier.find((other) => shadows(onlyRule(other)));
    if (single !== undefined) {
        return [single];
    }
    let needed = rulesBetween(0, index);
    for (const other of earlier.toReversed()) {
        const fewer = needed & ~onlyRule(other);
        needed = shadows(fewer) ? fewer : needed;
    }
    return earlier.filter((other) => (needed & onlyRule(other)) !== 0n);
}

/** Values of a rule that earlier rules leave without any request and treat differently: surely not what was meant. */
function shadowedValues(context: LintContext, rule: PolicyRule, index: number): Remark[] {
    const { space } = context;
    const own = onlyRule(index);
    const parts = [space.resources, space.urls].map((part) => narrow(part, own));
    const reached = parts.map((part) => space.reach(part, { wanted: own, unwanted: rulesBetween(0, index) }).part);
    const isReachedBy = ({ attribute, accepts }: ValueOfRule) =>
        reached
            .flat()
            .some(
                (dimension) =>
                    dimension.attribute === attribute &&
                    dimension.classes.some(({ values }) => values.some((value) => accepts(value as never))),
            );
    const shadowed = valuesOf(rule, index, context).filter((value) => !isReachedBy(value));
    return shadowed.flatMap(({ path, attribute, value, accepts }) => {
        const only = parts.filter((part) => part.some((dimension) => dimension.attribute === attribute));
        const narrowed = only.map((part) => withOnly(part, attribute, accepts));
        return shadowedValue(context, index, narrowed, path, value);
    });
}

function shadowedValue(
    { policy, space }: LintContext,
    index: number,
    parts: readonly Part[],
    path: string,
    value: string,
): Remark[] {
    const find = (wanted: RuleSet, unwanted: RuleSet) =>
        parts.map((part) => space.findIn(part, { wanted, unwanted })).find((point) => point !== undefined);
    const own = onlyRule(index);
    const deciding = [...Array(index).keys()].flatMap((other) => {
        const point = find(own | onlyRule(other), rulesBetween(0, other));
        return point ? [{ other, point }] : [];
    });
    const [first] = deciding;
    const decision = decisionOf(policy, index);
    if (!first || deciding.some(({ other }) => recordsTheSame(decisionOf(policy, other), decision))) {
        return [];
    }
    const example = space.exampleOf(first.point);
    const rules = deciding.map(({ other }) => other);
    return [
        warning("shadowed-value", path, `${JSON.stringify(value)} has no effect in rules[${index}]`, {
            reason: `${nameRules(rules)} ${rules.length === 1 ? "decides" : "decide"} all requests that it would match, such as: ${describeRequest(example)}.`,
            fix: `Move rules[${index}] before ${nameRules(rules.slice(0, 1))}, or remove the value.`,
            related: rules.map((other) => `rules[${other}]`),
            example,
        }),
    ];
}

interface ValueOfRule {
    path: string;
    value: string;
    attribute: Dimension["attribute"];
    accepts: (value: never) => boolean;
}

/** The values of lists that have others; without its only value a rule would be another one. */
function valuesOf(rule: PolicyRule, index: number, { kubernetes }: LintContext): ValueOfRule[] {
    const texts = (field: "users" | "verbs" | "namespaces", attribute: Dimension["attribute"]) =>
        several(rule[field]).map(({ value, position }) => ({
            path: `rules[${index}].${field}[${position}]`,
            value,
            attribute,
            accepts: (text: unknown) => text === value,
        }));
    const urls = several(rule.nonResourceURLs).map(({ value, position }) => ({
        path: `rules[${index}].nonResourceURLs[${position}]`,
        value,
        attribute: "path" as const,
        accepts: ({ path }: { path: string }) => pathMatches(path, value),
    }));
    const hasAnyGroup = (kubernetes ?? newestMinor) >= anyGroupSince;
    const resources = (rule.resources ?? []).flatMap((entry, k) =>
        (entry.resources ?? []).flatMap((value, position) =>
            rule.resources!.length + entry.resources!.length === 2
                ? []
                : [
                      {
                          path: `rules[${index}].resources[${k}].resources[${position}]`,
                          value,
                          attribute: "target" as const,
                          accepts: (target: Target) => patternAccepts(entry, value, target, hasAnyGroup),
                      },
                  ],
        ),
    );
    return [
        ...texts("users", "user"),
        ...texts("verbs", "verb"),
        ...texts("namespaces", "namespace"),
        ...urls,
        ...resources,
    ];
}

function several(values: readonly string[] = []): { value: string; position: number }[] {
    return values.length < 2 ? [] : values.map((value, position) => ({ value, position }));
}

function patternAccepts(
    { group = "", resourceNames = [] }: GroupResources,
    pattern: string,
    { apiGroup, resource, subresource, name }: Target,
    hasAnyGroup: boolean,
): boolean {
    const parsed = parsePattern(pattern);
    return (
        parsed !== undefined &&
        (group === apiGroup || (group === "*" && hasAnyGroup)) &&
        (resourceNames.length === 0 || (name !== undefined && resourceNames.includes(name))) &&
        (parsed.resource === "*" || parsed.resource === resource) &&
        (parsed.subresource === "*" || parsed.subresource === subresource)
    );
}

function withOnly(part: Part, attribute: Dimension["attribute"], accepts: ValueOfRule["accepts"]): Part {
    return part.map((dimension) =>
        dimension.attribute === attribute
            ? {
                  attribute,
                  classes: dimension.classes
                      .map(({ rules, values }) => ({
                          rules,
                          values: values.filter((value) => accepts(value as never)),
                      }))
                      .filter(({ values }) => values.length > 0),
              }
            : dimension,
    );
}
