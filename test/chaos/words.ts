import type { Kind } from "./plan";
import { faultWords } from "./plan";
import type { Result } from "./round";

/** A round in one line. */
export function inWords({ round, happened, disturbed, events, healthyAfter, seconds, broken }: Result): string {
    const faults = happened.map(({ fault, words }) => `${faultWords(fault)} (${words ?? "too late"})`);
    const outcome = disturbed === undefined ? "did not end" : disturbed.ok ? "succeeded" : "failed";
    return (
        `Round ${round.number}: ${round.change.words}; ${faults.join("; ")}: the update ${outcome}; healthy after ` +
        `${healthyAfter.toFixed(1)} s; ${events.expected} events, ${events.dropped.length} dropped, ` +
        `${events.lost.length} lost; ${seconds.toFixed(0)} s${broken.length > 0 ? "; BROKEN" : ""}`
    );
}

/**
 * All rounds of a run in a few lines.
 *
 * @param left - what was not as before the first round when audit logging had been turned off again
 */
export function summary(kind: Kind, seed: number, results: readonly Result[], left: readonly string[]): string {
    const total = (count: (result: Result) => number) => results.reduce((sum, result) => sum + count(result), 0);
    const victims = new Map<string, number>();
    for (const { fault, words } of results.flatMap(({ happened }) => happened)) {
        if (words !== undefined) {
            victims.set(fault.victim, (victims.get(fault.victim) ?? 0) + 1);
        }
    }
    const broken = results.filter((result) => result.broken.length > 0).map(({ round }) => round.number);
    return [
        `${results.length} rounds on ${kind}, seed ${seed}: ${[...victims].map((entry) => entry.join(" ")).join(", ")}`,
        `Updates that failed at first: ${total(({ disturbed }) => (disturbed?.ok === true ? 0 : 1))}`,
        `Slowest to be healthy: ${Math.max(...results.map(({ healthyAfter }) => healthyAfter)).toFixed(1)} s`,
        `Events: ${total(({ events }) => events.expected)} expected, ` +
            `${total(({ events }) => events.dropped.length)} dropped with a batch, ${total(({ events }) => events.lost.length)} lost`,
        `Broken rounds: ${broken.join(", ") || "none"}`,
        ...(left.length > 0 ? ["In the end not as it was:", ...left] : ["In the end everything is as it was."]),
    ].join("\n");
}
