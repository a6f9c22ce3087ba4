import assert from "node:assert/strict";
import { suggest } from "../../policy/suggest";

describe("suggest", () => {
    const known = ["level", "users", "userGroups", "verbs", "resources", "namespaces", "nonResourceURLs", "omitStages"];
    const cases: [string, string | undefined][] = [
        ["verb", "verbs"],
        ["Verbs", "verbs"],
        ["vebrs", "verbs"],
        ["resource", "resources"],
        ["user-groups", "userGroups"],
        ["nonResourceUrls", "nonResourceURLs"],
        ["omit_stages", "omitStages"],
        ["namespace", "namespaces"],
        ["user", "users"],
        ["foo", undefined],
        ["constructor", undefined],
        ["", undefined],
    ];
    for (const [name, meant] of cases) {
        it(`takes ${JSON.stringify(name)} for ${meant ?? "nothing known"}`, () => {
            assert.equal(suggest(name, known), meant);
        });
    }
});
