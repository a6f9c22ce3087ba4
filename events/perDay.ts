import type { Bounds } from "./bounds";

/** What a number in a log makes in a day, were it to go on like that. */
export function perDay(bounds: Bounds, seconds: number): Bounds {
    return { min: (bounds.min * 86_400) / seconds, max: (bounds.max * 86_400) / seconds };
}
