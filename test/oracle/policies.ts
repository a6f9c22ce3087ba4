import type { Attributes } from "../../policy/evaluate";
import { anyGroupSince } from "../../policy/kubernetes";
import type { RawRequest } from "../../policy/requestInfo";
import { levels, stages, type Policy, type PolicyRule } from "../../policy/types";
import type { Random } from "./random";

const users = ["system:kube-proxy", "system:serviceaccount:kube-system:default", "tim", ""];
const groups = ["system:nodes", "system:authenticated", "system:masters", "system:unauthenticated"];
const verbs = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "proxy", ""];
const namespaces = ["kube-system", "prod-namespace", "default", ""];
const apiGroups = ["", "apps", "batch", "rbac.authorization.k8s.io"];
const resources = ["pods", "secrets", "deployments", "nodes", "namespaces"];
const subresources = ["", "", "log", "exec", "status", "scale", "finalize"];
const names = ["webapp-pod", "web", "", "*", "\ufffd"];
const paths = ["/", "/healthz", "/healthz/etcd", "/healthz*", "/metrics", "/api/v1", "/openapi/v2", ""];
const resourcePatterns = [
    ...resources,
    ..."* */* pods/* pods/log */log */scale pods/lo* deployments/scale /log pods/ a/b/c */ /*".split(" "),
];
const oddGroups = ["*", "Apps", "apps/v1", "a_b", "-a", "a..b", "a.", "é", "a".repeat(254), `${"a".repeat(252)}.b`];
const urls = ["*", "/", "/healthz", "/healthz*", "/healthz/*", "/api*"];
const oddUrls = ["", "healthz", "/a*b", "**", "/**", "a*b", "/\u{1f600}*", "é*"];
const oddLevels = ["", "metadata", "All", '<"b">', "\u2028"];
const oddStages = ["", "panic", "foo", 'a"b', "Panic "];
const oddTexts = [
    ..."yes 1 0x1f 1e3 .5 ~ 2001-01-01 12:30 <a>& \u{1f600} # é \u00a0 \u200b \ufffd \u0378 \u{e0001} - ? ! | > % @ `".split(
        " ",
    ),
    "\t",
    "a: b",
    "a #b",
    "\x7f",
    "\u0007",
    "\\",
    "'",
    '"',
];

/** What of a policy can be wrong, in percent of the places where it can. */
export interface Oddities {
    /** What the validator refuses. */
    odd: number;
    /** Names of API groups to choose from. */
    groupNames?: readonly string[];
}

/** A policy; where nothing is odd, one that the API server of a minor version accepts. */
export function generatePolicy(random: Random, { odd, groupNames = apiGroups }: Oddities): Policy {
    const text = (likely: readonly string[]) => random.pick(random.percent(97) ? likely : oddTexts);
    const mostly = (usual: readonly string[], unusual: readonly string[]) =>
        random.pick(random.percent(odd) ? unusual : usual);
    const sometimes = <T>(percent: number, make: () => T) => (random.percent(percent) ? make() : undefined);
    const stageList = () => sometimes(30, () => random.some(3, () => mostly(stages, oddStages)));
    const groupResources = () => {
        const least = odd > 0 ? 0 : 1;
        const patterns = sometimes(70, () => [
            ...Array.from({ length: least }, () => text(resourcePatterns)),
            ...random.some(2, () => text(resourcePatterns)),
        ]);
        const namesAllowed = odd > 0 || (patterns?.length ?? 0) > 0;
        return {
            group: sometimes(70, () => mostly(groupNames, oddGroups)),
            resources: patterns,
            resourceNames: namesAllowed ? sometimes(30, () => random.some(3, () => text(names))) : undefined,
        };
    };
    const rule = () => {
        const aboutUrls = random.percent(25);
        const urlList = () => random.some(3, () => mostly(urls, oddUrls));
        return {
            level: mostly(levels, oddLevels),
            users: sometimes(30, () => random.some(3, () => text(users))),
            userGroups: sometimes(30, () => random.some(3, () => text(groups))),
            verbs: sometimes(40, () => random.some(3, () => text(verbs))),
            resources: aboutUrls ? undefined : sometimes(60, () => random.some(3, groupResources)),
            namespaces: aboutUrls ? undefined : sometimes(30, () => random.some(3, () => text(namespaces))),
            nonResourceURLs: sometimes(aboutUrls ? 80 : odd, urlList),
            omitStages: stageList(),
            omitManagedFields: sometimes(20, () => random.percent(50)),
        };
    };
    const least = random.percent(odd) ? 0 : 1;
    const most = random.percent(2) ? 80 : 4;
    const policy = {
        apiVersion: "audit.k8s.io/v1",
        kind: "Policy",
        omitStages: stageList(),
        omitManagedFields: sometimes(20, () => random.percent(50)),
        rules: [...Array.from({ length: least }, rule), ...random.some(most, rule)],
    };
    return JSON.parse(JSON.stringify(policy)) as Policy;
}

/** The API groups that a valid policy can name. */
export function groupNamesFor(minor: number): readonly string[] {
    return minor >= anyGroupSince ? [...apiGroups, "*", "*"] : apiGroups;
}

/** The attributes of a request that one of the policy's rules nearly matches, or does. */
export function generateAttributes(random: Random, { rules }: Policy): Attributes {
    const rule: PolicyRule = rules.length > 0 ? random.pick(rules) : { level: "None" };
    const like = (own: readonly string[] | undefined, all: readonly string[]) =>
        random.pick(own?.length && random.percent(90) ? own : all);
    const entry = rule.resources?.length ? random.pick(rule.resources) : {};
    const [resource, ...rest] = random.pick(entry.resources?.length ? entry.resources : resources).split("/");
    const isResource = Boolean(rule.nonResourceURLs?.length) === random.percent(10);
    const url = like(rule.nonResourceURLs, paths);
    const attributes: Attributes = {
        verb: like(rule.verbs, verbs),
        namespace: like(rule.namespaces, namespaces),
        apiGroup:
            entry.group === undefined || entry.group === "*" ? random.pick(apiGroups) : like([entry.group], apiGroups),
        resource: resource === "*" || random.percent(10) ? random.pick(resources) : resource!,
        subresource: rest.length > 0 && random.percent(80) ? rest.join("/") : random.pick(subresources),
        name: like(entry.resourceNames, names),
        path: random.percent(70) ? url.replace("*", "") : url,
        isResource,
    };
    return Object.assign(attributes, generateIdentity(random, rule));
}

function generateIdentity(random: Random, rule: PolicyRule): Pick<Attributes, "user" | "groups"> {
    if (random.percent(8)) {
        return {};
    }
    const like = (own: readonly string[] | undefined, all: readonly string[]) =>
        random.pick(own?.length && random.percent(80) ? own : all);
    return {
        user: like(rule.users, users),
        groups: random.percent(5) ? [] : [like(rule.userGroups, groups), ...random.some(2, () => random.pick(groups))],
    };
}

const methods = "GET GET GET GET HEAD POST PUT PATCH DELETE OPTIONS get TRACE".split(" ");
const queries = [
    ..."watch watch= watch=1 watch=true watch=false watch=FALSE watch=0 watch=fal%C5%BFe watch=00 Watch=1 watch=1&watch=0".split(
        " ",
    ),
    ..."watch=0&watch=1 watch;=1 watch=%zz %77atch=1 wa+tch=1 watch=1;a=b limit=500 limit=x limit= limit=9223372036854775808".split(
        " ",
    ),
    ..."limit=-1 limit=%2B5 limit=+5 limit=1_0 timeoutSeconds=5 timeoutSeconds=1.5 timeoutSeconds=".split(" "),
    ..."fieldSelector=metadata.name=web fieldSelector=metadata.name%3Dweb fieldSelector=metadata.name==web".split(" "),
    ..."fieldSelector=metadata.name!=web fieldSelector=metadata.name= fieldSelector=metadata.name=.. fieldSelector=a".split(
        " ",
    ),
    ..."fieldSelector=metadata.name=a,metadata.name=b fieldSelector=metadata.name==b,metadata.name=a".split(" "),
    ..."fieldSelector=spec.nodeName=x,metadata.name=web fieldSelector=metadata.name=a%2Fb fieldSelector=metadata.name=a%25b".split(
        " ",
    ),
    ..."fieldSelector=metadata.name=a%5C,b fieldSelector=metadata.name=a%5Cb fieldSelector=metadata.name=a=b fieldSelector=,".split(
        " ",
    ),
    ..."fieldSelector=metadata.name%3Dw%C3%A9b fieldSelector=metadata.name=%ff fieldSelector=== fieldSelector=".split(
        " ",
    ),
    ..."fieldSelector=metadata.name=a%5C fieldSelector=+metadata.name=web fieldSelector=metadata.name=%F0%9F%98%80,metadata.name=%EF%BF%BD".split(
        " ",
    ),
    ..."labelSelector=a=b labelSelector=a+in+(b,c) labelSelector=a+in+() labelSelector=!a labelSelector=a,b labelSelector=a, labelSelector=!".split(
        " ",
    ),
    ..."labelSelector=a=b=c labelSelector=a>1 labelSelector=a>x labelSelector=a.b/c labelSelector=A/b labelSelector=/b labelSelector=a//b".split(
        " ",
    ),
    ..."labelSelector=in+in+(in,,x) labelSelector=a+notin(,) labelSelector=a+in+(b+c) labelSelector=a===b labelSelector=a!=b,!c".split(
        " ",
    ),
    ..."labelSelector=%00 labelSelector=a%00b labelSelector=a%3D%00b labelSelector=-a labelSelector=a=-b labelSelector=!a=b labelSelector=(".split(
        " ",
    ),
    `labelSelector=${"a".repeat(64)}`,
    `labelSelector=a=${"b".repeat(64)}`,
    ..."sendInitialEvents=x resourceVersion=0 continue=%zz pretty=true = & && a=b=c dryRun=All #fragment ?".split(" "),
];
const segments = [
    ..."api apis v1 v1beta1 watch proxy namespaces status finalize pods log exec a%2Fb %2F . .. %zz é %C3%A9 %ff %E2%82".split(
        " ",
    ),
    ..."a+b a%20b * a:b a;b=c API Api healthz metrics openapi %61pi".split(" "),
    "",
];
const oddTargets = [
    ..."* // / /api /apis api http://localhost/api/v1/pods http://localhost foo:bar HTTP://a/apis/apps/v1/x ?watch=1 //api/v1/pods".split(
        " ",
    ),
    ..."/api/v1/watch /apis/apps/v1/proxy /%zz /#a?b http:/api/v1/pods http:///api/v1/pods /api/v1/pods? /api/v1/pods?? localhost:80".split(
        " ",
    ),
];

/** A request as a client sends it. */
export function generateRawRequest(random: Random, policy: Policy): RawRequest {
    const rule: PolicyRule = policy.rules.length > 0 ? random.pick(policy.rules) : { level: "None" };
    const query = random.percent(50)
        ? `?${[random.pick(queries), ...random.some(2, () => random.pick(queries))].join("&")}`
        : "";
    return {
        ...generateIdentity(random, rule),
        method: random.pick(methods),
        url: random.percent(3) ? random.pick(oddTargets) : generatePath(random, policy) + query,
    };
}

function generatePath(random: Random, policy: Policy): string {
    const attributes = generateAttributes(random, policy);
    if (!attributes.isResource && random.percent(80)) {
        return `/${encodeURI((attributes.path ?? "").replace(/^\//, ""))}`;
    }
    const { apiGroup, namespace, resource, subresource, name } = attributes;
    const parts = [
        ...(apiGroup === "" ? ["api", "v1"] : ["apis", apiGroup!, "v1"]),
        ...(random.percent(5) ? [random.pick(["watch", "proxy"])] : []),
        ...(namespace === "" ? [] : ["namespaces", namespace!]),
        ...(random.percent(10) ? [] : [resource!]),
        ...(name === "" ? [] : [name!]),
        ...(subresource === "" ? [] : [subresource!]),
    ].map(encodeURIComponent);
    while (random.percent(12)) {
        parts.splice(random.below(parts.length + 1), random.below(2), random.pick(segments));
    }
    return `/${parts.join("/")}`;
}
