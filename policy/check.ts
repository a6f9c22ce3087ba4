import { checkFaithfully } from "./faithful";
import { error, type Finding, type Remark } from "./finding";
import { apiVersion, kind } from "./header";
import { anyGroupSince, newestMinor, oldestMinor, type KubernetesMinor } from "./kubernetes";
import { locateAll, nearestOffset } from "./locate";
import { loadPolicy } from "./load";
import { parsePolicy, parsePolicyObject, withoutByteOrderMark, type ParsedPolicy } from "./parse";
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

/**
 * Says everything that the API server has against a policy, and what it would silently ignore: unknown and misspelt
 * fields, duplicate keys, further documents.
 *
 * @param source - the file's text or bytes, YAML or JSON; or a policy, in which `apiVersion` and `kind` may be left out
 */
export function checkPolicy(source: string | Uint8Array | Policy, options: CheckOptions = {}): PolicyCheck {
    if (options.mode === "faithful") {
        const version = options.kubernetes ?? newestMinor;
        return checkFaithfully(bytesOf(source), version, checkStrictly(source, { kubernetes: version }));
    }
    return checkStrictly(source, options);
}

function bytesOf(source: string | Uint8Array | Policy): Uint8Array {
    if (source instanceof Uint8Array) {
        return source;
    }
    return Buffer.from(typeof source === "string" ? source : JSON.stringify({ apiVersion, kind, ...source }));
}

function checkStrictly(source: string | Uint8Array | Policy, options: CheckOptions): PolicyCheck {
    if (source instanceof Uint8Array) {
        const text = decodeUtf8(source);
        return text === undefined ? notText() : checkStrictly(text, options);
    }
    if (typeof source === "string") {
        const check = conclude(parsePolicy(source), options, withoutByteOrderMark(source));
        return check.policy ? withoutUnreadable(check, source, options) : check;
    }
    return conclude(parsePolicyObject(source), options);
}

/** What the API server cannot read is refused, even if the reader here has nothing against it. */
function withoutUnreadable(check: PolicyCheck, text: string, { kubernetes = newestMinor }: CheckOptions): PolicyCheck {
    const { content, code = "unreadable", error: message } = loadPolicy(Buffer.from(text), kubernetes);
    return content || message === undefined ? check : { findings: [error(code, "", message), ...check.findings] };
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
    try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
        return undefined;
    }
}

function notText(): PolicyCheck {
    return { findings: [error("encoding", "", "the file is not UTF-8 text", { fix: "Save it as UTF-8." })] };
}

function conclude({ content, remarks, offsets }: ParsedPolicy, options: CheckOptions, text?: string): PolicyCheck {
    const ofContent = content ? checkContent(content, offsets, options.kubernetes) : [];
    const findings = locateAll([...remarks, ...ofContent], text);
    const refused = !content || findings.some(({ severity }) => severity === "error");
    return refused ? { findings } : { policy: content as Policy, findings };
}

function checkContent(
    policy: UnvalidatedPolicy,
    offsets: ReadonlyMap<string, number>,
    kubernetes: KubernetesMinor | undefined,
): Remark[] {
    const violations = kubernetes === undefined ? violationsPerEra(policy) : validatePolicy(policy, kubernetes);
    const remarks = violations.map((violation) => explainViolation(violation, policy, kubernetes));
    if (policy.rules.length === 0) {
        remarks.push(
            error("no-rules", "rules", "loaded illegal policy with 0 rules", {
                fix: "Add a rule; - level: Metadata alone records all requests without their bodies.",
            }),
        );
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
