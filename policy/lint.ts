import { inspectPolicy, type Inspection } from "./check";
import type { Finding } from "./finding";
import type { KubernetesMinor } from "./kubernetes";
import { contextOf } from "./lint/context";
import { lintAll } from "./lint/rules";
import { silence } from "./lint/silence";
import { locateAll, nearestOffset } from "./locate";
import type { Policy } from "./types";

/** What {@link lintPolicy} can be told. */
export interface LintOptions {
    /** The API server's minor version. Default: a resource is known if any supported version serves it. */
    kubernetes?: KubernetesMinor | undefined;
    /** Whether bodies of config maps count as credentials. Default false. */
    configMaps?: boolean | undefined;
    /** Whether findings that a comment silences are left out. Default true. */
    silence?: boolean | undefined;
}

/**
 * Says what is probably not meant in a valid policy, by the codes of `lintRules`. All findings are warnings.
 *
 * A comment on the line before a rule, a field or an item, or at the end of its line, silences findings about it:
 * `# kube-audit: ignore unreachable-rule -- kept for the auditors`.
 *
 * @param source - the file's text, YAML or JSON, or a policy
 * @returns in the order of the text; empty for a policy that `checkPolicy` refuses
 */
export function lintPolicy(source: string | Policy, options: LintOptions = {}): Finding[] {
    return lintInspected(inspectPolicy(source, { kubernetes: options.kubernetes }), options);
}

/** Lints a policy, as {@link lintPolicy} does, that was read and checked already. */
export function lintInspected({ policy, document, text }: Inspection, options: LintOptions = {}): Finding[] {
    const { kubernetes, configMaps = false } = options;
    if (!policy || !document) {
        return [];
    }
    const found = lintAll(contextOf(policy, kubernetes, configMaps));
    const remarks = found.map((remark) => ({ ...remark, offset: nearestOffset(remark.path, document.offsets) }));
    const silenced = text !== undefined && options.silence !== false;
    return locateAll(silenced ? silence(remarks, text, document) : remarks, text);
}
