import { describeClass } from "../policy/classes/describe";
import type { RequestClass, TargetClass, TextSet } from "../policy/classes/requestClass";
import type { GroupResources, PolicyRule } from "../policy/types";

/** A rule in a line: `Metadata: get of secrets by anybody`. What earlier rules take away from it is not considered. */
export function describeRule(rule: PolicyRule): string {
    return `${rule.level}: ${describeClass(requestsOf(rule))}`;
}

const any: TextSet = { allBut: [] };

function requestsOf({ users, userGroups, verbs, resources, namespaces, nonResourceURLs }: PolicyRule): RequestClass {
    const about = Boolean(resources?.length || namespaces?.length);
    const urls = { only: nonResourceURLs?.length ? nonResourceURLs : ["*"], allBut: [] };
    const targets = { only: resources?.length ? resources.flatMap(targetsOf) : [everything], allBut: [] };
    return {
        users: textsOf(users),
        inGroups: userGroups?.length ? [userGroups] : [],
        notInGroups: [],
        verbs: textsOf(verbs),
        ...((about || !nonResourceURLs?.length) && { resources: { namespaces: textsOf(namespaces), targets } }),
        ...(!about && { urls }),
    };
}

const everything: TargetClass = { apiGroups: any, resources: any, subresources: any, names: any };

function targetsOf({ group = "", resources = [], resourceNames }: GroupResources): TargetClass[] {
    const inGroup = {
        ...everything,
        apiGroups: group === "*" ? any : { only: [group] },
        names: textsOf(resourceNames),
    };
    if (resources.length === 0) {
        return [inGroup];
    }
    return resources.map((pattern) => {
        const [resource = "", subresource = ""] = pattern.split("/", 2);
        return pattern === "*"
            ? inGroup
            : {
                  ...inGroup,
                  resources: textOf(resource),
                  subresources: pattern.includes("/") ? textOf(subresource) : { only: [""] },
              };
    });
}

function textsOf(texts: readonly string[] | undefined): TextSet {
    return texts?.length ? { only: texts } : any;
}

function textOf(text: string): TextSet {
    return text === "*" ? any : { only: [text] };
}
