import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Answer, Question } from "./oracle";

/** A question and what the API server's code answered. */
export interface Recorded {
    question: Question;
    answer: Answer;
}

/** The minor versions with recorded answers. */
export const recordedMinors = [30, 34, 36];

/** Reads what was recorded for a minor version. */
export function readRecorded(minor: number): Recorded[] {
    const lines = readFileSync(fileFor(minor), "utf8").trimEnd().split("\n");
    return lines.map((line) => JSON.parse(line) as Recorded);
}

/** Replaces what was recorded for a minor version. */
export function writeRecorded(minor: number, recorded: readonly Recorded[]): void {
    writeFileSync(fileFor(minor), recorded.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
}

function fileFor(minor: number): string {
    return join(__dirname, "..", "fixtures", `upstream-1.${minor}.jsonl`);
}
