import type { Attributes } from "./evaluate";
import type { GroupResources, PolicyRule } from "./types";

/** One rule, prepared for being asked about many requests. */
export class RuleScan {
    private readonly users: readonly string[] | undefined;
    private readonly userGroups: readonly string[] | undefined;
    private readonly verbs: readonly string[] | undefined;
    private readonly namespaces: readonly string[] | undefined;
    private readonly resources: readonly EntryScan[] | undefined;
    private readonly urls: UrlScan | undefined;
    private readonly aboutResources: boolean;

    constructor(rule: PolicyRule, starIsAnyGroup: boolean) {
        const { users, userGroups, verbs, namespaces, resources, nonResourceURLs } = rule;
        this.users = textsOf(users);
        this.userGroups = textsOf(userGroups);
        this.verbs = textsOf(verbs);
        this.namespaces = textsOf(namespaces);
        this.resources = listOf(resources)?.map((entry) => new EntryScan(entry, starIsAnyGroup));
        this.aboutResources = this.namespaces !== undefined || this.resources !== undefined;
        this.urls = nonResourceURLs?.length && !this.aboutResources ? new UrlScan(nonResourceURLs) : undefined;
    }

    /** What is cheap to see and excludes many requests comes first. */
    matches(attributes: Attributes): boolean {
        const { users, userGroups, verbs, urls } = this;
        if (attributes.isResource ? urls !== undefined : this.aboutResources) {
            return false;
        }
        if (verbs !== undefined && !has(verbs, attributes.verb)) {
            return false;
        }
        if (users !== undefined && (attributes.user === undefined || !has(users, attributes.user))) {
            return false;
        }
        if (userGroups !== undefined && (attributes.user === undefined || !haveOne(userGroups, attributes.groups))) {
            return false;
        }
        return this.aboutResources
            ? this.matchesResource(attributes)
            : urls === undefined || urls.match(attributes.path ?? "");
    }

    private matchesResource(attributes: Attributes): boolean {
        const { namespaces, resources } = this;
        if (namespaces !== undefined && !has(namespaces, attributes.namespace ?? "")) {
            return false;
        }
        if (resources === undefined) {
            return true;
        }
        for (let i = 0; i < resources.length; i++) {
            if (resources[i]!.matches(attributes)) {
                return true;
            }
        }
        return false;
    }
}

/** The paths of a rule. */
class UrlScan {
    /** Those that are named, and the shortest that each prefix stands for: to compare is faster than `startsWith`. */
    private readonly paths: readonly string[];
    /** Without those that others of them cover. */
    private readonly prefixes: readonly string[];

    constructor(urls: readonly string[]) {
        const withoutStars = (url: string) => url.replace(/\*+$/, "");
        const prefixes = urls.filter((url) => url.endsWith("*")).map(withoutStars);
        const covered = (text: string) => prefixes.some((prefix) => text !== prefix && text.startsWith(prefix));
        this.paths = [...new Set(urls.map(withoutStars))];
        this.prefixes = [...new Set(prefixes)].filter((prefix) => !covered(prefix));
    }

    match(path: string): boolean {
        if (has(this.paths, path)) {
            return true;
        }
        const { prefixes } = this;
        for (let i = 0; i < prefixes.length; i++) {
            if (path.startsWith(prefixes[i]!)) {
                return true;
            }
        }
        return false;
    }
}

/** Resources of one API group. */
class EntryScan {
    private readonly group: string;
    private readonly anyGroup: boolean;
    private readonly names: readonly string[] | undefined;
    private readonly patterns: readonly Pattern[] | undefined;

    constructor({ group = "", resources, resourceNames }: GroupResources, starIsAnyGroup: boolean) {
        this.group = group;
        this.anyGroup = group === "*" && starIsAnyGroup;
        this.names = textsOf(resourceNames);
        this.patterns = textsOf(resources)?.map(readPattern);
    }

    matches({ apiGroup = "", resource = "", subresource = "", name = "" }: Attributes): boolean {
        const { names, patterns } = this;
        if (apiGroup !== this.group && !this.anyGroup) {
            return false;
        }
        if (patterns === undefined) {
            return true;
        }
        if (names !== undefined && !has(names, name)) {
            return false;
        }
        for (let i = 0; i < patterns.length; i++) {
            const pattern = patterns[i]!;
            if (
                pattern.everything ||
                resource === pattern.withSubresources ||
                (subresource === ""
                    ? resource === pattern.text
                    : subresource === pattern.subresourceOfAll ||
                      (pattern.hasSlash && isJoined(pattern.text, resource, subresource)))
            ) {
                return true;
            }
        }
        return false;
    }
}

/** An entry of `resources`, taken apart for every way in which it can be met. */
interface Pattern {
    readonly text: string;
    readonly everything: boolean;
    readonly hasSlash: boolean;
    /** The resource that it names together with its subresources, as `pods/*` does. */
    readonly withSubresources: string | undefined;
    /** The subresource that it names of every resource. */
    readonly subresourceOfAll: string | undefined;
}

function readPattern(text: string): Pattern {
    return {
        text,
        everything: text === "*",
        hasSlash: text.includes("/"),
        withSubresources: text.endsWith("/*") ? text.slice(0, -2) : undefined,
        subresourceOfAll: text.startsWith("*/") ? text.slice(2) : undefined,
    };
}

/** Whether a text is a resource and a subresource with a slash in between, found out without making one. */
function isJoined(text: string, resource: string, subresource: string): boolean {
    return (
        text.length === resource.length + 1 + subresource.length &&
        text.startsWith(resource) &&
        text.charCodeAt(resource.length) === 47 &&
        text.endsWith(subresource)
    );
}

/** Each text once. */
function textsOf(list: readonly string[] | undefined): readonly string[] | undefined {
    return listOf([...new Set(list)]);
}

function listOf<T>(list: readonly T[] | undefined): readonly T[] | undefined {
    return list?.length ? list : undefined;
}

/** Faster than `includes` for the few texts that a rule has. */
function has(list: readonly string[], text: string): boolean {
    for (let i = 0; i < list.length; i++) {
        if (list[i] === text) {
            return true;
        }
    }
    return false;
}

function haveOne(list: readonly string[], texts: readonly string[] | undefined): boolean {
    if (texts !== undefined) {
        for (let i = 0; i < texts.length; i++) {
            if (has(list, texts[i]!)) {
                return true;
            }
        }
    }
    return false;
}
