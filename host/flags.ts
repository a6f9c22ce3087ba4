import { createHash } from "node:crypto";
import { LOG_FIELDS, fieldValue } from "./logFields";
import { POLICY_DIRECTORY } from "./paths";
import type { AuditSettings } from "./settings";

/** What is asked of the log back end when nothing is said; written out always, as the API server's own defaults move. */
export const LOG_DEFAULTS = {
    path: "/var/log/kubernetes/audit/audit.log",
    maxAge: 30,
    maxBackup: 10,
    maxSize: 100,
} as const;

/**
 * Where a policy lives on a host: the name carries its content, so another policy is another flag, hence another pod.
 *
 * @param policy - the policy file's text
 */
export function policyPath(policy: string): string {
    const hash = createHash("sha256").update(policy, "utf8").digest("hex");
    return `${POLICY_DIRECTORY}/policy-${hash.slice(0, 12)}.yaml`;
}

/**
 * The API server's flags for some settings, as `--name=value`: the policy, then path, age, count and size, which are
 * always written out, then what else was given.
 *
 * @param settings - settings in which `logSettingsErrors` found nothing
 */
export function auditFlags(settings: AuditSettings): string[] {
    const log = { ...LOG_DEFAULTS, ...withoutUndefined(settings.log) };
    const given = LOG_FIELDS.map(({ key, flag }) => ({ flag, value: fieldValue(log, key) })).filter(
        ({ value }) => value !== undefined,
    );
    return [
        `--audit-policy-file=${settings.policyFile}`,
        ...given.map(({ flag, value }) => `${flag}=${String(value)}`),
    ];
}

/** Whether a flag, by its name, is one that the settings decide: every other value of it gives way to ours. */
export function isOwnedFlag(name: string): boolean {
    return name === "--audit-policy-file" || name.startsWith("--audit-log-");
}

function withoutUndefined<T extends object>(record: T): Partial<T> {
    return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Partial<T>;
}
