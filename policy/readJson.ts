import { isDeepStrictEqual } from "node:util";
import { error } from "./finding";
import { composeYaml, type Reading } from "./readYaml";
import { dataOf, valueOf } from "./value";

/**
 * Whether the API server reads a text as JSON: when its first character that is not white space is a brace. After a byte
 * order mark it does not.
 */
export function looksLikeJson(text: string): boolean {
    return /^(?!\ufeff)[\s\x85]*\{/.test(text);
}

/** Reads a JSON text. YAML's reader, which JSON is nearly a part of, is asked again for the places. */
export function readJson(text: string): Reading {
    let data: unknown;
    try {
        data = JSON.parse(text);
    } catch (problem) {
        const message = problem instanceof Error ? problem.message : String(problem);
        const offset = /at position (\d+)/.exec(message)?.[1];
        return {
            remarks: [
                error("json-syntax", "", `not valid JSON: ${message.replace(/ (in JSON )?at position .*/, "")}`, {
                    offset: offset === undefined ? text.trimEnd().length : Number(offset),
                    reason: "The API server reads a file that begins with { as JSON.",
                }),
            ],
        };
    }
    const { value, remarks } = composeYaml(text);
    const trustworthy = value && isDeepStrictEqual(dataOf(value), data);
    return trustworthy
        ? { value, remarks: remarks.filter(({ code }) => code === "duplicate-key") }
        : withoutPlaces(data);
}

function withoutPlaces(data: unknown): Reading {
    try {
        return { value: valueOf(data), remarks: [] };
    } catch (problem) {
        if (problem instanceof RangeError) {
            return { remarks: [error("json-syntax", "", "not usable JSON: it is nested too deeply")] };
        }
        throw problem;
    }
}
