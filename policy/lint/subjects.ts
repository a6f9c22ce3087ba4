import { warning, type Remark } from "../finding";
import { suggest } from "../suggest";
import type { LintContext } from "./context";

const knownUsers = [
    "system:admin",
    "system:anonymous",
    "system:apiserver",
    "system:cloud-controller-manager",
    "system:konnectivity-server",
    "system:kube-controller-manager",
    "system:kube-proxy",
    "system:kube-scheduler",
    "system:node-problem-detector",
    "system:unsecured",
];
const knownGroups = [
    "system:authenticated",
    "system:bootstrappers",
    "system:masters",
    "system:monitoring",
    "system:nodes",
    "system:serviceaccounts",
    "system:unauthenticated",
];

type Problem = Pick<Remark, "message" | "reason" | "fix">;

/** Users and groups that nobody is or is in. */
export function lintSubjects({ policy }: LintContext): Remark[] {
    return policy.rules.flatMap(({ users = [], userGroups = [] }, index) => [
        ...each(users, `rules[${index}].users`, "user-name", problemOfUser),
        ...each(userGroups, `rules[${index}].userGroups`, "user-group-name", problemOfGroup),
    ]);
}

function each(
    names: readonly string[],
    path: string,
    code: string,
    problemOf: (name: string) => Problem | undefined,
): Remark[] {
    return names.flatMap((name, j) => {
        const problem = name.includes("*") ? undefined : problemOf(name);
        return problem ? [{ ...warning(code, `${path}[${j}]`, ""), ...problem }] : [];
    });
}

function problemOfUser(name: string): Problem | undefined {
    if (name === "system:node" || name === "system:node:") {
        return {
            message: `no user is called ${JSON.stringify(name)}`,
            reason: "A node is the user system:node:<name>.",
            fix: "For all nodes, write system:nodes under userGroups.",
        };
    }
    if (knownGroups.includes(name) || /^system:(bootstrappers|serviceaccounts):[^:]+$/.test(name)) {
        return { message: `${JSON.stringify(name)} is a group, not a user`, fix: "Write it under userGroups." };
    }
    if (/^system:serviceaccounts?(:|$)/.test(name)) {
        return isServiceAccount(name) ? undefined : malformedServiceAccount(name);
    }
    return misspelt(name, knownUsers, "user");
}

function isServiceAccount(name: string): boolean {
    return /^system:serviceaccount:[^:]+:[^:]+$/.test(name);
}

function malformedServiceAccount(name: string): Problem {
    const parts = name.split(":").slice(2);
    return {
        message: `${JSON.stringify(name)} is no service account`,
        reason: "A service account is the user system:serviceaccount:<namespace>:<name>.",
        fix:
            parts.length === 2 && !parts.includes("")
                ? `Write system:serviceaccount:${parts.join(":")}.`
                : "Name one, or write the group system:serviceaccounts:<namespace> under userGroups for all of a namespace.",
    };
}

function problemOfGroup(name: string): Problem | undefined {
    if (name === "system:node") {
        return { message: 'no group is called "system:node"', fix: "Did you mean system:nodes?" };
    }
    if (knownUsers.includes(name) || /^system:node:./.test(name) || isServiceAccount(name)) {
        return { message: `${JSON.stringify(name)} is a user, not a group`, fix: "Write it under users." };
    }
    if (/^system:serviceaccounts?(:|$)/.test(name)) {
        return /^system:serviceaccounts(:[^:]+)?$/.test(name)
            ? undefined
            : {
                  message: `${JSON.stringify(name)} is no group of service accounts`,
                  reason: "The groups are system:serviceaccounts and system:serviceaccounts:<namespace>.",
                  fix: "Write one of them.",
              };
    }
    return misspelt(name, knownGroups, "group");
}

/** Names that begin with `system:` are the cluster's own, so one that is nearly a known one is misspelt. */
function misspelt(name: string, known: readonly string[], what: string): Problem | undefined {
    const meant = /^system[:-]/i.test(name) && !known.includes(name) ? suggest(name, known) : undefined;
    return meant === undefined
        ? undefined
        : { message: `no ${what} is known that is called ${JSON.stringify(name)}`, fix: `Did you mean ${meant}?` };
}
