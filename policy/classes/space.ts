import type { Attributes } from "../evaluate";
import type { KubernetesMinor } from "../kubernetes";
import type { PolicyRule } from "../types";
import { chooseAvoiding, Choices } from "./choose";
import {
    classifyTexts,
    onlyRule,
    rulesByText,
    rulesWhere,
    type RuleSet,
    type Text,
    type ValueClass,
} from "./dimension";
import { exampleOf, namedTexts, type NamedTexts } from "./example";
import { classifyPaths, type PathValue } from "./paths";
import { classifyTargets, likeliestTarget, type Target } from "./targets";

/** What a rule asks of a request. */
export type Condition = Pick<
    PolicyRule,
    "users" | "userGroups" | "verbs" | "namespaces" | "resources" | "nonResourceURLs"
>;

/** A request as far as rules tell it from others; attributes that do not apply are absent. */
export interface Point {
    /** `undefined` is a user whom no rule names, or none at all: no rule can tell one from the other. */
    user: Text;
    /** The fewest that it takes. */
    groups: readonly string[];
    verb: Text;
    namespace?: Text;
    target?: Target;
    path?: PathValue;
}

/** One attribute's classes, under the attribute's name. */
export interface Dimension {
    attribute: "user" | "verb" | "namespace" | "target" | "path";
    classes: readonly ValueClass<Point[Dimension["attribute"]]>[];
}

/** The requests of one kind, about resources or about other URLs, as the product of their attributes. */
export type Part = readonly Dimension[];

/** What to look for. */
export interface Search {
    /** Rules that all match. */
    wanted: RuleSet;
    /** Rules none of which matches. */
    unwanted: RuleSet;
}

/** The smallest product around some requests. */
export interface Reach {
    part: Part;
    /** The groups that the user of none of the requests is in. */
    notInGroups: readonly string[];
}

/**
 * All possible requests, in classes that a list of rules tells apart.
 *
 * Possible is any user, with any groups, or none; any verb, namespace and object name; any API group, resource and
 * subresource that is not `*`, the latter two without a slash; any path. That is more than an API server ever sees, so
 * that what is said to be impossible really is.
 */
export class RequestSpace {
    readonly resources: Part;
    readonly urls: Part;
    private readonly groups: ReturnType<typeof rulesByText>;
    private readonly named: NamedTexts;

    constructor(
        private readonly rules: readonly Condition[],
        version: KubernetesMinor,
    ) {
        this.named = namedTexts(rules);
        this.groups = rulesByText(rules.map(({ userGroups }) => userGroups));
        const user: Dimension = { attribute: "user", classes: unnamedFirst(rules.map(({ users }) => users)) };
        const verb: Dimension = { attribute: "verb", classes: classifyTexts(rules.map(({ verbs }) => verbs)) };
        const namespaces = unnamedFirst(rules.map((rule) => rule.namespaces));
        this.resources = [
            user,
            verb,
            { attribute: "namespace", classes: namespaces },
            { attribute: "target", classes: classifyTargets(rules, version) },
        ];
        this.urls = [user, verb, { attribute: "path", classes: classifyPaths(rules) }];
    }

    /** Finds a request that all the wanted rules match and none of the unwanted; about a resource if there is one. */
    find(search: Search): Point | undefined {
        return this.findIn(this.resources, search) ?? this.findIn(this.urls, search);
    }

    /** A request that is the point, as likely a one as there is. */
    exampleOf(point: Point): Attributes {
        return exampleOf(point, this.named);
    }

    /** Finds a request of one kind, which may be narrowed to some classes. */
    findIn(part: Part, { wanted, unwanted }: Search): Point | undefined {
        const matching = narrow(part, wanted);
        if (matching.some(({ classes }) => classes.length === 0)) {
            return undefined;
        }
        const memberships = this.memberships(wanted);
        const lists = [...matching.map(({ classes }) => classes), memberships].map((sets) =>
            sets.map(({ rules }) => rules),
        );
        const chosen = chooseAvoiding(lists, unwanted);
        if (!chosen) {
            return undefined;
        }
        const values = matching.map(({ attribute, classes }, i) => [
            attribute,
            likeliest(attribute, classes[chosen[i]!]!.values),
        ]);
        const { groups } = memberships[chosen.at(-1)!]!;
        return { groups, ...Object.fromEntries(values) } as Point;
    }

    /** Narrows a part to the classes that have a request which all the wanted rules match and none of the unwanted. */
    reach(part: Part, { wanted, unwanted }: Search): Reach {
        const matching = narrow(part, wanted);
        const memberships = this.memberships(wanted).map(({ rules }) => rules);
        const lists = [...matching.map(({ classes }) => classes.map(({ rules }) => rules)), memberships];
        const choices = new Choices(lists, unwanted);
        const reached = matching.map(({ attribute, classes }, position) => ({
            attribute,
            classes: classes.filter(({ rules }) => choices.isPossible(position, rules)),
        }));
        const notInGroups = [...this.groups.byText]
            .filter(([, more]) => !memberships.some((rules) => choices.isPossible(matching.length, rules | more)))
            .map(([group]) => group);
        return { part: reached, notInGroups: notInGroups.sort() };
    }

    /** Of some rules, those that match a request of a part in which its user is in none of some groups. */
    matching(part: Part, rules: RuleSet, notInGroups: readonly string[]): RuleSet {
        const ofAttributes = part.map(({ classes }) => classes.reduce((union, one) => union | one.rules, 0n));
        const ofGroups = rulesWhere(
            this.rules,
            ({ userGroups }) => !userGroups?.length || userGroups.some((group) => !notInGroups.includes(group)),
        );
        return ofAttributes.reduce((common, one) => common & one, rules & ofGroups);
    }

    /** The smallest sets of groups with which every wanted rule can match, and the rules that each satisfies. */
    private memberships(wanted: RuleSet): { groups: readonly string[]; rules: RuleSet }[] {
        let sets = new Map<string, readonly string[]>([["", []]]);
        for (const [index, { userGroups }] of this.rules.entries()) {
            if (!userGroups?.length || (wanted & onlyRule(index)) === 0n) {
                continue;
            }
            const larger = [...sets.values()].flatMap((set) =>
                set.some((name) => userGroups.includes(name)) ? [set] : userGroups.map((name) => [...set, name].sort()),
            );
            sets = new Map(larger.map((set) => [JSON.stringify(set), set]));
        }
        return [...sets.values()].map((groups) => ({ groups, rules: this.rulesOfGroups(groups) }));
    }

    private rulesOfGroups(groups: readonly string[]): RuleSet {
        const { byText, unrestricted } = this.groups;
        return groups.reduce((rules, group) => rules | (byText.get(group) ?? 0n), unrestricted);
    }
}

/** The classes that all of some rules accept. */
export function narrow(part: Part, wanted: RuleSet): Part {
    return part.map(({ attribute, classes }) => ({
        attribute,
        classes: classes.filter(({ rules }) => (rules & wanted) === wanted),
    }));
}

/** The classes of texts, the one that no rule names before the others, as it makes the more natural examples. */
function unnamedFirst(lists: readonly (readonly string[] | undefined)[]): ValueClass<Text>[] {
    return classifyTexts(lists).sort(
        (a, b) => Number(b.values.includes(undefined)) - Number(a.values.includes(undefined)),
    );
}

/** Of values that no rule tells apart, one that is most like what a cluster has. */
function likeliest(attribute: Dimension["attribute"], values: readonly Point[Dimension["attribute"]][]): unknown {
    switch (attribute) {
        case "user":
        case "namespace":
            return values.includes(undefined) ? undefined : (values.find((text) => text !== "") ?? values[0]);
        case "target":
            return likeliestTarget(values as Target[]);
        default:
            return values[0];
    }
}
