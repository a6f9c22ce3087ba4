import { error, positionAt, type Finding, type Remark } from "./finding";
import { anyGroupSince, newestMinor, oldestMinor, type KubernetesMinor } from "./kubernetes";
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
}

/** What {@link checkPolicy} can be told. */
export interface CheckOptions {
    /**
     * The API server's minor version. Default: the policy has to be valid for at least one supported version, and a
     * warning says where versions differ.
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
    if (source instanceof Uint8Array) {
        const text = decodeUtf8(source);
        return text === undefined ? notText() : checkPolicy(text, options);
    }
    if (typeof source === "string") {
        return conclude(parsePolicy(source), options, withoutByteOrderMark(source));
    }
    return conclude(parsePolicyObject(source), options);
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
    const findings = inOrder([...remarks, ...ofContent]).map((remark) => locate(remark, text));
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

/** Where a field is, or else the nearest thing around it that is there. */
function nearestOffset(path: string, offsets: ReadonlyMap<string, number>): number | undefined {
    for (let at = path; at !== ""; at = at.replace(/(\.[^.[]*|\[\d+\]|^[^.[]*)$/, "")) {
        const offset = offsets.get(at);
        if (offset !== undefined) {
            return offset;
        }
    }
    return offsets.get("");
}

function inOrder(remarks: readonly Remark[]): Remark[] {
    return [...remarks].sort((a, b) => (a.offset ?? 0) - (b.offset ?? 0));
}

function locate({ offset, code, severity, path, ...words }: Remark, text: string | undefined): Finding {
    const place = text === undefined || offset === undefined ? {} : positionAt(text, offset);
    return { code, severity, path, ...place, ...words };
}
