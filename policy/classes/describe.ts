import type { RequestClass, TargetClass, TargetSet, TextSet, UrlSet } from "./requestClass";

/** How many of a list are written out. */
const most = 6;

/** A class of requests in words: `delete of pods in namespace prod by anybody`. */
export function describeClass({ users, inGroups, notInGroups, verbs, resources, urls }: RequestClass): string {
    const subject = describeSubject(resources, urls);
    const by = describeUsers(users, inGroups, notInGroups);
    const verb = describeVerbs(verbs);
    return `${verb === "" ? "" : `${verb} of `}${subject} by ${by}`;
}

function describeVerbs(verbs: TextSet): string {
    if ("only" in verbs) {
        return list(verbs.only);
    }
    return verbs.allBut.length === 0 ? "" : `anything but ${list(verbs.allBut)}`;
}

function describeSubject(resources: RequestClass["resources"], urls: UrlSet | undefined): string {
    if (resources && urls) {
        return "everything";
    }
    if (urls) {
        return describeUrls(urls);
    }
    const { namespaces, targets } = resources!;
    return `${describeTargets(targets)}${describeNamespaces(namespaces)}`;
}

function describeNamespaces(namespaces: TextSet): string {
    if ("only" in namespaces) {
        return ` ${inNamespaces(namespaces.only, "in")}`;
    }
    return namespaces.allBut.length === 0 ? "" : ` except ${inNamespaces(namespaces.allBut, "in")}`;
}

function inNamespaces(namespaces: readonly string[], preposition: string): string {
    const named = namespaces.filter((namespace) => namespace !== "");
    const parts = [
        ...(named.length > 0 ? [`${preposition} namespace ${list(named)}`] : []),
        ...(named.length < namespaces.length ? ["outside namespaces"] : []),
    ];
    return parts.join(" or ");
}

function describeUrls({ only, allBut }: UrlSet): string {
    const except = allBut.length === 0 ? "" : ` except ${list(allBut)}`;
    return only.includes("*") ? `any non-resource URL${except}` : `${list(only)}${except}`;
}

function describeTargets({ only, allBut }: TargetSet): string {
    const except = allBut.length === 0 ? "" : ` except ${list(allBut.flatMap(describeTarget))}`;
    return `${list(only.flatMap(describeTarget))}${except}`;
}

/** Resources as kubectl writes them: `pods`, `pods/log`, `deployments.apps/scale`, with `*` for anything. */
function describeTarget({ apiGroups, resources, subresources, names }: TargetClass): string[] {
    const suffix = describeNames(names);
    if ("only" in apiGroups && "only" in resources && "only" in subresources) {
        return apiGroups.only.flatMap((group) =>
            resources.only.flatMap((resource) =>
                subresources.only.map((subresource) => `${resourceName(resource, group, subresource)}${suffix}`),
            ),
        );
    }
    const groups = describeGroups(apiGroups);
    if ("only" in apiGroups && "only" in resources && "allBut" in subresources && !subresources.allBut.includes("")) {
        const but = isAny(subresources) ? "" : ` but not ${list(subresources.allBut)}`;
        return apiGroups.only.flatMap((group) =>
            resources.only.map((resource) => `${resourceName(resource, group, "*")}${but}${suffix}`),
        );
    }
    if ("only" in resources) {
        return [`${describeSubresources(subresources)} of ${list(resources.only)}${groups}${suffix}`];
    }
    const but = resources.allBut.length === 0 ? "" : ` but ${list(resources.allBut)}`;
    if (isAny(subresources)) {
        return [`any resource${but}${groups}${suffix}`];
    }
    if ("only" in subresources && subresources.only.join() === "") {
        return [`any resource${but}${groups} itself${suffix}`];
    }
    return [`${describeSubresources(subresources)} of any resource${but}${groups}${suffix}`];
}

function describeGroups(apiGroups: TextSet): string {
    const groups = "only" in apiGroups ? apiGroups.only : apiGroups.allBut;
    const words = list(groups.map((group) => (group === "" ? "core" : group)));
    if ("only" in apiGroups) {
        return ` in group ${words}`;
    }
    return groups.length === 0 ? "" : ` outside group ${words}`;
}

function describeSubresources(subresources: TextSet): string {
    if ("only" in subresources) {
        return list(subresources.only.map((subresource) => (subresource === "" ? "the object" : subresource)));
    }
    const named = subresources.allBut.filter((subresource) => subresource !== "");
    return named.length === 0 ? "subresources" : `subresources but ${list(named)}`;
}

function describeNames(names: TextSet): string {
    if ("only" in names) {
        return ` named ${list(names.only.map((name) => (name === "" ? '""' : name)))}`;
    }
    return names.allBut.length === 0 ? "" : ` not named ${list(names.allBut)}`;
}

function resourceName(resource: string, group: string, subresource: string): string {
    const full = group === "" ? resource : `${resource}.${group}`;
    return subresource === "" ? full : `${full}/${subresource}`;
}

function describeUsers(
    users: TextSet,
    inGroups: readonly (readonly string[])[],
    notInGroups: readonly string[],
): string {
    const members = inGroups.map((groups) => `members of ${list(groups, "or")}`).join(" who are ");
    const but = notInGroups.length === 0 ? "" : `members of ${list(notInGroups, "or")}`;
    if ("only" in users) {
        const among = members === "" ? "" : ` as ${members}`;
        return `${list(users.only, "or")}${among}${but === "" ? "" : ` unless ${but}`}`;
    }
    const excluded = [...users.allBut.slice(0, most), ...(users.allBut.length > most ? [more(users.allBut)] : [])];
    const except = [...excluded, ...(but === "" ? [] : [but])];
    return `${members === "" ? "anybody" : members}${except.length === 0 ? "" : ` but ${list(except)}`}`;
}

function isAny(set: TextSet): boolean {
    return "allBut" in set && set.allBut.length === 0;
}

function more(texts: readonly string[]): string {
    return `${texts.length - most} more`;
}

function list(texts: readonly string[], conjunction: "and" | "or" = "and"): string {
    const shown = texts.length > most ? [...texts.slice(0, most), more(texts)] : texts.map((text) => text);
    const written = shown.map((text) => (text === "" ? '""' : text));
    return written.length < 2
        ? written.join("")
        : `${written.slice(0, -1).join(", ")} ${conjunction} ${written.at(-1)}`;
}
