import type { PolicyCheck } from "./check";
import type { Finding } from "./finding";
import type { KubernetesMinor } from "./kubernetes";
import type { LoadedPolicy } from "./load";
import { locateAll, nearestOffset } from "./locate";
import type { Policy } from "./types";
import { explainViolation } from "./violation";

/** What the API server passes over without a word, or with a warning. */
const ignoredCodes = ["unknown-field", "duplicate-key", "several-documents", "null-item"];

/**
 * Refuses what the API server of a version refuses, in its words, and nothing else.
 *
 * @param strict - what strict mode says of the same policy
 * @param text - the policy's text without a byte order mark; absent when there is none
 */
export function checkFaithfully(
    loaded: LoadedPolicy,
    version: KubernetesMinor,
    strict: readonly Finding[],
    text: string | undefined,
): PolicyCheck {
    const { error, log, content } = loaded;
    const apiServer = { ...(error !== undefined && { error }), ...(log !== undefined && { log }) };
    if (error === undefined) {
        return { policy: content as Policy, findings: strict.map(asWarning), apiServer };
    }
    const ignored = strict.filter(({ code }) => ignoredCodes.includes(code)).map(asWarning);
    const findings = [...refusals(loaded, version, text), ...ignored].sort(byPlace);
    return { findings, apiServer };
}

function asWarning(finding: Finding): Finding {
    return { ...finding, severity: "warning" };
}

function byPlace(a: Finding, b: Finding): number {
    return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

function refusals(
    { refusal, violations, content, document }: LoadedPolicy,
    version: KubernetesMinor,
    text: string | undefined,
): Finding[] {
    if (refusal || !content || !document) {
        return locateAll(refusal ? [refusal] : [], text);
    }
    const remarks = violations.map((violation) => ({
        ...explainViolation(violation, content, version),
        offset: nearestOffset(violation.path, document.offsets),
    }));
    return locateAll(remarks, text);
}
