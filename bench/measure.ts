import { readFileSync } from "node:fs";
import { loadavg } from "node:os";

/** What one run took. */
export interface Sample {
    /** Wall time. */
    readonly seconds: number;
    /** Processor time on this machine, user and system, of the processes on this side. */
    readonly cpuSeconds: number;
}

/** The unit of /proc/PID/stat on every Linux. */
const TICKS_PER_SECOND = 100;

/** Processor seconds of all children of this process that have ended, and of theirs that they have waited for. */
function childrenCpuSeconds(): number {
    const stat = readFileSync("/proc/self/stat", "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
}

/** Carries out work whose processes are children of this one, and are waited for. */
export async function measured<T>(work: () => Promise<T>): Promise<Sample & { readonly result: T }> {
    const before = { seconds: performance.now() / 1000, cpuSeconds: childrenCpuSeconds() };
    const result = await work();
    return {
        result,
        seconds: performance.now() / 1000 - before.seconds,
        cpuSeconds: childrenCpuSeconds() - before.cpuSeconds,
    };
}

/** The middle one, or the mean of the two in the middle, of the wall times and of the processor times. */
export function medians(samples: readonly Sample[]): Sample {
    return {
        seconds: median(samples.map(({ seconds }) => seconds)),
        cpuSeconds: median(samples.map(({ cpuSeconds }) => cpuSeconds)),
    };
}

export function median(values: readonly number[]): number {
    const sorted = [...values].sort((a, b) => a - b);
    const middle = Math.floor(sorted.length / 2);
    return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** One figure against its bound: `a / (b + c): 1.13, at most 1.2: reached`. */
export function verdict(
    what: string,
    value: number,
    relation: "at most" | "at least",
    bound: number,
    unit = "",
): string {
    const reached = relation === "at most" ? value <= bound : value >= bound;
    return `${what}: ${value.toFixed(2)}${unit}, ${relation} ${bound}${unit}: ${reached ? "reached" : "not reached"}`;
}

/** Rows of equal width, the first column to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
    const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
    const cell = (text: string, column: number) =>
        column === 0 ? text.padEnd(widths[0]!) : text.padStart(widths[column]!);
    return rows.map((row) => row.map(cell).join("  ")).join("\n");
}

/** How busy this machine is with other things; a figure taken at more than its cores is worth little. */
export function load(): string {
    return loadavg()
        .map((value) => value.toFixed(1))
        .join(" ");
}
