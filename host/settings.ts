/**
 * What the user asks of one API server, in the component's own vocabulary: the words of the upstream flags in
 * camelCase. Shared by the component and by `kube-audit manifest patch --settings`.
 */

/** The log back end's event format, `--audit-log-format`. */
export type LogFormat = "json" | "legacy";

/** How the log back end sends events, `--audit-log-mode`. */
export type LogMode = "batch" | "blocking" | "blocking-strict";

/** Buffering of the log back end; only looked at by the API server in `batch` mode. */
export interface LogBatchSettings {
    /** `--audit-log-batch-buffer-size`, events; the API server's default is 10000. */
    bufferSize?: number;
    /** `--audit-log-batch-max-size`, events; the API server's default is 1. */
    maxSize?: number;
    /** `--audit-log-batch-max-wait`, a Go duration such as `5s`; the API server's default is 0s. */
    maxWait?: string;
    /** `--audit-log-batch-throttle-enable`; the API server's default is false. */
    throttleEnable?: boolean;
    /** `--audit-log-batch-throttle-qps`, batches a second; required to be positive when throttling. */
    throttleQps?: number;
    /** `--audit-log-batch-throttle-burst`, batches; required to be positive when throttling. */
    throttleBurst?: number;
}

/** Truncation of large events. */
export interface LogTruncateSettings {
    /** `--audit-log-truncate-enabled`; the API server's default is false. */
    enabled?: boolean;
    /** `--audit-log-truncate-max-batch-size`, bytes; the API server's default is 10485760. */
    maxBatchSize?: number;
    /** `--audit-log-truncate-max-event-size`, bytes; the API server's default is 102400. */
    maxEventSize?: number;
}

/** The log back end. */
export interface LogSettings {
    /** `--audit-log-path`, absolute, or `-` for standard output; default `/var/log/kubernetes/audit/audit.log`. */
    path?: string;
    /** `--audit-log-maxage`, days; default 30; 0 keeps rotated files whatever their age. */
    maxAge?: number;
    /** `--audit-log-maxbackup`, files; default 10; 0 keeps any number of rotated files. */
    maxBackup?: number;
    /** `--audit-log-maxsize`, MiB at which the file is rotated; default 100; must be positive. */
    maxSize?: number;
    /** `--audit-log-format`; the API server's default is `json`. */
    format?: LogFormat;
    /** `--audit-log-compress`, gzip the rotated files; the API server's default is false. */
    compress?: boolean;
    /** `--audit-log-mode`; the API server's default is `blocking`. */
    mode?: LogMode;
    /** `--audit-log-batch-*`. */
    batch?: LogBatchSettings;
    /** `--audit-log-truncate-*`. */
    truncate?: LogTruncateSettings;
}

/** Everything that decides what a manifest looks like, apart from the policy's own text. */
export interface AuditSettings {
    /** The policy file's absolute path on the host. */
    policyFile: string;
    log: LogSettings;
}
