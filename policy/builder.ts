import { oldestMinor } from "./kubernetes";
import type {
    CallerRequests,
    OneOrMore,
    PathRequests,
    PathVerb,
    ResourceRequests,
    Resources,
    ResourceVerb,
    Url,
} from "./requests";
import type { Level, Policy, PolicyRule, Stage } from "./types";
import { aggregateMessage, validatePolicy } from "./validate";

/** What a rule is about, as far as it has been said. A rule about paths cannot have resources or namespaces. */
type Subject = "anything" | "resources" | "paths";

/** A rule of which the level has not been said yet. */
type Draft = Omit<PolicyRule, "level"> & { level?: undefined };

/** Refuses, as a type, a URL with a `*` that is not its last character. */
type CheckedUrl<U extends string> = U extends "*"
    ? U
    : U extends `${string}*${infer Rest}`
      ? Rest extends ""
          ? U
          : never
      : U;

/** What a policy says besides its rules. */
export type PolicySettings = Pick<Policy, "metadata" | "omitStages" | "omitManagedFields">;

/** One rule, as a sentence: begun by {@link record} or {@link ignore}; every method gives a new sentence. */
export class RuleSentence<About extends Subject = Subject, Rule extends Draft | PolicyRule = PolicyRule> {
    declare protected readonly about: About;

    /** @param rule - what has been said so far */
    constructor(readonly rule: Rule) {}

    /** Only requests about these resources. Said again, it adds some. */
    of(
        this: RuleSentence<"anything" | "resources", Rule>,
        ...kinds: OneOrMore<Resources>
    ): RuleSentence<"resources", Rule> {
        const added = kinds.flatMap(({ resources }) => resources);
        return this.with({ resources: [...(this.rule.resources ?? []), ...added] });
    }

    /** Only requests about resources in these namespaces; `noNamespace` is those without one. Said again, it adds some. */
    in(
        this: RuleSentence<"anything" | "resources", Rule>,
        ...namespaces: OneOrMore<string>
    ): RuleSentence<"resources", Rule> {
        return this.with({ namespaces: [...(this.rule.namespaces ?? []), ...namespaces] });
    }

    /** Only requests about these paths, which are no resources. Said again, it adds some. */
    to<const Urls extends OneOrMore<Url>>(
        this: RuleSentence<"anything" | "paths", Rule>,
        ...urls: Urls & { readonly [Index in keyof Urls]: CheckedUrl<Urls[Index]> }
    ): RuleSentence<"paths", Rule> {
        return this.with({ nonResourceURLs: [...(this.rule.nonResourceURLs ?? []), ...urls] });
    }

    /** Only requests of these users. Said again, it adds some. */
    by(...users: OneOrMore<string>): RuleSentence<About, Rule> {
        return this.with({ users: [...(this.rule.users ?? []), ...users] });
    }

    /** Only requests of users in one of these groups; together with `by`, both have to hold. Said again, it adds some. */
    byGroup(...userGroups: OneOrMore<string>): RuleSentence<About, Rule> {
        return this.with({ userGroups: [...(this.rule.userGroups ?? []), ...userGroups] });
    }

    /** Without an event at these stages. Said again, it adds some. */
    omittingStages(...omitStages: OneOrMore<Stage>): RuleSentence<About, Rule> {
        return this.with({ omitStages: [...(this.rule.omitStages ?? []), ...omitStages] });
    }

    /** Whether `metadata.managedFields` is left out of recorded bodies, whatever the policy says of it. */
    omittingManagedFields(omitManagedFields = true): RuleSentence<About, Rule> {
        return this.with({ omitManagedFields });
    }

    /** How much is recorded: the sentence's end. What should not be recorded at all is what {@link ignore} is for. */
    at(this: RuleSentence<About, Draft>, level: Exclude<Level, "None">): RuleSentence<About> {
        return new RuleSentence<About, PolicyRule>({ ...this.rule, level });
    }

    private with<Now extends Subject>(said: Partial<Omit<PolicyRule, "level">>): RuleSentence<Now, Rule> {
        return new RuleSentence<Now, Rule>({ ...this.rule, ...said });
    }
}

/**
 * Begins a rule that records requests: `record("delete").of(pods("webapp-pod")).in("prod-namespace").at("Metadata")`.
 *
 * @param verbs - only requests with one of these verbs; none is every verb. Or a description of requests, such as
 * `secretsAndTokens()`
 */
export function record(requests: ResourceRequests): RuleSentence<"resources", Draft>;
export function record(requests: PathRequests): RuleSentence<"paths", Draft>;
export function record(requests: CallerRequests): RuleSentence<"anything", Draft>;
export function record(...verbs: (ResourceVerb | PathVerb)[]): RuleSentence<"anything", Draft>;
export function record(...what: Begun): RuleSentence<Subject, Draft> {
    return new RuleSentence(begin(what));
}

/**
 * Begins a rule that records nothing of requests: `ignore("watch").by("system:kube-proxy")`.
 *
 * @param verbs - only requests with one of these verbs; none is every verb. Or a description of requests, such as
 * `healthChecks()`
 */
export function ignore(requests: ResourceRequests): RuleSentence<"resources">;
export function ignore(requests: PathRequests): RuleSentence<"paths">;
export function ignore(requests: CallerRequests): RuleSentence<"anything">;
export function ignore(...verbs: (ResourceVerb | PathVerb)[]): RuleSentence<"anything">;
export function ignore(...what: Begun): RuleSentence {
    return new RuleSentence<Subject, PolicyRule>({ ...begin(what), level: "None" });
}

type Begun = [ResourceRequests | PathRequests | CallerRequests] | (ResourceVerb | PathVerb)[];

function begin(what: Begun): Draft {
    const [first] = what;
    return typeof first === "object" ? { ...first } : what.length === 0 ? {} : { verbs: what as string[] };
}

/**
 * A policy of these rules, the most specific first: the first that matches a request decides, and a request that none
 * matches is not recorded.
 *
 * @param settings - what holds for all rules; may be left out
 * @returns a plain policy, valid in every supported version
 * @throws Error with the API server's own complaints, where a text that was not known to the compiler is none it accepts
 */
export function policy(settings: PolicySettings, ...rules: OneOrMore<RuleSentence>): Policy;
export function policy(...rules: OneOrMore<RuleSentence>): Policy;
export function policy(first: PolicySettings | RuleSentence, ...others: RuleSentence[]): Policy {
    const [settings, sentences] = first instanceof RuleSentence ? [{}, [first, ...others]] : [first, others];
    const made: Policy = { ...settings, rules: sentences.map(({ rule }) => rule) };
    const violations = validatePolicy(made, oldestMinor);
    if (violations.length > 0) {
        throw new Error(`The API server would not accept this policy: ${aggregateMessage(violations)}`);
    }
    return made;
}
