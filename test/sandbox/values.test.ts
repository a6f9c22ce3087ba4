import assert from "node:assert/strict";
import fc from "fast-check";
import { changes, reveal, secret, UNKNOWN, type Value, type ValueMap } from "../../sandbox/command-provider/values";

const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Value>;
const maps = fc.dictionary(fc.string(), json) as fc.Arbitrary<ValueMap>;

describe("property values", () => {
    const table: [string, ValueMap, ValueMap, Record<string, string>][] = [
        ["nothing", { stdin: "a" }, { stdin: "a" }, {}],
        ["a text", { stdin: "a" }, { stdin: "b" }, { stdin: "update" }],
        ["a new property", {}, { update: "b" }, { update: "add" }],
        ["a property that is gone", { update: "b" }, {}, { update: "delete" }],
        ["null is nothing", { update: null }, {}, {}],
        ["an element", { triggers: ["a", "b"] }, { triggers: ["a", "c"] }, { "triggers[1]": "update" }],
        ["one more element", { triggers: ["a"] }, { triggers: ["a", "b"] }, { "triggers[1]": "add" }],
        ["a whole list", {}, { triggers: ["a"] }, { triggers: "add" }],
        ["inside an object", { environment: { A: "1" } }, { environment: { A: "2" } }, { "environment.A": "update" }],
        ["another order of keys", { c: { a: 1, b: 2 } }, { c: { b: 2, a: 1 } }, {}],
        ["inside a secret", { c: secret({ a: 1 }) }, { c: secret({ a: 2 }) }, { c: "update" }],
        ["the same secret", { c: secret({ a: 1, b: 2 }) }, { c: secret({ b: 2, a: 1 }) }, {}],
        ["secret or not", { stdin: "a" }, { stdin: secret("a") }, { stdin: "update" }],
        ["not known yet", { stdin: "a" }, { stdin: UNKNOWN }, { stdin: "update" }],
    ];
    for (const [what, olds, news, expected] of table) {
        it(`finds what differs: ${what}`, () => {
            assert.deepEqual(Object.fromEntries(changes(olds, news)), expected);
        });
    }

    it("finds no difference between a map and itself", () => {
        fc.assert(fc.property(maps, (map) => changes(map, structuredClone(map)).size === 0));
    });

    it("reveals what was made secret, at any depth", () => {
        fc.assert(
            fc.property(json, (value) => {
                assert.deepEqual(reveal([{ deep: secret({ inner: secret(value) }) }]), [{ deep: { inner: value } }]);
            }),
        );
    });
});
