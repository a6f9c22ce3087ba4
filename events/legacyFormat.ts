/**
 * Whether a line is of `--audit-log-format=legacy`, which has neither levels nor bodies nor the object's name, and so is
 * recognised but not read.
 *
 * Source: k8s.io/apiserver, `pkg/audit/format.go`.
 */
export function isLegacyLine(text: string): boolean {
    return /^\S+ AUDIT: id="/.test(text);
}
