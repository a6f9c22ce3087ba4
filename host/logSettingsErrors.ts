import { posix } from "node:path";
import type { KubernetesMinor } from "../policy/kubernetes";
import { LOG_DEFAULTS } from "./flags";
import { LOG_FIELDS, fieldValue, type FieldKind } from "./logFields";
import { POLICY_DIRECTORY } from "./paths";
import type { LogSettings } from "./settings";

const FORMATS: readonly unknown[] = ["json", "legacy"];
const MODES: readonly unknown[] = ["batch", "blocking", "blocking-strict"];

/** What the API server takes when a size or a rate is not given. */
const UPSTREAM = { maxBatchSize: 10485760, maxEventSize: 102400 } as const;

/** The largest value that a Go int holds on every platform. */
const MAX_INT = 2147483647;

/** More days than this, in nanoseconds, overflow the API server's arithmetic, and it would delete every rotated file. */
const MAX_AGE_DAYS = 106751;

/** Since this minor version a size of 0 switches rotation off; before, it was 100 MiB. */
const ZERO_SIZE_NEVER_ROTATES_SINCE = 36;

/** Directories that others use too; the log's directory gets a mode and an owner of its own. */
const SYSTEM_DIRECTORIES = [
    ...[
        "/",
        "/bin",
        "/boot",
        "/etc",
        "/home",
        "/lib",
        "/lib64",
        "/opt",
        "/root",
        "/run",
        "/sbin",
        "/srv",
        "/tmp",
        "/usr",
    ],
    ...["/var", "/var/lib", "/var/log", "/var/tmp", "/etc/kubernetes"],
];
const RESERVED_TREES = [
    ...["/dev", "/proc", "/sys", "/etc/kubernetes/manifests", "/etc/kubernetes/pki", POLICY_DIRECTORY],
    ...["/var/lib/etcd", "/var/lib/kubelet", "/var/log/containers", "/var/log/pods"],
];

/**
 * Says what is wrong with the settings of the log back end: what the API server's own check of its flags would refuse,
 * and what could not be written or mounted safely. A value may be of any type, as it can come from a file.
 *
 * @param kubernetes - the API server's minor version, 34 for 1.34; without it the texts speak of all versions
 * @returns one message each, saying what was found, where and what to do; none when all is well
 */
export function logSettingsErrors(log: LogSettings, kubernetes?: KubernetesMinor): string[] {
    const malformed = LOG_FIELDS.flatMap(({ key, kind }) => {
        const value = fieldValue(log, key);
        const expected = value === undefined ? undefined : shapeError(kind, value);
        return expected === undefined ? [] : [`log.${key} is ${show(value)}; ${expected}.`];
    });
    const groups = (["batch", "truncate"] as const).flatMap((group) =>
        isGroup(log[group]) ? [] : [`log.${group} is ${show(log[group])}; give a mapping of settings.`],
    );
    if (malformed.length + groups.length > 0) {
        return [...malformed, ...groups];
    }
    return [...pathErrors(log), ...rotationErrors(log, kubernetes), ...batchErrors(log), ...truncateErrors(log)];
}

/** What to give instead of a value that is not of its kind; undefined where it is. */
function shapeError(kind: FieldKind, value: unknown): string | undefined {
    switch (kind) {
        case "path":
            return typeof value === "string" ? undefined : "give an absolute path, or - for standard output";
        case "whole number":
            return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_INT
                ? undefined
                : `give a whole number from 0 to ${MAX_INT}`;
        case "number":
            return Number.isFinite(value) && (value as number) >= 0 ? undefined : "give a number, 0 or more";
        case "true or false":
            return typeof value === "boolean" ? undefined : "give true or false";
        case "duration":
            return typeof value === "string" && /^(0|(\d+(\.\d*)?(ns|us|ms|s|m|h))+)$/.test(value)
                ? undefined
                : "give a duration such as 500ms, 5s or 1m30s";
        case "format":
            return FORMATS.includes(value) ? undefined : `give one of ${FORMATS.join(", ")}`;
        case "mode":
            return MODES.includes(value) ? undefined : `give one of ${MODES.join(", ")}`;
    }
}

function pathErrors({ path = LOG_DEFAULTS.path }: LogSettings): string[] {
    if (path === "-") {
        return [];
    }
    const found = `log.path is ${show(path)}`;
    if (!path.startsWith("/")) {
        return [`${found}, which is not absolute; give an absolute path, or - for standard output.`];
    }
    const odd = /[^A-Za-z0-9._/@%+=:,~-]/u.exec(path)?.[0];
    if (odd !== undefined) {
        return [`${found}, which has the character ${show(odd)}; use letters, digits and . _ - / @ % + = : , ~ only.`];
    }
    if (posix.normalize(path) !== path || path.endsWith("/")) {
        const plain = posix.normalize(path).replace(/\/$/, "");
        return [`${found}, which is not the shortest way to write a file's path; write ${plain || "a file's path"}.`];
    }
    const directory = posix.dirname(path);
    if (path.startsWith("/dev/std")) {
        return [`${found}, which cannot be rotated; give - for standard output, or a file.`];
    }
    const reserved = RESERVED_TREES.find((tree) => `${directory}/`.startsWith(`${tree}/`));
    if (reserved !== undefined || SYSTEM_DIRECTORIES.includes(directory)) {
        return [
            `${found}, but ${reserved ?? directory} cannot be mounted as a log directory; give the log a directory of its own, such as ${posix.dirname(LOG_DEFAULTS.path)}.`,
        ];
    }
    return [];
}

function rotationErrors({ maxAge, maxSize }: LogSettings, kubernetes: KubernetesMinor | undefined): string[] {
    const errors: string[] = [];
    if (maxAge !== undefined && maxAge > MAX_AGE_DAYS) {
        errors.push(
            `log.maxAge is ${maxAge}, more days than the API server can count; give at most ${MAX_AGE_DAYS}, or 0 to keep rotated files whatever their age.`,
        );
    }
    if (maxSize === 0) {
        errors.push(`log.maxSize is 0, which means ${zeroSize(kubernetes)}; give the number of MiB.`);
    }
    return errors;
}

function zeroSize(kubernetes: KubernetesMinor | undefined): string {
    if (kubernetes === undefined) {
        return `100 MiB before Kubernetes 1.${ZERO_SIZE_NEVER_ROTATES_SINCE} and no rotation from then on`;
    }
    const meaning = kubernetes < ZERO_SIZE_NEVER_ROTATES_SINCE ? "100 MiB" : "no rotation";
    return `${meaning} to Kubernetes 1.${kubernetes} and something else to other versions`;
}

/** The API server looks at these in batch mode only. */
function batchErrors({ mode, batch }: LogSettings): string[] {
    if (mode !== "batch" || !batch) {
        return [];
    }
    const errors: string[] = [];
    for (const key of ["bufferSize", "maxSize"] as const) {
        if (batch[key] === 0) {
            errors.push(`log.batch.${key} is 0, but batch mode needs room for at least one event; give 1 or more.`);
        }
    }
    for (const key of ["throttleQps", "throttleBurst"] as const) {
        if (batch.throttleEnable && !batch[key]) {
            const found = batch[key] === undefined ? "not given" : "0";
            errors.push(
                `log.batch.${key} is ${found}, but log.batch.throttleEnable is true; give a positive number, or do not throttle.`,
            );
        }
    }
    return errors;
}

/** The API server checks these even where truncation is off. */
function truncateErrors({ truncate }: LogSettings): string[] {
    if (!truncate) {
        return [];
    }
    const { maxBatchSize = UPSTREAM.maxBatchSize, maxEventSize = UPSTREAM.maxEventSize } = truncate;
    if (maxEventSize === 0) {
        return ["log.truncate.maxEventSize is 0, but an event needs room; give a positive number of bytes."];
    }
    if (maxBatchSize < maxEventSize) {
        const batchOrigin = truncate.maxBatchSize === undefined ? " (not given)" : "";
        const eventOrigin = truncate.maxEventSize === undefined ? " (not given)" : "";
        return [
            `log.truncate.maxBatchSize is ${maxBatchSize}${batchOrigin}, less than the ${maxEventSize} of log.truncate.maxEventSize${eventOrigin}; a batch must hold at least one event, so raise the first or lower the second.`,
        ];
    }
    return [];
}

function isGroup(value: unknown): boolean {
    return value === undefined || value === null || (typeof value === "object" && !Array.isArray(value));
}

function show(value: unknown): string {
    return typeof value === "number" ? String(value) : JSON.stringify(value);
}
