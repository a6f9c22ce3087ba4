import { checkFaithfully } from "./faithful";
import { error, type Finding, type Remark } from "./finding";
import { apiVersion } from "./header";
import { anyGroupSince, newestMinor, oldestMinor, type KubernetesMinor } from "./kubernetes";
import { loadPolicy, noRules, type LoadedPolicy, type PolicyDocument } from "./load";
import { locateAll, nearestOffset } from "./locate";
import type { Policy } from "./types";
import { validatePolicy, type UnvalidatedPolicy, type Violation } from "./validate";
import { explainViolation } from "./violation";

/** What there is to say about a policy. */
export interface PolicyCheck {
    /** The policy as the API server would have it; absent when one of the findings is an error. */
    policy?: Policy;
    /** In the order of the text. */
    findings: Finding[];
    /** In faithful mode alone: what the API server itself says. */
    apiServer?: ApiServerWords;
}

/** What the API server says when it loads a policy. */
export interface ApiServerWords {
    /** Why it does not start, without the file's name; absent when it starts. */
    error?: string;
    /** What it logs about things that it ignores; absent when it says nothing, as before 1.26. */
    log?: string;
}

/** What {@link checkPolicy} can be told. */
export interface CheckOptions {
    /**
     * `strict`, the default, also refuses what the API server would silently ignore, and rarities that YAML readers
     * disagree on. `faithful` refuses exactly what the API server refuses; the rest are warnings.
     */
    mode?: "strict" | "faithful" | undefined;
    /**
     * The API server's minor version. Default: in faithful mode the newest known; in strict mode the policy has to be
     * valid for at least one supported version, and a warning says where versions differ.
     */
    kubernetes?: KubernetesMinor | undefined;
}

/** A check, with the document that it read. */
export interface Inspection extends PolicyCheck {
    /** Without a byte order mark; absent when the policy was no text, or none in UTF-8. */
    text?: string;
    /** Absent when the text could not be read. */
    document?: PolicyDocument;
}

/**
 * Says everything that the API server has against a policy, and what it would silently ignore: unknown and misspelt
 * fields, duplicate keys, further documents.
 *
 * @param source - the file's text or bytes, YAML or JSON; or a policy, in which `apiVersion` and `kind` may be left out
 */
export function checkPolicy(source: string | Uint8Array | Policy, options: CheckOptions = {}): PolicyCheck {
    const { policy, findings, apiServer } = inspectPolicy(source, options);
    return { ...(policy && { policy }), findings, ...(apiServer && { apiServer }) };
}

/** Checks a policy as {@link checkPolicy} does, and keeps what was read for those who have more to say about it. */
export function inspectPolicy(source: string | Uint8Array | Policy, options: CheckOptions = {}): Inspection {
    const { mode = "strict", kubernetes } = options;
    const version = kubernetes ?? newestMinor;
    const { bytes, text, problem } = textOf(source);
    const loaded = loadPolicy(bytes, version);
    const remarks = problem ? [problem] : strictRemarks(loaded, mode === "strict" ? kubernetes : version);
    const findings = locateAll(remarks, text);
    const check = mode === "strict" ? conclude(loaded, findings) : checkFaithfully(loaded, version, findings, text);
    return { ...check, ...(text !== undefined && { text }), ...(loaded.document && { document: loaded.document }) };
}

interface Source {
    bytes: Uint8Array;
    /** As an editor shows it; absent when there is none. */
    text?: string;
    /** What keeps it from being text. */
    problem?: Remark;
}

function textOf(source: string | Uint8Array | Policy): Source {
    if (typeof source === "string") {
        const text = source.replace(/^\ufeff/, "");
        const half = /[\u{d800}-\u{dfff}]/u.exec(text);
        const problem = half && error("encoding", "", "the text contains half a character", { offset: half.index });
        return { bytes: Buffer.from(source), text, ...(problem && { problem }) };
    }
    if (source instanceof Uint8Array) {
        try {
            return { bytes: source, text: new TextDecoder("utf-8", { fatal: true }).decode(source) };
        } catch {
            const problem = error("encoding", "", "the file is not UTF-8 text", { fix: "Save it as UTF-8." });
            return { bytes: source, problem };
        }
    }
    return { bytes: Buffer.from(JSON.stringify({ ...source, apiVersion: source.apiVersion ?? apiVersion })) };
}

function strictRemarks(
    { content, remarks, document }: LoadedPolicy,
    kubernetes: KubernetesMinor | undefined,
): Remark[] {
    return content && document ? [...remarks, ...checkContent(content, document, kubernetes)] : remarks;
}

function conclude({ content }: LoadedPolicy, findings: Finding[]): PolicyCheck {
    const refused = !content || findings.some(({ severity }) => severity === "error");
    return refused ? { findings } : { policy: content as Policy, findings };
}

function checkContent(
    policy: UnvalidatedPolicy,
    { offsets }: PolicyDocument,
    kubernetes: KubernetesMinor | undefined,
): Remark[] {
    const violations = kubernetes === undefined ? violationsPerEra(policy) : validatePolicy(policy, kubernetes);
    const remarks = violations.map((violation) => explainViolation(violation, policy, kubernetes));
    if (policy.rules.length === 0) {
        remarks.push(noRules);
    }
    return remarks.map((remark) => ({ ...remark, offset: nearestOffset(remark.path, offsets) }));
}

/** The violations of all supported versions; those that only some of them see say which. */
function violationsPerEra(policy: UnvalidatedPolicy): (Violation & Pick<Finding, "kubernetes">)[] {
    const newest = validatePolicy(policy, newestMinor);
    const oldOnly = validatePolicy(policy, anyGroupSince - 1).filter(
        ({ code, path }) => !newest.some((violation) => violation.code === code && violation.path === path),
    );
    return [...newest, ...oldOnly.map((old) => ({ ...old, kubernetes: { from: oldestMinor, to: anyGroupSince - 1 } }))];
}
