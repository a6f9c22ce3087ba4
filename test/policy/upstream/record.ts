/**
 * Records what the API server's own code answers, for the tests to compare with where there is no Go:
 *
 *     npx tsx test/policy/upstream/record.ts
 *
 * 1.34 is asked everything; the other versions what they answer differently, and a few requests. The questions are always the same.
 */
import fc from "fast-check";
import { recordedMinors, writeRecorded, type Recorded } from "./fixtures";
import { evaluationQuestions, textQuestions, validationQuestions } from "./generate";
import { askUpstream, type Question } from "./oracle";

const seed = 20340;
const main = 34;
const mostDifferences = 60;

function sample(questions: fc.Arbitrary<Question>, numRuns: number): Question[] {
    return fc.sample(questions, { numRuns, seed });
}

function ask(questions: readonly Question[], minor: number): Recorded[] {
    const answers = askUpstream(questions, minor);
    return questions.map((question, i) => ({ question, answer: answers[i]! }));
}

writeRecorded(
    main,
    ask(
        [
            ...sample(evaluationQuestions(10, main), 100),
            ...sample(validationQuestions(), 120),
            ...sample(textQuestions(), 260),
        ],
        main,
    ),
);

const asked = sample(validationQuestions(), 3000);
const usual = ask(asked, main);
for (const minor of recordedMinors.filter((other) => other !== main)) {
    const differing = ask(asked, minor).filter(({ answer }, i) => answer.error !== usual[i]!.answer.error);
    const evaluations = ask(sample(evaluationQuestions(10, minor), 20), minor);
    writeRecorded(minor, [...differing.slice(0, mostDifferences), ...evaluations]);
}
