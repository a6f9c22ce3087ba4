/**
 * The audit policy file, `audit.k8s.io/v1`, in the API server's own words. A value of these types can be given wherever
 * a policy's YAML text can; `renderPolicy` turns it into that text.
 */

/** How much of a request is recorded, in increasing order. Bodies exist only for requests about resources. */
export const levels = ["None", "Metadata", "Request", "RequestResponse"] as const;
/** One of {@link levels}. */
export type Level = (typeof levels)[number];

/** The moments of a request at which an event can be recorded, in the order in which they happen. */
export const stages = ["RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"] as const;
/** One of {@link stages}. */
export type Stage = (typeof stages)[number];

/** Resources of one API group. */
export interface GroupResources {
    /** The API group without its version, such as `apps`; `""`, the default, is the core group; `*` is every group, from Kubernetes 1.36 on. */
    group?: string;
    /**
     * Plural resource names such as `pods`, or `pods/log` for a subresource; `*` is everything, `*` + `/scale` that
     * subresource of everything, `pods/*` all subresources of pods and the pods themselves. Default: everything in the
     * group.
     */
    resources?: readonly string[];
    /** Object names; needs `resources`. Default: any name. */
    resourceNames?: readonly string[];
}

/** What to record of the requests that it matches: those that every one of its fields matches. */
export interface PolicyRule {
    level: Level;
    /** Exact user names. Default: any user, also none. */
    users?: readonly string[];
    /** Group names, one of which the user must be in. Default: any. */
    userGroups?: readonly string[];
    /** Verbs in lower case: `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`…. Default: any. */
    verbs?: readonly string[];
    /** Kinds of resources. Default: any. A rule with resources never matches a request that is not about a resource. */
    resources?: readonly GroupResources[];
    /** Namespaces; `""` is requests without one. Default: any. A rule with namespaces matches only requests about resources. */
    namespaces?: readonly string[];
    /** URL paths such as `/healthz`; a `*` may only be the last character. Not together with `resources` or `namespaces`. */
    nonResourceURLs?: readonly string[];
    /** Stages not recorded, on top of the policy's own. Default: none. */
    omitStages?: readonly Stage[];
    /** Whether `metadata.managedFields` is left out of recorded bodies. Default: the policy's own setting. */
    omitManagedFields?: boolean;
}

/** A whole policy. The first rule that matches a request decides; a request that none matches is not recorded. */
export interface Policy {
    /** Default `audit.k8s.io/v1`, the only version there is since Kubernetes 1.24. */
    apiVersion?: "audit.k8s.io/v1";
    /** Default `Policy`. */
    kind?: "Policy";
    /** Not used by the API server. */
    metadata?: PolicyMetadata;
    /** At least one rule, the most specific first. */
    rules: readonly PolicyRule[];
    /** Stages that are not recorded for any request. Default: none. */
    omitStages?: readonly Stage[];
    /** Whether `metadata.managedFields` is left out of recorded bodies, unless a rule says otherwise. Default false. */
    omitManagedFields?: boolean;
}

/** The part of an object's metadata that makes sense in a file. */
export interface PolicyMetadata {
    name?: string;
    namespace?: string;
    labels?: Readonly<Record<string, string>>;
    annotations?: Readonly<Record<string, string>>;
}
