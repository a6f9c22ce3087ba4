import { exactly, type Bounds } from "./bounds";
import type { LogRate } from "./logRate";
import { predictRetention, rotationFor, type Retention, type RotationSettings } from "./retention";
import type { KubernetesMinor } from "../policy/kubernetes";

/** How far back a recorded log will reach. */
export interface LogRetention extends Partial<Retention>, Pick<LogRate, "window" | "compressedShare"> {
    /** Absent, and with it all that follows from it, where the log is too short to tell a rate from. */
    readonly bytesPerSecond?: Bounds;
    /** What to set for the days that are wanted, and the disk that it takes, in bytes. */
    readonly wanted?: RotationSettings & { readonly disk: number };
}

/** What {@link retentionOfLog} is asked. */
export interface RetentionQuestion {
    readonly settings: RotationSettings;
    /** Whose API server. Default: the newest known. */
    readonly kubernetes?: KubernetesMinor | undefined;
    /** How far back the log shall reach. */
    readonly days?: number | undefined;
    /** What another policy would have written in the log's time. Default: the log's own bytes. */
    readonly bytes?: Bounds | undefined;
}

/** The least time that a rate is told from, in seconds. */
const shortest = 1;

/**
 * Says how far back a log will reach that goes on as it was recorded.
 *
 * Where there is no upper bound of what is written, the log may reach back for any shorter time; disk and settings are then
 * lower bounds, too.
 */
export function retentionOfLog(log: LogRate, question: RetentionQuestion): LogRetention {
    const { window, compressedShare } = log;
    if (window === undefined || window.seconds < shortest) {
        return { ...(window && { window }), compressedShare };
    }
    const { settings, days, kubernetes, bytes = exactly(log.bytes) } = question;
    const bytesPerSecond = { min: bytes.min / window.seconds, max: bytes.max / window.seconds };
    const predict = (rate: number, rotation: RotationSettings) =>
        predictRetention({ bytesPerSecond: rate, compressedShare }, rotation, kubernetes);
    const bounded = bytesPerSecond.max !== Infinity;
    const known = bounded ? bytesPerSecond.max : bytesPerSecond.min;
    const fast = predict(known, settings);
    const slow = predict(bytesPerSecond.min, settings);
    const wanted = days && rotationFor(days, { bytesPerSecond: known }, settings, kubernetes);
    return {
        window,
        bytesPerSecond,
        compressedShare,
        ...fast,
        reach: { min: bounded ? fast.reach.min : 0, max: slow.reach.max },
        ...(wanted && { wanted: { ...wanted, disk: predict(known, wanted).disk } }),
    };
}

/** Whether a log surely reaches back so many days. */
export function reachesBack({ reach }: LogRetention, days: number): boolean {
    return reach !== undefined && reach.min >= days * 86_400;
}
