import type { Bounds } from "./bounds";

const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** A size in the largest unit that leaves at least 1: `1.2 GiB`, `no limit`. */
export function formatBytes(bytes: number): string {
    if (bytes === Infinity) {
        return "no limit";
    }
    const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
    return `${significant(bytes / 1024 ** power)} ${units[power]}`;
}

/** A number of things: `12,345`, `0.5`. */
export function formatCount(count: number): string {
    return count >= 100 ? Math.round(count).toLocaleString("en-US") : significant(count);
}

/** A number with what is counted: `1 request`, `2 requests`. */
export function countOf(count: number, noun: string): string {
    return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

const steps: readonly (readonly [seconds: number, name: string])[] = [
    [86_400, "d"],
    [3600, "h"],
    [60, "min"],
];

/** A span of time in the largest unit that leaves at least 1: `5.5 h`, `12 d`, `for ever`. */
export function formatSeconds(seconds: number): string {
    if (seconds === Infinity) {
        return "for ever";
    }
    const [length, name] = steps.find(([step]) => seconds >= step) ?? [1, "s"];
    return `${significant(seconds / length)} ${name}`;
}

/** Bounds, by what each of them is written as: `3 h`, `3 h to 4 h`, `at least 3 h`. */
export function formatBounds({ min, max }: Bounds, format: (value: number) => string): string {
    const [low, high] = [format(min), format(max)];
    if (min === max || low === high) {
        return low;
    }
    if (min === 0) {
        return `up to ${high}`;
    }
    return max === Infinity ? `at least ${low}` : `${low} to ${high}`;
}

/** With three digits, and without zeros that say nothing. */
function significant(value: number): string {
    return String(Number(value.toPrecision(value >= 100 ? Math.ceil(Math.log10(value + 1)) : 3)));
}
