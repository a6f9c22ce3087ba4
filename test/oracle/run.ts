import { AssertionError } from "node:assert/strict";
import { compare } from "./compare";
import { generateAttributes, generatePolicy, generateRawRequest, groupNamesFor } from "./policies";
import { Oracle, type Question } from "./program";
import { Random } from "./random";
import { writeBadly, writePolicy } from "./texts";

/** What to ask. */
export interface RunOptions {
    minors: readonly number[];
    /** How many policy texts, over all minor versions. */
    policies: number;
    /** How many decisions at least. */
    pairs: number;
    seed: number;
    /** Called now and then. */
    onProgress?: (figures: Figures) => void;
}

/** What was compared, and what was not the same. */
export interface Figures {
    policies: number;
    accepted: number;
    refused: number;
    /** How many were accepted or refused after something that is logged. */
    logged: number;
    /** How many were refused in words that are not compared. */
    otherWords: number;
    pairs: number;
    resolved: number;
    differences: number;
    /** The first differences, with what shows them. */
    firstDifferences: string[];
}

const batchSize = 500;
const mostShown = 10;
const longestShown = 2000;
const mostRequests = 200;
const strictEvery = 8;

/** Asks the API server's own code, and compares. The same seed asks the same. */
export async function run({ minors, policies, pairs, seed, onProgress }: RunOptions): Promise<Figures> {
    const figures: Figures = {
        policies: 0,
        accepted: 0,
        refused: 0,
        logged: 0,
        otherWords: 0,
        pairs: 0,
        resolved: 0,
        differences: 0,
        firstDifferences: [],
    };
    const oracles = await Promise.all(minors.map((minor) => Oracle.start(minor)));
    for (let batch = 0; figures.policies < policies || figures.pairs < pairs; batch++) {
        const which = batch % minors.length;
        const minor = minors[which]!;
        const random = new Random(seed * 1_000_003 + batch);
        const missing = Math.max(0, pairs - figures.pairs) / Math.max(batchSize, policies - figures.policies);
        const requestsEach = Math.min(mostRequests, Math.ceil(missing * 2.5));
        const questions = Array.from({ length: batchSize }, (_, i) => generate(random, i, minor, requestsEach));
        const answers = await oracles[which]!.ask(questions);
        questions.forEach((question, i) => {
            try {
                const comparison = compare(question, answers[i]!, minor, i % strictEvery === 0);
                figures.accepted += comparison.accepted ? 1 : 0;
                figures.refused += comparison.accepted ? 0 : 1;
                figures.logged += comparison.logged ? 1 : 0;
                figures.otherWords += comparison.otherWords ? 1 : 0;
                figures.pairs += comparison.decisions;
                figures.resolved += comparison.resolved;
            } catch (error) {
                figures.differences++;
                if (figures.firstDifferences.length < mostShown) {
                    figures.firstDifferences.push(describe(error, question, minor));
                }
            }
        });
        figures.policies += batchSize;
        onProgress?.(figures);
    }
    await Promise.all(oracles.map((oracle) => oracle.stop()));
    return figures;
}

/** Two of five policies are valid and meet requests; the others are wrong in their content, or in their text. */
function generate(random: Random, number: number, minor: number, requestsEach: number): Question {
    switch (number % 5) {
        case 0: {
            const policy = generatePolicy(random, { odd: 15 });
            return { text: Buffer.from(writePolicy(random, policy)), requests: [] };
        }
        case 1:
        case 2:
            return { text: writeBadly(random), requests: [] };
        default: {
            const policy = generatePolicy(random, { odd: 0, groupNames: groupNamesFor(minor) });
            const requests = Array.from({ length: requestsEach }, () =>
                random.percent(40) ? generateRawRequest(random, policy) : generateAttributes(random, policy),
            );
            return { text: Buffer.from(writePolicy(random, policy)), requests };
        }
    }
}

function describe(error: unknown, { text }: Question, minor: number): string {
    if (!(error instanceof AssertionError)) {
        throw error;
    }
    const shown = JSON.stringify(Buffer.from(text).toString("utf8")).slice(0, longestShown);
    return `Kubernetes 1.${minor}: ${error.message}\n${shown}\n`;
}
