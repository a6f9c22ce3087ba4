const MICRO_TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{6})Z$/;

/**
 * The microseconds since 1970 of an event's timestamp, in RFC 3339 with any number of digits; those beyond the sixth are cut
 * off.
 *
 * @returns NaN where the text is no time
 */
export function microseconds(timestamp: string): number {
    const [, seconds, micros] = MICRO_TIME.exec(timestamp) ?? [];
    if (seconds !== undefined) {
        return Date.parse(`${seconds}Z`) * 1000 + Number(micros);
    }
    const [, fraction = ""] = /\.(\d+)/.exec(timestamp) ?? [];
    return Math.floor(Date.parse(timestamp.replace(/\.\d+/, "")) * 1000) + Number(fraction.padEnd(6, "0").slice(0, 6));
}
