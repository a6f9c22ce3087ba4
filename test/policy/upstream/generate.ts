import fc from "fast-check";
import { stringify } from "yaml";
import type { Attributes } from "../../../policy/evaluate";
import { anyGroupSince } from "../../../policy/kubernetes";
import { renderPolicy } from "../../../policy/render";
import { stages, type Policy, type PolicyRule } from "../../../policy/types";
import { mutatedTexts } from "./mutate";
import type { Question } from "./oracle";

const users = ["system:kube-proxy", "system:serviceaccount:kube-system:default", "tim", ""];
const groups = ["system:nodes", "system:authenticated", "system:masters", "system:unauthenticated"];
const verbs = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", ""];
const namespaces = ["kube-system", "prod-namespace", "default", ""];
const apiGroups = ["", "apps", "batch", "rbac.authorization.k8s.io"];
const resources = ["pods", "secrets", "deployments", "nodes"];
const subresources = ["", "log", "exec", "status", "scale"];
const names = ["webapp-pod", "web", "", "*"];
const paths = ["/", "/healthz", "/healthz/etcd", "/healthz*", "/metrics", "/api/v1", "/openapi/v2", ""];

const oddTexts = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 12 }),
    fc.constantFrom(
        "yes",
        "1",
        "0x1f",
        "1e3",
        ".5",
        "~",
        "2001-01-01",
        "12:30",
        "<a>&",
        "\u{1f600}",
        "\t",
        "a: b",
        "#",
        "é",
    ),
);

/** One of a few likely texts, seldom another. */
function text(...likely: string[][]): fc.Arbitrary<string> {
    return fc.oneof({ weight: 30, arbitrary: fc.constantFrom(...likely.flat()) }, { weight: 1, arbitrary: oddTexts });
}

function list<T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
    return fc.array(item, { maxLength: 3 });
}

/** Makes each field of a record absent as often as not. */
const sparse: { requiredKeys: never[] } = { requiredKeys: [] };

const resourcePatterns = [
    ...resources,
    "*",
    "*/*",
    "pods/*",
    "pods/log",
    "*/log",
    "*/scale",
    "pods/lo*",
    "deployments/scale",
];
const oddGroups = ["*", "Apps", "apps/v1", "a_b", "-a", "a..b", "a.", "é", "a".repeat(254), `${"a".repeat(252)}.b`];
const urls = ["*", "/", "/healthz", "/healthz*", "/healthz/*", "/api*"];
const oddUrls = ["", "healthz", "/a*b", "**", "/**", "a*b"];

/** Policies as plain objects; `odd` is how many of a hundred choices are of a kind the API server may refuse. */
export function policies(odd: number, groupNames = apiGroups): fc.Arbitrary<object> {
    const mostly = (usual: string[], unusual: string[]) =>
        fc.oneof(
            { weight: 100 - odd, arbitrary: fc.constantFrom(...usual) },
            { weight: odd, arbitrary: fc.constantFrom(...unusual) },
        );
    const rarely = <T>(arbitrary: fc.Arbitrary<T>) =>
        fc.oneof({ weight: 100 - odd, arbitrary: fc.constant(undefined) }, { weight: odd, arbitrary });
    const level = mostly(["None", "Metadata", "Request", "RequestResponse"], ["", "metadata", "All", '<"b">']);
    const stage = fc.oneof(
        { weight: 100 - odd, arbitrary: fc.constantFrom<string>(...stages) },
        { weight: odd, arbitrary: fc.constantFrom("", "panic", "foo", 'a"b') },
    );
    const groupResources = fc
        .record(
            {
                group: mostly(groupNames, oddGroups),
                resources: fc.array(text(resourcePatterns), { minLength: odd > 0 ? 0 : 1, maxLength: 3 }),
            },
            sparse,
        )
        .chain((entry) =>
            (entry.resources?.length ?? 0) > 0 || odd > 0
                ? fc.option(list(text(names)), { nil: undefined }).map((resourceNames) => ({ ...entry, resourceNames }))
                : fc.constant(entry),
        );
    const aboutResources = fc.record(
        {
            resources: list(groupResources),
            namespaces: list(text(namespaces)),
            nonResourceURLs: rarely(list(mostly(urls, oddUrls))),
        },
        sparse,
    );
    const aboutUrls = fc.record({ nonResourceURLs: list(mostly(urls, oddUrls)) }, sparse);
    const common = fc.record(
        {
            users: list(text(users)),
            userGroups: list(text(groups)),
            verbs: list(text(verbs)),
            omitStages: list(stage),
            omitManagedFields: fc.boolean(),
        },
        sparse,
    );
    const rule = fc
        .tuple(level, common, fc.oneof({ weight: 3, arbitrary: aboutResources }, { weight: 1, arbitrary: aboutUrls }))
        .map(([l, c, r]) => ({ level: l, ...c, ...r }));
    const rules = fc.array(rule, { minLength: odd > 0 ? 0 : 1, maxLength: 4 });
    const rest = fc.record({ omitStages: list(stage), omitManagedFields: fc.boolean() }, sparse);
    return fc
        .tuple(rules, rest)
        .map(([r, more]) => clean({ apiVersion: "audit.k8s.io/v1", kind: "Policy", ...more, rules: r }));
}

function clean(data: object): object {
    return JSON.parse(JSON.stringify(data)) as object;
}

/** Requests that a policy's rules nearly match, or do. */
function requestsFor({ rules }: Policy): fc.Arbitrary<Attributes> {
    return fc.constantFrom(...rules).chain(requestsNear);
}

function requestsNear(rule: PolicyRule): fc.Arbitrary<Attributes> {
    const like = (own: readonly string[] = [], all: string[]) =>
        fc.oneof({ weight: own.length > 0 ? 12 : 0, arbitrary: oneOf(own) }, { weight: 1, arbitrary: oneOf(all) });
    const entries = rule.resources?.length ? rule.resources : [{}];
    const aboutResource = !rule.nonResourceURLs?.length;
    return fc.constantFrom(...entries).chain((entry) => {
        const patterns = entry.resources?.map((pattern) => pattern.split("/"));
        const patternResources = patterns?.map(([resource = ""]) => resource).filter((name) => name !== "*");
        const patternSubresources = patterns?.map(([, subresource = ""]) => subresource).filter((name) => name !== "*");
        return fc.record(
            {
                user: like(rule.users, users),
                groups: fc
                    .tuple(like(rule.userGroups, groups), fc.subarray(groups))
                    .map(([one, more]) => [one, ...more]),
                verb: like(rule.verbs, verbs),
                namespace: like(rule.namespaces, namespaces),
                apiGroup: like(
                    [entry.group ?? ""].filter((group) => group !== "*"),
                    apiGroups,
                ),
                resource: like(patternResources, resources),
                subresource: like(patternSubresources, subresources),
                name: like(entry.resourceNames, names),
                path: like(
                    rule.nonResourceURLs?.map((url) => url.replace("*", "")),
                    paths,
                ),
                isResource: fc.integer({ min: 0, max: 9 }).map((n) => (n > 0 ? aboutResource : !aboutResource)),
            },
            { noNullPrototype: true, requiredKeys: requestFields },
        );
    });
}

/** All but the user, whom a request that failed authentication has not. */
const requestFields: Exclude<keyof Attributes, "user">[] = [
    "groups",
    "verb",
    "namespace",
    "apiGroup",
    "resource",
    "subresource",
    "name",
    "path",
    "isResource",
];

function oneOf(words: readonly string[]): fc.Arbitrary<string> {
    return words.length > 0 ? fc.constantFrom(...words) : fc.constant("");
}

/** The ways in which people and programs write a policy down. */
function texts(policy: object): fc.Arbitrary<string> {
    return fc.oneof(
        fc.constantFrom(1, 2, 4).map((indent) => stringify(policy, { version: "1.1", indent, lineWidth: 0 })),
        fc.constant(stringify(policy, { version: "1.1", indentSeq: false, lineWidth: 40 })),
        fc.constant(stringify(policy, { version: "1.1", collectionStyle: "flow" }).replace(/^\{/, "--- {")),
        fc.constant(stringify(policy, { version: "1.1", defaultStringType: "QUOTE_SINGLE", lineWidth: 0 })),
        fc.constant(stringify(policy, { version: "1.2", lineWidth: 0 })),
        fc.constant(renderPolicy(policy as Policy)),
        fc.constantFrom(0, 2).map((indent) => JSON.stringify(policy, undefined, indent)),
    );
}

/**
 * Policies that the API server of a minor version accepts, with requests.
 *
 * @param requestsEach - how many requests a policy gets
 */
export function evaluationQuestions(requestsEach: number, minor: number): fc.Arbitrary<Question> {
    const groupNames = minor >= anyGroupSince ? [...apiGroups, "*", "*"] : apiGroups;
    return policies(0, groupNames).chain((policy) =>
        fc.record({
            policy: texts(policy),
            requests: fc.array(requestsFor(policy as Policy), { minLength: requestsEach, maxLength: requestsEach }),
        }),
    );
}

/** Policies that break the validator's rules, well-formed otherwise. */
export function validationQuestions(): fc.Arbitrary<Question> {
    return policies(15)
        .chain(texts)
        .map((policy) => ({ policy, requests: [] }));
}

/** Policies whose text somebody's editor slipped on. */
export function textQuestions(): fc.Arbitrary<Question> {
    return policies(0)
        .chain(texts)
        .chain(mutatedTexts)
        .map((policy) => ({ policy, requests: [] }));
}
