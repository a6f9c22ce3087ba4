import assert from "node:assert/strict";
import { compare } from "./upstream/agreement";
import { readRecorded, recordedMinors } from "./upstream/fixtures";

describe("the API server's own code", () => {
    for (const minor of recordedMinors) {
        it(`says the same of every recorded policy in Kubernetes 1.${minor}`, () => {
            const verdicts = readRecorded(minor).map(({ question, answer }) => compare(question, answer, minor));
            assert.ok(verdicts.length >= 50, "hardly anything is recorded");
        });
    }

    it("was asked about policies of every kind, and about enough requests", () => {
        const recorded = readRecorded(34);
        const verdicts = recorded.map(({ question, answer }) => compare(question, answer, 34));
        for (const verdict of ["accepted", "refused", "warned", "stricter"]) {
            assert.ok(verdicts.filter((other) => other === verdict).length >= 5, verdict);
        }
        assert.ok(recorded.flatMap(({ answer }) => answer.decisions ?? []).length >= 900);
    });
});
