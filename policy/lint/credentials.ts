import { warning, type Remark } from "../finding";
import { levels, type Level } from "../types";
import { decidingRules, type Deciding, type LintContext, type Probe } from "./context";
import { enumerate } from "./words";

interface Credential {
    what: string;
    /** The requests whose own body, and those whose response, has it. */
    request?: Probe;
    response?: Probe;
}

const credentials: readonly Credential[] = [
    { what: "secrets", request: "secretsRequest", response: "secretsResponse" },
    { what: "serviceaccounts/token", response: "tokensResponse" },
    { what: "tokenreviews.authentication.k8s.io", request: "tokenReviewsRequest", response: "tokenReviewsRequest" },
];

const sensitive: readonly Credential[] = [
    {
        what: "certificatesigningrequests.certificates.k8s.io",
        request: "signingRequest",
        response: "signingResponse",
    },
];

const configMaps: readonly Credential[] = [
    { what: "configmaps", request: "configMapsRequest", response: "configMapsResponse" },
];

/** Rules that record the bodies of requests about credentials; what earlier rules decide is taken into account. */
export function lintCredentials(context: LintContext): Remark[] {
    return [
        ...lintBodies(context, "credential-body", [...credentials, ...(context.configMaps ? configMaps : [])], {
            reason: "Who can read the audit log can read the credentials in it.",
        }),
        ...lintBodies(context, "sensitive-body", sensitive, {
            reason: "The bodies say who gets which identity; benchmarks want them left out.",
        }),
    ];
}

function lintBodies(
    context: LintContext,
    code: string,
    kinds: readonly Credential[],
    { reason }: { reason: string },
): Remark[] {
    const found = new Map<number, { what: string[]; example: Deciding["example"] }>();
    for (const { what, request, response } of kinds) {
        for (const { index, example } of [
            ...recording(context, request, "Request"),
            ...recording(context, response, "RequestResponse"),
        ]) {
            const known = found.get(index) ?? { what: [], example };
            found.set(index, { ...known, what: [...new Set([...known.what, what])] });
        }
    }
    return [...found].map(([index, { what, example }]) =>
        warning(code, `rules[${index}].level`, `rules[${index}] records bodies of ${enumerate(what)}`, {
            reason,
            fix: `Put a rule before it with level: Metadata for ${enumerate(what)}.`,
            example,
        }),
    );
}

/** The rules of at least a level that decide some of a probe's requests. */
function recording(context: LintContext, probe: Probe | undefined, least: Level): Deciding[] {
    const isEnough = ({ index }: Deciding) =>
        levels.indexOf(context.policy.rules[index]!.level) >= levels.indexOf(least);
    return probe === undefined ? [] : decidingRules(context, probe).filter(isEnough);
}
