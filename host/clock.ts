/** A host's clock in comparison with others. */

/** Seconds by which clocks may differ unmentioned: far more than any that are kept in time, and than a slow login. */
const TOLERATED_SECONDS = 5;

/**
 * By how much a clock is ahead, at the least: what the whole seconds it gives, and the time that asking took, leave open
 * counts in its favour.
 *
 * @param clock - what it said, in whole seconds since 1970
 * @param began - when it began to be asked, by this machine's clock
 * @param ended - when it had answered
 * @returns seconds; negative where it is behind
 */
export function clockOffset(clock: number, began: number, ended: number): number {
    return clock > ended ? clock - ended : Math.min(0, clock + 1 - began);
}

/** One host's clock. */
export interface HostClock {
    readonly host: string;
    /** Seconds ahead of this machine. */
    readonly offset: number;
}

/** Says which clocks are wrong; nothing where all go alike. */
export function clockWarnings(clocks: readonly HostClock[]): string[] {
    const [slowest, fastest] = [...clocks]
        .sort((a, b) => a.offset - b.offset)
        .filter((_, i, { length }) => i === 0 || i === length - 1);
    if (slowest === undefined) {
        return [];
    }
    const difference = (fastest?.offset ?? slowest.offset) - slowest.offset;
    if (fastest !== undefined && difference > TOLERATED_SECONDS) {
        return [
            `the clock of ${fastest.host} is ${Math.floor(difference)} s ahead of that of ${slowest.host}, so their audit ` +
                "events cannot be put in order. See on both whether their time is synchronised (timedatectl).",
        ];
    }
    const offset = slowest.offset > TOLERATED_SECONDS ? slowest.offset : Math.min(0, fastest?.offset ?? slowest.offset);
    if (Math.abs(offset) <= TOLERATED_SECONDS) {
        return [];
    }
    const whose = clocks.length === 1 ? `the clock of ${slowest.host} is` : "the clocks of the hosts are";
    return [
        `${whose} ${Math.floor(Math.abs(offset))} s ${offset > 0 ? "ahead of" : "behind"} this machine's, so audit events ` +
            "bear times at which they did not happen. See on both sides whether the time is synchronised (timedatectl).",
    ];
}
