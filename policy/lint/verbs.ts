import { warning, type Remark } from "../finding";
import { suggest } from "../suggest";
import type { PolicyRule } from "../types";
import { enumerate } from "./words";
import type { LintContext } from "./context";

const resourceVerbs = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];
const methods = ["get", "head", "post", "put", "patch", "delete", "options", "connect", "trace"];
/** The API server has these, too: of the legacy path `/api/v1/proxy/`, and of a method that is no verb. */
const rareVerbs = ["proxy", ""];
const methodOf: Readonly<Record<string, string>> = {
    list: "get",
    watch: "get",
    create: "post",
    update: "put",
    deletecollection: "delete",
};
const verbOf: Readonly<Record<string, string>> = { head: "get", post: "create", put: "update" };
/** Verbs that are only asked about when something is authorized. */
const rbacVerbs = ["use", "bind", "escalate", "impersonate", "approve", "sign", "attest"];
const subresources = ["exec", "attach", "portforward", "log", "scale", "eviction"];

/** Verbs that no request has which the rule could match. */
export function lintVerbs({ policy }: LintContext): Remark[] {
    return policy.rules.flatMap((rule, index) =>
        (rule.verbs ?? []).flatMap((verb, j) => {
            const problem = verb.includes("*") ? undefined : problemOf(verb, rule);
            return problem ? [{ ...problem, path: `rules[${index}].verbs[${j}]` }] : [];
        }),
    );
}

function problemOf(verb: string, rule: PolicyRule): Remark | undefined {
    const aboutUrls = Boolean(rule.nonResourceURLs?.length);
    const aboutResources = Boolean(rule.resources?.length) || Boolean(rule.namespaces?.length);
    if (aboutUrls) {
        return methods.includes(verb) ? undefined : notAMethod(verb);
    }
    const known = [...resourceVerbs, ...rareVerbs, ...(aboutResources ? [] : methods)];
    return known.includes(verb) ? undefined : notAVerb(verb, aboutResources ? "request about a resource" : "request");
}

function notAMethod(verb: string): Remark {
    const method = methodOf[verb] ?? suggest(verb, methods);
    return warning("unknown-verb", "", `no request for a URL has the verb ${JSON.stringify(verb)}`, {
        reason: "The verb of a request that is not about a resource is its HTTP method in lower case.",
        fix: method === undefined ? `Use ${enumerate(methods)}, or leave verbs out.` : `Write ${method}.`,
    });
}

function notAVerb(verb: string, what: string): Remark {
    const message = `no ${what} has the verb ${JSON.stringify(verb)}`;
    if (verbOf[verb] !== undefined) {
        return warning("unknown-verb", "", message, {
            reason: "It is an HTTP method; the API server makes a verb of its own of it.",
            fix: `Write ${verbOf[verb]}.`,
        });
    }
    if (rbacVerbs.includes(verb)) {
        return warning("unknown-verb", "", message, {
            reason: "Only roles have it; requests that need the permission have other verbs.",
            fix: "Remove it.",
        });
    }
    if (subresources.includes(verb)) {
        return warning("unknown-verb", "", message, {
            reason: `${verb} is a subresource.`,
            fix: `Write it under resources, as in pods/${verb}.`,
        });
    }
    const meant = suggest(verb, resourceVerbs);
    return warning("unknown-verb", "", message, {
        reason: "Verbs are compared letter by letter, and all are in lower case.",
        fix: meant === undefined ? `Use ${enumerate(resourceVerbs)}.` : `Did you mean ${meant}?`,
    });
}
