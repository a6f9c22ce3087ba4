import fc from "fast-check";
import type { Attributes } from "../../../policy/evaluate";
import { stages, type Policy, type PolicyRule } from "../../../policy/types";

/** Policies so small that all the requests which their rules can tell apart can be tried. */

const users = ["a", "b"];
const groups = ["g", "h"];
const verbs = ["get", "create"];
const namespaces = ["n", ""];
const apiGroups = ["", "apps"];
const resources = ["pods", "secrets"];
const subresources = ["", "log", "scale"];
const names = ["x", ""];
const patterns = ["pods", "secrets", "pods/*", "pods/log", "*/log", "secrets/scale", "*", "*/*", "a/b/c"];
const urls = ["*", "/*", "/a", "/a*", "/a/*", "/a/b", "/b"];
const paths = ["", "/", "/a", "/ax", "/a/", "/a/b", "/a/b/c", "/b", "/c"];

const sparse: { requiredKeys: never[] } = { requiredKeys: [] };

function some(values: readonly string[]): fc.Arbitrary<string[]> {
    return fc.oneof(
        fc.subarray([...values], { minLength: 1 }),
        fc.constant(values.slice(0, 1)),
        fc.constant<string[]>([]),
    );
}

const groupResources = fc
    .record(
        { group: fc.constantFrom(...apiGroups, "*"), resources: some(patterns), resourceNames: some(names) },
        sparse,
    )
    .map(({ resourceNames, ...entry }) =>
        entry.resources?.length && resourceNames ? { ...entry, resourceNames } : entry,
    );

const decision = fc.record(
    {
        level: fc.constantFrom<PolicyRule["level"]>("None", "Metadata", "Request"),
        omitStages: fc.subarray([...stages], { maxLength: 1 }),
        omitManagedFields: fc.boolean(),
    },
    { requiredKeys: ["level"] },
);

const condition = fc.record({ users: some(users), userGroups: some(groups), verbs: some(verbs) }, sparse);

const subject = fc.oneof(
    {
        weight: 3,
        arbitrary: fc.record(
            { resources: fc.array(groupResources, { maxLength: 2 }), namespaces: some(namespaces) },
            sparse,
        ),
    },
    { weight: 1, arbitrary: fc.record({ nonResourceURLs: some(urls) }, sparse) },
);

const rule: fc.Arbitrary<PolicyRule> = fc
    .tuple(decision, condition, subject)
    .map(([d, c, s]) => ({ ...d, ...c, ...s }));

export const smallPolicies: fc.Arbitrary<Policy> = fc.record(
    {
        rules: fc.array(rule, { minLength: 1, maxLength: 5 }),
        omitStages: fc.subarray([...stages], { maxLength: 1 }),
        omitManagedFields: fc.boolean(),
    },
    { requiredKeys: ["rules"] },
);

/** Every request that {@link smallPolicies} can tell from others, and then some. */
export const everyRequest: readonly Attributes[] = [...requests()];

function* requests(): Generator<Attributes> {
    const memberships = [[], ["g"], ["h"], ["g", "h"], ["i"]];
    const identities = [
        { groups: [] },
        ...["a", "b", "c"].flatMap((user) => memberships.map((set) => ({ user, groups: set }))),
    ];
    for (const identity of identities) {
        for (const verb of [...verbs, "delete"]) {
            for (const path of paths) {
                yield { ...identity, verb, path, isResource: false };
            }
            for (const namespace of [...namespaces, "m"]) {
                for (const apiGroup of [...apiGroups, "batch"]) {
                    for (const resource of [...resources, "nodes"]) {
                        for (const subresource of [...subresources, "exec"]) {
                            for (const name of [...names, "y"]) {
                                yield {
                                    ...identity,
                                    verb,
                                    namespace,
                                    apiGroup,
                                    resource,
                                    subresource,
                                    name,
                                    isResource: true,
                                };
                            }
                        }
                    }
                }
            }
        }
    }
}
