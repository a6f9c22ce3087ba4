import assert from "node:assert/strict";
import { checkPolicy } from "../../../policy/check";
import { evaluate } from "../../../policy/evaluate";
import { parsePolicy } from "../../../policy/parse";
import type { Policy } from "../../../policy/types";
import { aggregateMessage, validatePolicy } from "../../../policy/validate";
import type { Answer, Question } from "./oracle";

/** How this package and the API server stand to each other over one policy text. */
export type Verdict =
    /** Both accept it and read the same from it. */
    | "accepted"
    /** Both refuse it, for the same reason and, but for syntax, in the same words. */
    | "refused"
    /** The API server warns of something that it ignores, which is an error here. */
    | "warned"
    /** Refused here only: a rarity that is not worth the risk. */
    | "stricter";

/** What is refused here though the API server takes it without a word. */
const stricterCodes = ["several-documents", "yaml-tag", "yaml-syntax", "encoding", "yaml-directive"];

/** What is told in the words of the reader of YAML or JSON, which is another here. */
const readerCodes = [...stricterCodes, "json-syntax", "key-type", "yaml-merge"];

/**
 * Compares the two, and all their decisions.
 *
 * @throws AssertionError where they disagree
 */
export function compare({ policy: text, requests }: Question, answer: Answer, minor: number): Verdict {
    const check = checkPolicy(text, { kubernetes: minor });
    const errors = check.findings.filter(({ severity }) => severity === "error");
    const codes = errors.map(({ code }) => code);
    if (answer.error !== undefined) {
        assert.equal(check.policy, undefined, `accepted here; upstream: ${answer.error}`);
        compareRefusal(text, answer.error, minor, errors);
        return "refused";
    }
    const ignored = codes.filter((code) => code === "unknown-field" || code === "duplicate-key");
    if (answer.warning !== undefined) {
        assert.ok(!check.policy, `accepted here; upstream warns: ${answer.warning}`);
        assert.ok(
            ignored.length > 0 || codes.some((code) => stricterCodes.includes(code)),
            `upstream: ${answer.warning}; here: ${codes.join()}`,
        );
        return "warned";
    }
    if (!check.policy) {
        const extra = codes.filter((code) => !stricterCodes.includes(code));
        assert.deepEqual(extra, [], "refused here only");
        return "stricter";
    }
    assert.deepEqual(essence(check.policy), essence(answer.policy!));
    const decisions = requests.map((request) => {
        const { level, omitStages, omitManagedFields } = evaluate(check.policy!, request, minor);
        return { level, omitStages: omitStages.sort(), omitManagedFields };
    });
    const expected = (answer.decisions ?? []).map((decision) => ({
        ...decision,
        omitStages: [...new Set(decision.omitStages)],
    }));
    assert.deepEqual(decisions, expected);
    return "accepted";
}

function compareRefusal(
    text: string,
    upstream: string,
    minor: number,
    errors: { code: string; message: string }[],
): void {
    const here = errors.map(({ message }) => message);
    const words = upstream.replace(/ in scheme ".*"$/, "");
    const inReadersWords = /^failed decoding: (yaml:|.nsupported map key|.*json parse error: (?!json:))/.test(upstream);
    const inAnyCase =
        upstream.includes("couldn't get version/kind") && errors.some(({ code }) => code === "unknown-field");
    if (inReadersWords || inAnyCase || errors.some(({ code }) => readerCodes.includes(code))) {
        return;
    }
    const { content } = parsePolicy(text);
    const violations = content ? validatePolicy(content, minor) : [];
    const expected = violations.length > 0 ? [aggregateMessage(violations)] : here;
    assert.ok(expected.includes(words), `upstream: ${upstream}; here: ${expected.join("; ")}`);
}

/** What of a policy has an effect. */
function essence({ rules, omitStages, omitManagedFields = false }: Policy): object {
    const text = JSON.stringify({ rules, omitStages, omitManagedFields }, (key, value: unknown) =>
        (Array.isArray(value) && value.length === 0) || (key === "group" && value === "") ? undefined : value,
    );
    return JSON.parse(text) as object;
}
