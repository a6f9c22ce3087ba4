import type { RotationSettings } from "../../events/retention";

const mebibyte = 1024 * 1024;
const day = 86_400;

/** A log file, by the time of its first event and of its rotation, in seconds. */
interface LogFile {
    first: number;
    rotated: number;
    size: number;
}

/** What github.com/natefinch/lumberjack v2.2.1 keeps of a log, at any time. */
export class RotatedLog {
    private backups: LogFile[] = [];
    private current: LogFile | undefined;

    constructor(private readonly settings: RotationSettings) {}

    /** Writes one event. */
    write(bytes: number, now: number): void {
        if (this.current && this.current.size + bytes > this.settings.maxSize * mebibyte) {
            this.backups.unshift({ ...this.current, rotated: now });
            this.current = undefined;
            this.clean(now);
        }
        this.current ??= { first: now, rotated: Infinity, size: 0 };
        this.current.size += bytes;
    }

    /** What a rotation and a start of the API server do. */
    clean(now: number): void {
        const { maxBackup, maxAge } = this.settings;
        this.backups = this.backups
            .slice(0, maxBackup === 0 ? undefined : maxBackup)
            .filter(({ rotated }) => maxAge === 0 || rotated >= now - maxAge * day);
    }

    /** When the oldest event was written that is still there, in seconds. */
    oldest(): number {
        return (this.backups.at(-1) ?? this.current)!.first;
    }

    /** What all files take, in bytes. */
    size(): number {
        return [...this.backups, this.current!].reduce((sum, { size }) => sum + size, 0);
    }

    get count(): number {
        return this.backups.length;
    }
}
