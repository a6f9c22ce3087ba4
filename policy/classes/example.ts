import { builtinResources } from "../builtinResources";
import type { Attributes } from "../evaluate";
import type { Text } from "./dimension";
import type { Condition, Point } from "./space";
import type { Target } from "./targets";

const verbs = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];
const methods = ["get", "post", "put", "patch", "delete", "head", "options"];
const commonResources = ["pods", "deployments", "services", "configmaps", "nodes", "jobs", "roles"];
const verbsWithoutName = ["list", "watch", "create", "deletecollection"];

/**
 * A request that is the point, as likely a one as there is.
 *
 * @param named - the texts of the rules that the point is about
 */
export function exampleOf(point: Point, named: NamedTexts): Attributes {
    const user = likely(point.user, ["jane"], named.users);
    const common = { user, groups: [...point.groups] };
    if (point.path) {
        const verb = likely(point.verb, methods, named.verbs);
        return { ...common, verb, path: point.path.path, isResource: false };
    }
    const verb = likely(point.verb, verbs, named.verbs);
    const { apiGroup, resource, subresource } = likelyTarget(point.target!, named);
    const namespaced = builtinResources().find(
        (known) => known.group === apiGroup && known.resource === resource,
    )?.namespaced;
    const namespace = likely(point.namespace, namespaced === false ? [""] : ["default"], named.namespaces);
    const withoutName = verbsWithoutName.includes(verb) && subresource === "";
    const name = likely(point.target!.name, withoutName ? [""] : ["example"], named.names);
    return { ...common, verb, namespace, apiGroup, resource, subresource, name, isResource: true };
}

function likelyTarget(target: Target, named: NamedTexts): Record<"apiGroup" | "resource" | "subresource", string> {
    const known = builtinResources();
    const groups = known.map(({ group }) => group);
    const apiGroup = likely(target.apiGroup, groups, named.apiGroups);
    const ofGroup = known.filter(({ group }) => group === apiGroup);
    const suitable = ofGroup
        .filter(({ subresource }) => target.subresource === "" || subresource !== "")
        .map((entry) => entry.resource);
    const common = commonResources.filter((resource) => suitable.includes(resource));
    const resource = likely(target.resource, [...common, ...suitable], named.resources);
    const subresources = ofGroup.filter((entry) => entry.resource === resource && entry.subresource !== "");
    const subresource = likely(
        target.subresource,
        subresources.map((entry) => entry.subresource),
        named.subresources,
    );
    return { apiGroup, resource, subresource };
}

/** The text, or else the first of the likely ones that no rule names. */
function likely(text: Text, candidates: readonly string[], named: ReadonlySet<string>): string {
    if (text !== undefined) {
        return text;
    }
    const found = candidates.find((candidate) => !named.has(candidate));
    for (let number = 1; found === undefined; number++) {
        const candidate = `other-${number}`;
        if (!named.has(candidate)) {
            return candidate;
        }
    }
    return found;
}

/** The texts that rules name, by attribute. */
export interface NamedTexts {
    users: ReadonlySet<string>;
    verbs: ReadonlySet<string>;
    namespaces: ReadonlySet<string>;
    apiGroups: ReadonlySet<string>;
    resources: ReadonlySet<string>;
    subresources: ReadonlySet<string>;
    names: ReadonlySet<string>;
}

/** Collects the texts that rules name. */
export function namedTexts(rules: readonly Condition[]): NamedTexts {
    const entries = rules.flatMap(({ resources = [] }) => resources);
    const patterns = entries.flatMap(({ resources = [] }) => resources.map((pattern) => pattern.split("/")));
    return {
        users: new Set(rules.flatMap(({ users = [] }) => users)),
        verbs: new Set(rules.flatMap(({ verbs = [] }) => verbs)),
        namespaces: new Set(rules.flatMap(({ namespaces = [] }) => namespaces)),
        apiGroups: new Set(entries.map(({ group = "" }) => group)),
        resources: new Set(patterns.map(([resource = ""]) => resource)),
        subresources: new Set(patterns.map(([, subresource = ""]) => subresource)),
        names: new Set(entries.flatMap(({ resourceNames = [] }) => resourceNames)),
    };
}
