import type { LogSettings } from "./settings";

/** What a setting of the log back end can be. */
export type FieldKind = "path" | "whole number" | "number" | "true or false" | "duration" | "format" | "mode";

/** One setting of the log back end and the flag that carries it. */
export interface LogField {
    /** Where it is in {@link LogSettings}, such as `batch.maxSize`. */
    readonly key: string;
    readonly flag: string;
    readonly kind: FieldKind;
}

/** Every setting of the log back end, in the order in which the flags are written. */
export const LOG_FIELDS: readonly LogField[] = [
    { key: "path", flag: "--audit-log-path", kind: "path" },
    { key: "maxAge", flag: "--audit-log-maxage", kind: "whole number" },
    { key: "maxBackup", flag: "--audit-log-maxbackup", kind: "whole number" },
    { key: "maxSize", flag: "--audit-log-maxsize", kind: "whole number" },
    { key: "format", flag: "--audit-log-format", kind: "format" },
    { key: "compress", flag: "--audit-log-compress", kind: "true or false" },
    { key: "mode", flag: "--audit-log-mode", kind: "mode" },
    { key: "batch.bufferSize", flag: "--audit-log-batch-buffer-size", kind: "whole number" },
    { key: "batch.maxSize", flag: "--audit-log-batch-max-size", kind: "whole number" },
    { key: "batch.maxWait", flag: "--audit-log-batch-max-wait", kind: "duration" },
    { key: "batch.throttleEnable", flag: "--audit-log-batch-throttle-enable", kind: "true or false" },
    { key: "batch.throttleQps", flag: "--audit-log-batch-throttle-qps", kind: "number" },
    { key: "batch.throttleBurst", flag: "--audit-log-batch-throttle-burst", kind: "whole number" },
    { key: "truncate.enabled", flag: "--audit-log-truncate-enabled", kind: "true or false" },
    { key: "truncate.maxBatchSize", flag: "--audit-log-truncate-max-batch-size", kind: "whole number" },
    { key: "truncate.maxEventSize", flag: "--audit-log-truncate-max-event-size", kind: "whole number" },
];

/**
 * Looks up a setting by its key; undefined where it, or the group that it is in, was not given.
 *
 * The settings may come from a file or from another language: a value can be of any type.
 */
export function fieldValue(log: LogSettings, key: string): unknown {
    return key
        .split(".")
        .reduce<unknown>((group, name) => (isRecord(group) ? (group[name] ?? undefined) : undefined), log);
}

function isRecord(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null;
}
