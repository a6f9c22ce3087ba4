import assert from "node:assert/strict";
import { Ajv } from "ajv";
import fc from "fast-check";
import { checkPolicy } from "../../policy/check";
import { policySchema } from "../../policy/schema";
import { policyType, type GoType } from "../../policy/policyType";
import { generatePolicy } from "../oracle/policies";
import { Random } from "../oracle/random";

const accepts = new Ajv({ allErrors: true, strictTypes: false }).compile(policySchema());

const RULE = { level: "Metadata" };
const policy = (fields: object) => ({ apiVersion: "audit.k8s.io/v1", kind: "Policy", rules: [RULE], ...fields });
const withRule = (fields: object) => policy({ rules: [{ ...RULE, ...fields }] });

describe("policySchema", () => {
    const refused: [string, object][] = [
        ["no version", { kind: "Policy", rules: [RULE] }],
        ["another version", policy({ apiVersion: "audit.k8s.io/v1beta1" })],
        ["another kind", policy({ kind: "Event" })],
        ["no rules", policy({ rules: [] })],
        ["an unknown field", policy({ omitStage: [] })],
        ["a rule without a level", policy({ rules: [{}] })],
        ["an unknown level", withRule({ level: "metadata" })],
        ["an unknown stage", withRule({ omitStages: ["Received"] })],
        ["a misspelt field of a rule", withRule({ verb: ["get"] })],
        ["a text for a list", withRule({ users: "tim" })],
        ["a truth value for a text", withRule({ verbs: [true] })],
        ["a misspelt field of resources", withRule({ resources: [{ resource: ["pods"] }] })],
        ["a group with a version", withRule({ resources: [{ group: "apps/v1" }] })],
        ["names without resources", withRule({ resources: [{ resourceNames: ["a"] }] })],
        ["a path without a slash", withRule({ nonResourceURLs: ["healthz"] })],
        ["a star in the middle", withRule({ nonResourceURLs: ["/a*b"] })],
        ["paths and namespaces", withRule({ nonResourceURLs: ["/a"], namespaces: [""] })],
        ["paths and resources", withRule({ nonResourceURLs: ["/a"], resources: [{}] })],
        ["metadata of another type", policy({ metadata: { name: 1 } })],
    ];
    for (const [what, content] of refused) {
        it(`refuses ${what}, as checkPolicy does`, () => {
            assert.deepEqual([accepts(content), checkPolicy(JSON.stringify(content)).policy], [false, undefined]);
        });
    }

    it("agrees with checkPolicy on generated policies, valid and nearly valid", () => {
        fc.assert(
            fc.property(
                fc.integer().map((seed) => generatePolicy(new Random(seed), { odd: 3 })),
                (generated) => {
                    const content = { apiVersion: "audit.k8s.io/v1", kind: "Policy", ...generated };
                    const { policy: accepted, findings } = checkPolicy(JSON.stringify(content));
                    assert.equal(
                        accepts(content),
                        accepted !== undefined,
                        JSON.stringify({ findings, errors: accepts.errors }),
                    );
                },
            ),
            { numRuns: 300 },
        );
    });

    it("has every field, in the order in which fields are written, and no other", () => {
        const fields = (type: GoType): unknown => {
            const object = type.kind === "slice" ? type.of : type;
            return object.kind === "struct"
                ? Object.entries(object.fields).map(([name, field]) => [name, fields(field)])
                : [];
        };
        interface Schema {
            items?: Schema;
            properties?: Record<string, Schema>;
        }
        const properties = ({ items, properties: own }: Schema): unknown =>
            own
                ? Object.entries(own).map(([name, field]) => [name, properties(field)])
                : items
                  ? properties(items)
                  : [];
        assert.deepEqual(properties(policySchema() as Schema), fields(policyType));
    });
});
