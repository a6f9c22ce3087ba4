import type { PolicyCheck } from "./check";
import type { Finding } from "./finding";
import type { KubernetesMinor } from "./kubernetes";
import { loadPolicy, type LoadedPolicy } from "./load";
import type { Policy } from "./types";
import { explainViolation } from "./violation";

/** What the API server passes over without a word, or with a warning. */
const ignoredCodes = ["unknown-field", "duplicate-key", "several-documents", "null-item"];

/**
 * Refuses what the API server of a version refuses, in its words, and nothing else.
 *
 * @param strict - what strict mode says of the same policy, for the places and the advice
 */
export function checkFaithfully(bytes: Uint8Array, version: KubernetesMinor, strict: PolicyCheck): PolicyCheck {
    const loaded = loadPolicy(bytes, version);
    const { error, log } = loaded;
    const apiServer = { ...(error !== undefined && { error }), ...(log !== undefined && { log }) };
    if (error === undefined) {
        return { policy: loaded.content as Policy, findings: strict.findings.map(asWarning), apiServer };
    }
    const ignored = strict.findings.filter(({ code }) => ignoredCodes.includes(code)).map(asWarning);
    const findings = [...refusals(loaded, error, version, strict.findings), ...ignored].sort(byPlace);
    return { findings, apiServer };
}

function asWarning(finding: Finding): Finding {
    return { ...finding, severity: "warning" };
}

function byPlace(a: Finding, b: Finding): number {
    return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

function refusals(
    { violations, content, code = "" }: LoadedPolicy,
    error: string,
    version: KubernetesMinor,
    strict: readonly Finding[],
): Finding[] {
    if (content && violations.length > 0) {
        return violations.map((violation) => {
            const finding: Finding = explainViolation(violation, content, version);
            const same = strict.find((other) => other.code === finding.code && other.path === finding.path);
            return { ...finding, ...placeOf(same) };
        });
    }
    const same =
        strict.find(({ message }) => message === error) ??
        strict.find((finding) => finding.code === code && finding.severity === "error");
    const line = /\byaml: line (\d+): /.exec(error)?.[1];
    const place = line === undefined ? placeOf(same) : { line: Number(line), column: 1 };
    return [{ path: "", ...same, code, severity: "error", message: error, ...place }];
}

function placeOf(finding: Finding | undefined): Pick<Finding, "line" | "column"> {
    return finding?.line === undefined || finding.column === undefined
        ? {}
        : { line: finding.line, column: finding.column };
}
