import fc from "fast-check";
import { validatePolicy } from "../../policy/validate";
import { assertDifferencesExact, assertUnreachableRulesFound } from "../policy/classes/exhaustive";
import { smallPolicies } from "../policy/classes/generate";

/** How many policies, and pairs of them, are tried with all requests; LAWS_POLICIES asks for another number. */
const numRuns = Number(process.env["LAWS_POLICIES"] ?? 100);

/** Fixed, so that a run can be repeated; LAWS_SEED asks something else. */
const seed = Number(process.env["LAWS_SEED"] ?? 20251121);

const minors = fc.constantFrom(30, 34, 36);

describe(`Over all requests that ${numRuns} small policies tell apart`, function () {
    this.timeout(60_000 + numRuns * 10_000);

    it("the linter calls exactly those rules unreachable that no request reaches", () => {
        const cases = fc.tuple(smallPolicies, minors).filter(([policy, minor]) => isValid(policy, minor));
        fc.assert(
            fc.property(cases, ([policy, minor]) => {
                assertUnreachableRulesFound(policy, minor);
            }),
            { numRuns, seed },
        );
    });

    it("a comparison names a class for each request that changes, and in each class one that does", () => {
        fc.assert(fc.property(smallPolicies, smallPolicies, minors, assertDifferencesExact), { numRuns, seed });
    });
});

function isValid(...[policy, minor]: Parameters<typeof validatePolicy>): boolean {
    return validatePolicy(policy, minor).length === 0;
}
