import { goJson, goQuote, goStrings } from "./goText";
import { anyGroupSince, jsonValuesSince, newestMinor, type KubernetesMinor } from "./kubernetes";
import { levels, stages, type GroupResources } from "./types";

/** A policy as it was read: of the right shape, with any text where the API server knows only some. */
export interface UnvalidatedPolicy {
    rules: readonly UnvalidatedRule[];
    omitStages?: readonly string[];
}

/** One rule of an {@link UnvalidatedPolicy}. */
export interface UnvalidatedRule {
    level?: string;
    resources?: readonly GroupResources[];
    namespaces?: readonly string[];
    nonResourceURLs?: readonly string[];
    omitStages?: readonly string[];
}

/** Which of the validator's rules a policy breaks. */
export type ViolationCode =
    | "level-required"
    | "level-unsupported"
    | "url-without-slash"
    | "url-wildcard"
    | "group-name"
    | "resource-names-without-resources"
    | "stage-unknown"
    | "urls-with-resources";

/** One complaint of the API server's validator. */
export interface Violation {
    code: ViolationCode;
    /** Where, such as `rules[3].resources[0].group`. */
    path: string;
    /** The API server's own words, which name the place a little less exactly (`rules[3].resources.group: …`). */
    message: string;
}

/**
 * Says what the API server's validator has against a policy, in its words and order.
 *
 * @param version - whose validator; default: the newest known
 */
export function validatePolicy(policy: UnvalidatedPolicy, version: KubernetesMinor = newestMinor): Violation[] {
    return [
        ...validateOmitStages(policy.omitStages, "omitStages"),
        ...policy.rules.flatMap((rule, i) => validateRule(rule, `rules[${i}]`, version)),
    ];
}

/** The violations as the API server's one error line: `[e1, e2]`, each text once. */
export function aggregateMessage(violations: readonly Violation[]): string {
    const distinct = [...new Set(violations.map(({ message }) => message))];
    return distinct.length === 1 ? distinct[0]! : `[${distinct.join(", ")}]`;
}

function validateRule(rule: UnvalidatedRule, path: string, version: KubernetesMinor): Violation[] {
    return [
        ...validateLevel(rule.level, `${path}.level`, version),
        ...validateUrls(rule.nonResourceURLs, `${path}.nonResourceURLs`),
        ...validateResources(rule.resources, `${path}.resources`, version),
        ...validateOmitStages(rule.omitStages, `${path}.omitStages`),
        ...validateKindOfRequest(rule, `${path}.nonResourceURLs`, version),
    ];
}

function validateLevel(level = "", path: string, version: KubernetesMinor): Violation[] {
    if (level === "") {
        return [{ code: "level-required", path, message: `${path}: Required value` }];
    }
    if (includes(levels, level)) {
        return [];
    }
    const value = version >= jsonValuesSince ? goJson(level) : goQuote(level);
    const supported = levels.map(goQuote).join(", ");
    return [
        {
            code: "level-unsupported",
            path,
            message: `${path}: Unsupported value: ${value}: supported values: ${supported}`,
        },
    ];
}

function validateUrls(urls: readonly string[] = [], path: string): Violation[] {
    return urls.flatMap((url, j) => validateUrl(url, `${path}[${j}]`));
}

function validateUrl(url: string, path: string): Violation[] {
    const violations: Violation[] = [];
    if (url === "*") {
        return violations;
    }
    if (!url.startsWith("/")) {
        violations.push(
            invalid("url-without-slash", path, goQuote(url), "non-resource URL rules must begin with a '/' character"),
        );
    }
    if (url.slice(0, -1).includes("*")) {
        violations.push(
            invalid(
                "url-wildcard",
                path,
                goQuote(url),
                "non-resource URL wildcards '*' must be the final character of the rule",
            ),
        );
    }
    return violations;
}

function validateResources(
    resources: readonly GroupResources[] = [],
    path: string,
    version: KubernetesMinor,
): Violation[] {
    return resources.flatMap(({ group = "", resources: kinds = [], resourceNames = [] }, k) => {
        const violations: Violation[] = [];
        const problem = group === "" || (group === "*" && version >= anyGroupSince) ? "" : subdomainProblem(group);
        if (problem) {
            violations.push(invalid("group-name", `${path}.group`, goQuote(group), problem));
        }
        if (resourceNames.length > 0 && kinds.length === 0) {
            violations.push(
                invalid(
                    "resource-names-without-resources",
                    `${path}.resourceNames`,
                    list(resourceNames, version),
                    "using resourceNames requires at least one resource",
                ),
            );
        }
        return violations.map((violation) => ({
            ...violation,
            path: `${path}[${k}]${violation.path.slice(path.length)}`,
        }));
    });
}

const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const subdomain = `${label}(\\.${label})*`;
const subdomainPattern = new RegExp(`^${subdomain}$`);

/** What keeps a text from being an RFC 1123 subdomain, in the API server's words; `""` when nothing does. */
function subdomainProblem(text: string): string {
    const problems: string[] = [];
    if (Buffer.byteLength(text) > 253) {
        problems.push("must be no more than 253 characters");
    }
    if (!subdomainPattern.test(text)) {
        problems.push(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character" +
                ` (e.g. 'example.com', regex used for validation is '${subdomain}')`,
        );
    }
    return problems.join(",");
}

function validateOmitStages(omitStages: readonly string[] = [], path: string): Violation[] {
    return omitStages.flatMap((stage, j) =>
        includes(stages, stage)
            ? []
            : [invalid("stage-unknown", `${path}[${j}]`, goQuote(stage), `allowed stages are ${stages.join(",")}`)],
    );
}

function validateKindOfRequest(rule: UnvalidatedRule, path: string, version: KubernetesMinor): Violation[] {
    const urls = rule.nonResourceURLs ?? [];
    if (urls.length === 0 || !(rule.resources?.length || rule.namespaces?.length)) {
        return [];
    }
    return [
        invalid(
            "urls-with-resources",
            path,
            list(urls, version),
            "rules cannot apply to both regular resources and non-resource URLs",
        ),
    ];
}

function invalid(code: ViolationCode, path: string, value: string, detail: string): Violation {
    return { code, path, message: `${path}: Invalid value: ${value}: ${detail}` };
}

function list(values: readonly string[], version: KubernetesMinor): string {
    return version >= jsonValuesSince ? goJson(values) : goStrings(values);
}

function includes(known: readonly string[], text: string): boolean {
    return known.includes(text);
}
