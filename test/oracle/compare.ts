import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { checkPolicy } from "../../policy/check";
import { compilePolicy } from "../../policy/compile";
import { evaluate, type Attributes, type Decision } from "../../policy/evaluate";
import { replaceStrayBytes } from "../../policy/goBytes";
import { loadPolicy } from "../../policy/load";
import { resolveRequest, type RawRequest } from "../../policy/requestInfo";
import type { Policy } from "../../policy/types";
import type { Answer, Question } from "./program";

/** What was compared over one question. */
export interface Comparison {
    /** Whether both accept the text. */
    accepted: boolean;
    /** Whether both log the same about what they ignore. */
    logged: boolean;
    /** Whether an error is told in words that cannot be compared; why is beside {@link comparable}. */
    otherWords: boolean;
    /** How many decisions were the same. */
    decisions: number;
    /** How many raw requests were resolved to the same. */
    resolved: number;
}

/**
 * Compares faithful mode, evaluation and the request resolver with the API server's own code.
 *
 * @param strictToo - whether to see as well that what strict mode accepts means the same to the API server
 * @throws AssertionError where they differ
 */
export function compare(question: Question, answer: Answer, minor: number, strictToo: boolean): Comparison {
    const loaded = loadPolicy(question.text, minor);
    const otherWords = compareErrors(loaded.error, answer.error);
    if (!otherWords) {
        assert.equal(loaded.log ?? "", answer.log ?? "", "log");
    }
    const policy = loaded.error === undefined ? (loaded.content as Policy) : undefined;
    if (policy) {
        assert.deepEqual(essence(policy), essence(answer.policy!), "policy");
    }
    if (strictToo) {
        compareStrict(question, answer, minor);
    }
    const resolved = compareResolved(question, answer);
    return {
        accepted: policy !== undefined,
        logged: (answer.log ?? "") !== "",
        otherWords,
        decisions: policy ? compareDecisions(policy, resolved, answer.decisions ?? [], minor) : 0,
        resolved: answer.resolved?.length ?? 0,
    };
}

/** @returns whether the words could not be compared */
function compareErrors(here: string | undefined, there: string | undefined): boolean {
    assert.equal(
        here === undefined,
        there === undefined,
        `here: ${here ?? "accepted"}\nupstream: ${there ?? "accepted"}`,
    );
    if (here === undefined || there === undefined) {
        return false;
    }
    if (!comparable(here, there)) {
        return true;
    }
    assert.equal(here, there.replace(/ in scheme ".*"$/, ""), "error");
    return false;
}

/** Whether both accept, or both refuse in the same words where these can be compared. */
export function errorsAgree(here: string | undefined, there: string | undefined): boolean {
    try {
        compareErrors(here, there);
        return true;
    } catch {
        return false;
    }
}

/** Refusals in words that are not the same every time upstream, or not told here. */
function comparable(here: string, there: string): boolean {
    const randomOrder = /failed decoding: ([Uu]nsupported map key|yaml: invalid map key|json: unsupported value)/;
    const partOfTime = /^failed decoding: parsing time /;
    const beforeTheKindIsRefused =
        /^(unknown group version field|failed decoding: converting \((v1|audit)\.|failed decoding: no kind .* is registered for the internal version)/;
    return !(
        (randomOrder.test(here) && randomOrder.test(there)) ||
        (partOfTime.test(here) && partOfTime.test(there)) ||
        (beforeTheKindIsRefused.test(here) && /^failed decoding: (json: cannot unmarshal|parsing time)/.test(there))
    );
}

/** What of a policy has an effect. */
function essence({ rules, omitStages, omitManagedFields = false }: Policy): object {
    const text = JSON.stringify({ rules, omitStages, omitManagedFields }, (key, value: unknown) =>
        (Array.isArray(value) && value.length === 0) || (key === "group" && value === "") ? undefined : value,
    );
    return JSON.parse(text) as object;
}

/** What strict mode accepts, the API server accepts without a word, and reads as it is read here. */
function compareStrict({ text }: Question, answer: Answer, minor: number): void {
    const { policy } = checkPolicy(text, { kubernetes: minor });
    if (policy) {
        assert.deepEqual({ error: answer.error, log: answer.log }, { error: undefined, log: undefined }, "strict");
        assert.deepEqual(essence(policy), essence(answer.policy!), "strict policy");
    }
}

/** @returns the requests that reach the policy */
function compareResolved({ requests }: Question, { resolved = [] }: Answer): Attributes[] {
    let next = 0;
    return requests.flatMap((request) => {
        if (!("url" in request)) {
            return [request];
        }
        const there = resolved[next++]!;
        const here = tryResolve(request);
        const words = `${request.method} ${request.url}`;
        if (here instanceof Error || there.error !== undefined) {
            assert.equal(here instanceof Error, there.error !== undefined, words);
            return [];
        }
        const { user, groups, ...attributes } = here;
        const texts = Object.entries(attributes).map(([name, value]) => [name, asJson(value)]);
        assert.deepEqual({ user, groups }, { user: request.user, groups: request.groups }, words);
        assert.deepEqual(Object.fromEntries(texts), there, words);
        return [here];
    });
}

/** A value as it comes out of Go, by way of JSON. */
function asJson(value: unknown): unknown {
    return typeof value === "string" ? replaceStrayBytes(value) : value;
}

function tryResolve(request: RawRequest): Attributes | Error {
    try {
        return resolveRequest(request);
    } catch (error) {
        return error as Error;
    }
}

function compareDecisions(
    policy: Policy,
    requests: readonly Attributes[],
    expected: readonly Omit<Decision, "rule">[],
    minor: number,
): number {
    const decide = compilePolicy(policy, minor);
    assert.equal(requests.length, expected.length, "number of decisions");
    requests.forEach((request, i) => {
        const decision = evaluate(policy, request, minor);
        const { level, omitStages, omitManagedFields } = decision;
        const there = { ...expected[i]!, omitStages: [...new Set(expected[i]!.omitStages)] };
        const here = { level, omitStages: [...omitStages].sort(), omitManagedFields };
        if (!isDeepStrictEqual(here, there) || !isDeepStrictEqual({ ...decide(request) }, decision)) {
            assert.deepEqual(here, there, JSON.stringify(request));
            assert.deepEqual(decide(request), decision, `compiled: ${JSON.stringify(request)}`);
        }
    });
    return requests.length;
}
