import { evaluate, type Attributes, type Decision } from "../evaluate";
import type { KubernetesMinor } from "../kubernetes";
import type { Policy } from "../types";

/** Who makes a request. */
export interface Principal {
    user: string;
    groups: readonly string[];
}

/** Requests that a framework has a demand about. */
export interface RequestClass {
    verbs: readonly string[];
    /** As `group/kind`, `kind` for the core group; a subresource after a colon: `pods:exec`. */
    kinds: readonly string[];
    who?: (principal: Principal) => boolean;
    /** Only these namespaces. Default: any. */
    namespaces?: readonly string[];
    /** Not these. Default: none. */
    exceptNamespaces?: readonly string[];
    /** The object's name, where the request has one. Default: any. */
    name?: string;
}

/** A user that no cluster component is, by the way Falco tells them apart. */
export function isOutsider({ user }: Principal): boolean {
    return !user.startsWith("system:");
}

/** Somebody without credentials, where the API server allows that. */
export function isAnonymous({ user }: Principal): boolean {
    return user === "system:anonymous";
}

/**
 * Everybody that a policy could tell apart: a principal of every sort, and whomever the policy names, each in the groups
 * that the API server puts them in.
 */
export function principals(policy: Policy): Principal[] {
    const users = new Set([
        "alice",
        "kubernetes-admin",
        "system:anonymous",
        "system:node:node-1",
        "system:apiserver",
        "system:kube-controller-manager",
        "system:kube-scheduler",
        "system:kube-proxy",
        "system:serviceaccount:default:default",
        "system:serviceaccount:kube-system:deployment-controller",
        ...policy.rules.flatMap(({ users = [] }) => users),
    ]);
    const namedGroups = new Set(policy.rules.flatMap(({ userGroups = [] }) => userGroups));
    const serviceAccounts = [...namedGroups].flatMap((group) => /^system:serviceaccounts:(.+)$/.exec(group)?.[1] ?? []);
    const byUser = [...users, ...serviceAccounts.map((namespace) => `system:serviceaccount:${namespace}:default`)];
    const byGroup = policy.rules.flatMap(({ users: named = [], userGroups = [] }) =>
        userGroups
            .filter((group) => !groupsOfSorts.test(group))
            .flatMap((group) => (named.length > 0 ? named : [memberOf(group)]).map((user) => ({ user, group }))),
    );
    return [
        ...byUser.map((user) => ({ user, groups: groupsOf(user) })),
        ...byGroup.map(({ user, group }) => ({ user, groups: [group, ...groupsOf(user)] })),
    ];
}

/** Groups that nobody is in but those whom the API server itself puts there, by what sort of user they are. */
const groupsOfSorts = /^system:(nodes|serviceaccounts(:.*)?|authenticated|unauthenticated)$/;

/** Other groups whose names begin with `system:` have the cluster's own users, but for those of OpenShift's logins. */
function memberOf(group: string): string {
    return /^system:(?!authenticated:)/.test(group) ? "system:example" : "alice";
}

function groupsOf(user: string): string[] {
    if (user === "system:anonymous") {
        return ["system:unauthenticated"];
    }
    const namespace = /^system:serviceaccount:([^:]*):/.exec(user)?.[1];
    if (namespace !== undefined) {
        return ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"];
    }
    if (user.startsWith("system:node:")) {
        return ["system:nodes", "system:authenticated"];
    }
    return user === "kubernetes-admin" || user === "system:apiserver"
        ? ["system:masters", "system:authenticated"]
        : ["system:authenticated"];
}

const clusterScoped = new Set([
    "nodes",
    "namespaces",
    "authentication.k8s.io/tokenreviews",
    "rbac.authorization.k8s.io/clusterroles",
    "rbac.authorization.k8s.io/clusterrolebindings",
]);

/** The name of objects that a policy does not name. */
const anyName = "example";

/** Requests of a class that a policy could tell apart: by who, where and what name it mentions, and others. */
export function requestsOf(requestClass: RequestClass, policy: Policy): Attributes[] {
    const { verbs, kinds, who = () => true } = requestClass;
    const everybody = principals(policy).filter(who);
    return kinds.flatMap((kind) =>
        verbs.flatMap((verb) =>
            placesOf(kind, verb, requestClass, policy).flatMap((place) =>
                everybody.map(({ user, groups }) => ({ user, groups, verb, ...place, isResource: true })),
            ),
        ),
    );
}

function placesOf(
    kind: string,
    verb: string,
    requestClass: RequestClass,
    policy: Policy,
): Omit<Attributes, "verb" | "isResource">[] {
    const [withGroup = "", subresource = ""] = kind.split(":");
    const [resource = "", apiGroup = ""] = withGroup.split("/").reverse();
    return namesOf(verb, subresource, requestClass, policy).flatMap((name) =>
        namespacesOf(withGroup, verb, name, requestClass, policy).map((namespace) => ({
            apiGroup,
            resource,
            subresource,
            name,
            namespace,
        })),
    );
}

/** A new object has no name yet, many have none together, unless a field selector of a list or watch asks for one. */
function namesOf(verb: string, subresource: string, requestClass: RequestClass, policy: Policy): string[] {
    if (verb === "deletecollection" || (verb === "create" && subresource === "")) {
        return [""];
    }
    if (requestClass.name !== undefined) {
        return [requestClass.name];
    }
    return [verb === "list" || verb === "watch" ? "" : anyName, ...namesIn(policy)];
}

/** A request about a namespace is in it; lists and watches may be across all, and then are in none. */
function namespacesOf(
    kind: string,
    verb: string,
    name: string,
    { namespaces, exceptNamespaces = [] }: RequestClass,
    policy: Policy,
): string[] {
    if (kind === "namespaces") {
        return [name];
    }
    if (clusterScoped.has(kind)) {
        return [""];
    }
    const named = policy.rules.flatMap((rule) => rule.namespaces ?? []).filter((namespace) => namespace !== "");
    const any = new Set(["default", "kube-system", ...named, ...(verb === "list" || verb === "watch" ? [""] : [])]);
    return [...(namespaces ?? any)].filter((namespace) => !exceptNamespaces.includes(namespace));
}

/** The kinds that a policy names, with one that stands for those that a `*` or a whole group adds. */
export function kindsIn(policy: Policy): string[] {
    const entries = policy.rules.flatMap(({ resources = [] }) => resources);
    const kinds = entries.flatMap(({ group = "", resources = [] }) =>
        (resources.length > 0 ? resources : ["*"]).map((pattern) => {
            const [kind = "", subresource] = pattern.replace(/^\*/, "examples").replace(/\*$/, "example").split("/");
            const withGroup = group === "" ? kind : `${group === "*" ? "example.com" : group}/${kind}`;
            return subresource === undefined ? withGroup : `${withGroup}:${subresource}`;
        }),
    );
    return [...new Set(kinds)];
}

function namesIn(policy: Policy): string[] {
    const entries = policy.rules.flatMap(({ resources = [] }) => resources);
    return [...new Set(entries.flatMap(({ resourceNames = [] }) => resourceNames))].filter((name) => name !== "");
}

/** What a policy decides of requests, with the requests. */
export function decide(
    requests: readonly Attributes[],
    policy: Policy,
    kubernetes: KubernetesMinor,
): (Decision & { request: Attributes })[] {
    return requests.map((request) => ({ request, ...evaluate(policy, request, kubernetes) }));
}

/** A request in words: `get secrets in default by alice`, `update configmaps "leader" in default by alice`. */
export function inWords(request: Attributes): string {
    const { user = "nobody", verb, resource = "", subresource = "", name = "", namespace = "", path = "" } = request;
    if (!request.isResource) {
        return `${verb} ${path} by ${user}`;
    }
    const what = subresource === "" ? resource : `${resource}/${subresource}`;
    const which = name === "" || name === anyName ? "" : ` "${name}"`;
    const where = namespace === "" || resource === "namespaces" ? "" : ` in ${namespace}`;
    return `${verb} ${what}${which}${where} by ${user}`;
}

/** Which rule decided, in words. */
export function byRule({ rule }: Decision): string {
    return rule === undefined ? "no rule matches" : `rules[${rule}]`;
}
