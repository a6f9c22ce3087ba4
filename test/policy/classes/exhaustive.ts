import assert from "node:assert/strict";
import { isInClass } from "../../../policy/classes/requestClass";
import { diffPolicies } from "../../../policy/diff";
import { evaluate, type Attributes } from "../../../policy/evaluate";
import type { Finding } from "../../../policy/finding";
import { lintPolicy } from "../../../policy/lint";
import type { Policy, PolicyRule } from "../../../policy/types";
import { recordsTheSame } from "../../../policy/words";
import { everyRequest } from "./generate";

/**
 * Sees that the linter calls exactly those rules unreachable that none of all requests reaches, and that the rules which
 * it names as the reason are that.
 *
 * @param policy - one of `smallPolicies` that is valid for the version
 * @throws AssertionError where that is not so
 */
export function assertUnreachableRulesFound(policy: Policy, kubernetes: number): void {
    const reached = new Set(everyRequest.map((request) => evaluate(policy, request, kubernetes).rule));
    const found = lintPolicy(policy, { kubernetes }).filter(({ code }) => code === "unreachable-rule");
    assert.deepEqual(
        found.map(({ path }) => path),
        [...policy.rules.keys()].filter((index) => !reached.has(index)).map((index) => `rules[${index}]`),
    );
    found.forEach((finding) => {
        assertShadowed(policy, finding, kubernetes);
    });
}

/** The rules named as shadowing leave nothing to the rule, and all of them are needed for that. */
function assertShadowed(policy: Policy, { path, related = [] }: Finding, kubernetes: number): void {
    const indexOf = (place: string) => Number(/\d+/.exec(place)![0]);
    const rule = policy.rules[indexOf(path)]!;
    const shadowing = related.map((place) => policy.rules[indexOf(place)]!);
    const reach = (earlier: readonly PolicyRule[]) => {
        const rules = [...earlier, rule];
        return everyRequest.some(
            (request: Attributes) => evaluate({ rules }, request, kubernetes).rule === earlier.length,
        );
    };
    assert.ok(!reach(shadowing));
    shadowing.forEach((one) => {
        assert.ok(reach(shadowing.filter((other) => other !== one)));
    });
}

/**
 * Sees that every class of requests that differ has an example that does, and that of all requests those which differ,
 * and of the entire classes no others, are in one.
 *
 * @param before - one of `smallPolicies`, and so is `after`
 * @throws AssertionError where that is not so
 */
export function assertDifferencesExact(before: Policy, after: Policy, kubernetes: number): void {
    const differences = diffPolicies(before, after, { kubernetes });
    const changes = (request: Attributes) =>
        !recordsTheSame(evaluate(before, request, kubernetes), evaluate(after, request, kubernetes));
    for (const { example, requests, before: decisionBefore, after: decisionAfter } of differences) {
        assert.ok(changes(example));
        assert.ok(isInClass(example, requests));
        assert.deepEqual(decisionBefore, evaluate(before, example, kubernetes));
        assert.deepEqual(decisionAfter, evaluate(after, example, kubernetes));
    }
    for (const request of everyRequest) {
        const inside = differences.filter(({ requests }) => isInClass(request, requests));
        if (changes(request)) {
            assert.ok(inside.length > 0, JSON.stringify(request));
        } else {
            const entire = inside.filter((difference) => difference.entire);
            assert.deepEqual(entire, [], JSON.stringify(request));
        }
    }
}
