/**
 * Compares with the API server's own code at length:
 *
 *     npx tsx test/policy/upstream/compare.ts [COUNT] [MINOR]… [--seed N]
 *
 * asks about COUNT policies of each kind (default 2000) for each minor version (default all). Needs Go.
 */
import { AssertionError } from "node:assert/strict";
import { parseArgs } from "node:util";
import fc from "fast-check";
import { compare } from "./agreement";
import { evaluationQuestions, textQuestions, validationQuestions } from "./generate";
import { askUpstream, releases } from "./oracle";

const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seed: { type: "string", default: "1" } },
});
const [count = 2000, ...minors] = positionals.map(Number);
for (const minor of minors.length > 0 ? minors : Object.keys(releases).map(Number)) {
    const kinds = {
        evaluation: evaluationQuestions(20, minor),
        validation: validationQuestions(),
        text: textQuestions(),
    };
    for (const [kind, questions] of Object.entries(kinds)) {
        const sample = fc.sample(questions, { numRuns: count, seed: Number(values.seed) });
        const answers = askUpstream(sample, minor);
        const tally: Record<string, number> = {};
        sample.forEach((question, i) => {
            const verdict = outcome(() => compare(question, answers[i]!, minor), question.policy, answers[i]);
            tally[verdict] = (tally[verdict] ?? 0) + 1;
        });
        console.log(`1.${minor} ${kind}: ${JSON.stringify(tally)}`);
    }
}

function outcome(comparison: () => string, policy: string, answer: unknown): string {
    try {
        return comparison();
    } catch (error) {
        if (!(error instanceof AssertionError)) {
            throw error;
        }
        process.exitCode = 1;
        console.error(`DISAGREEMENT: ${error.message}\n${JSON.stringify(answer)}\n${policy}\n`);
        return "disagreement";
    }
}
