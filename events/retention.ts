import { newestMinor, type KubernetesMinor } from "../policy/kubernetes";
import type { Bounds } from "./bounds";

/** How an API server rotates its log: `--audit-log-maxsize` and its siblings. */
export interface RotationSettings {
    /** The size at which a file is rotated, in MiB. 0: 100 up to Kubernetes 1.35, never from 1.36 on. */
    readonly maxSize: number;
    /** How many rotated files are kept. 0: all. */
    readonly maxBackup: number;
    /** How many days after its rotation a file is kept. 0: for ever. */
    readonly maxAge: number;
    /** Whether rotated files are compressed. */
    readonly compress: boolean;
}

/** How much one API server writes. */
export interface WriteRate {
    /** Before any compression. */
    readonly bytesPerSecond: number;
    /** A compressed file's size as a share of the uncompressed one's, such as 0.06. Needed where files are compressed. */
    readonly compressedShare?: number | undefined;
}

/** How far back a log reaches, and what it takes. JSON writes what has no end as `null`. */
export interface Retention {
    /** How long it takes to fill one file, in seconds. */
    readonly secondsPerFile: number;
    /** How many rotated files are kept at that rate. */
    readonly backups: number;
    /** Which limit makes the oldest events go: the number of files, their age, or none. */
    readonly limit: "maxBackup" | "maxAge" | "none";
    /** The age of the oldest event, in seconds: just after a file was removed, and just before. */
    readonly reach: Bounds;
    /** The most that all files together take, in bytes. */
    readonly disk: number;
}

/** From this minor version on, a maxsize of 0 means no rotation, and no longer the default of the library that rotates. */
export const zeroNeverRotatesSince: KubernetesMinor = 36;

const mebibyte = 1024 * 1024;
const day = 86_400;

/**
 * Says how far back a log reaches that grows at an even rate, once it has been written for so long.
 *
 * Files are removed only when one is rotated or the API server starts, and a file's age counts from its rotation: so the
 * log reaches back further than `maxAge`, by up to two files.
 *
 * Source: github.com/natefinch/lumberjack v2.2.1, which the API server rotates its log with.
 *
 * @param version - whose API server; default: the newest known
 */
export function predictRetention(
    { bytesPerSecond, compressedShare = 1 }: WriteRate,
    settings: RotationSettings,
    version: KubernetesMinor = newestMinor,
): Retention {
    const fileSize = bytesPerFile(settings.maxSize, version);
    const secondsPerFile = bytesPerSecond === 0 ? Infinity : fileSize / bytesPerSecond;
    if (secondsPerFile === Infinity) {
        const disk = bytesPerSecond === 0 ? fileSize : Infinity;
        return { secondsPerFile, backups: 0, limit: "none", reach: { min: Infinity, max: Infinity }, disk };
    }
    const maxAge = settings.maxAge === 0 ? Infinity : settings.maxAge * day;
    const byNumber = settings.maxBackup === 0 ? Infinity : settings.maxBackup;
    // One was rotated just now; of the others, those that were rotated at most so long ago.
    const byAge = Math.floor(maxAge / secondsPerFile) + 1;
    const backups = Math.min(byNumber, byAge);
    const share = settings.compress ? compressedShare : 1;
    return {
        secondsPerFile,
        backups,
        limit: backups === Infinity ? "none" : byNumber <= byAge ? "maxBackup" : "maxAge",
        // A restart removes what is too old without waiting for the next rotation.
        reach: { min: Math.min(backups * secondsPerFile, maxAge), max: (backups + 1) * secondsPerFile },
        // While a file is compressed, it is there in both forms.
        disk: fileSize * (1 + share * backups + (settings.compress ? share : 0)),
    };
}

/**
 * The settings with which the log reaches back for so many days at least, with files of the given size.
 *
 * @param days - more than 0
 * @returns the fewest files that suffice, and an age that does not cut them off
 */
export function rotationFor(
    days: number,
    { bytesPerSecond }: WriteRate,
    { maxSize, compress }: Pick<RotationSettings, "maxSize" | "compress">,
    version: KubernetesMinor = newestMinor,
): RotationSettings {
    const size = Number.isFinite(bytesPerFile(maxSize, version)) ? maxSize : 100;
    const files = (days * day * bytesPerSecond) / bytesPerFile(size, version);
    return { maxSize: size, maxBackup: Math.max(1, Math.ceil(files)), maxAge: Math.ceil(days), compress };
}

function bytesPerFile(maxSize: number, version: KubernetesMinor): number {
    if (maxSize !== 0) {
        return maxSize * mebibyte;
    }
    return version >= zeroNeverRotatesSince ? Infinity : 100 * mebibyte;
}
