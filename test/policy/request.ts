import type { Attributes } from "../../policy/evaluate";

/**
 * A request in words: `create alice :pods/exec in default named web`, `get alice /version`.
 *
 * The user `nobody` is none, as when authentication fails; every other user gets the groups that the API server would
 * give. A target with a colon is `group:resource/subresource`.
 */
export function request(text: string): Attributes {
    const [verb = "", name = "", target = "", ...rest] = text.split(" ");
    const after = (word: string) => (rest.includes(word) ? (rest[rest.indexOf(word) + 1] ?? "") : "");
    const who = name === "nobody" ? { verb } : { verb, user: name, groups: groupsOf(name) };
    if (target.startsWith("/")) {
        return { ...who, path: target, isResource: false };
    }
    const [apiGroup = "", kind = ""] = target.split(":");
    const [resource = "", subresource = ""] = kind.split("/");
    return { ...who, apiGroup, resource, subresource, namespace: after("in"), name: after("named"), isResource: true };
}

function groupsOf(user: string): string[] {
    if (user === "system:anonymous") {
        return ["system:unauthenticated"];
    }
    const [, kind, namespace = ""] = /^system:(node|serviceaccount):(.*?)(:|$)/.exec(user) ?? [];
    const own = {
        node: ["system:nodes"],
        serviceaccount: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`],
        "": user === "kubernetes-admin" ? ["system:masters"] : [],
    };
    return [...own[(kind ?? "") as keyof typeof own], "system:authenticated"];
}
