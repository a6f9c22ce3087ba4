import assert from "node:assert/strict";
import fc from "fast-check";
import { compilePolicy } from "../../policy/compile";
import { evaluate } from "../../policy/evaluate";
import { newestMinor } from "../../policy/kubernetes";
import type { Policy } from "../../policy/types";
import { generateAttributes, generatePolicy, groupNamesFor } from "../oracle/policies";
import { Random } from "../oracle/random";

describe("compilePolicy", () => {
    for (const minor of [35, newestMinor]) {
        it(`says the same as evaluate of every request, in Kubernetes 1.${minor}`, () => {
            fc.assert(
                fc.property(fc.integer(), (seed) => {
                    const random = new Random(seed);
                    const odd = random.pick([0, 0, 30]);
                    const part = () => generatePolicy(random, { odd, groupNames: groupNamesFor(newestMinor) });
                    // Few rules and many are prepared in different ways.
                    const parts = Array.from({ length: random.pick([1, 6, 20]) }, part);
                    const policy = { ...parts[0], rules: parts.flatMap(({ rules }) => rules) };
                    const decide = compilePolicy(policy, minor);
                    for (let i = 0; i < 40; i++) {
                        const attributes = generateAttributes(random, policy);
                        assert.deepEqual(decide(attributes), evaluate(policy, attributes, minor));
                    }
                }),
                { numRuns: 500 },
            );
        });
    }

    it("finds the last of many rules", () => {
        const rules = Array.from({ length: 100 }, (_, i) => ({ level: "Metadata" as const, users: [`user-${i}`] }));
        const decide = compilePolicy({ rules });
        const indices = rules.map((_, i) => decide({ user: `user-${i}`, verb: "get", isResource: false }).rule);
        assert.deepEqual(
            indices,
            rules.map((_, i) => i),
        );
    });

    it("gives a policy without rules the decision of the policy itself", () => {
        const policy: Policy = { rules: [], omitStages: ["Panic", "Panic"], omitManagedFields: true };
        const decision = { level: "None", rule: undefined, omitStages: ["Panic"], omitManagedFields: true };
        assert.deepEqual(compilePolicy(policy)({ verb: "get", isResource: false }), decision);
    });

    it("shares its decisions, frozen", () => {
        const decide = compilePolicy({ rules: [{ level: "Metadata" }] });
        const decision = decide({ verb: "get", isResource: false });
        assert.equal(decision, decide({ verb: "list", isResource: true }));
        assert.ok(Object.isFrozen(decision) && Object.isFrozen(decision.omitStages));
    });
});
