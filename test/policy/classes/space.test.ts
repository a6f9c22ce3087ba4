import assert from "node:assert/strict";
import fc from "fast-check";
import { onlyRule, rulesBetween } from "../../../policy/classes/dimension";
import { RequestSpace } from "../../../policy/classes/space";
import { evaluate } from "../../../policy/evaluate";
import { everyRequest, smallPolicies } from "./generate";

describe("RequestSpace", () => {
    it("finds a request for each rule that any request reaches, and for no other", () => {
        fc.assert(
            fc.property(smallPolicies, fc.constantFrom(34, 36), (policy, minor) => {
                const reached = new Set(everyRequest.map((request) => evaluate(policy, request, minor).rule));
                const space = new RequestSpace(policy.rules, minor);
                policy.rules.forEach((_, index) => {
                    const found = space.find({ wanted: onlyRule(index), unwanted: rulesBetween(0, index) });
                    assert.equal(found !== undefined, reached.has(index), `rules[${index}]`);
                    if (found) {
                        assert.equal(evaluate(policy, space.exampleOf(found), minor).rule, index);
                    }
                });
            }),
            { numRuns: 30 },
        );
    });
});
