import type { Remark } from "../finding";
import { lintCredentials } from "./credentials";
import type { LintContext } from "./context";
import { lintReachability } from "./reachability";
import { lintResources } from "./resources";
import { lintStages } from "./stages";
import { lintSubjects } from "./subjects";
import { lintValues } from "./values";
import { lintVerbs } from "./verbs";
import { lintVolume } from "./volume";

/** What each code of a lint finding means. */
export const lintRules: Readonly<Record<string, string>> = {
    "unreachable-rule":
        "No request reaches the rule: earlier rules match all of them, or it lists nothing that exists.",
    "shadowed-value": "A value in the rule has no effect: earlier rules decide all its requests, differently.",
    "impossible-resource": "A pattern for resources that matches nothing, such as */*, or one in upper case.",
    "unknown-resource": "A built-in API group has no such resource, such as deployments in the core group.",
    "unknown-subresource": "A built-in resource has no such subresource.",
    "cluster-resource": "A resource that is in no namespace, in a rule for namespaces.",
    "any-group": "group: * is for a version that knows it, and keeps an older API server from starting.",
    "names-without-request": "resourceNames with create or deletecollection, whose requests name no object.",
    "whole-resource": "pods/* matches pods, too.",
    "unknown-verb": "A verb that no request has which the rule could match.",
    "no-pattern": "A * in a field that knows no patterns.",
    "user-name": "A user that nobody is, such as system:node, or a group among the users.",
    "user-group-name": "A group that nobody is in, or a user among the groups.",
    "duplicate-value": "A value that is given twice.",
    "credential-body": "Bodies of secrets or tokens are recorded; of config maps, too, where asked for.",
    "sensitive-body": "Bodies of certificate signing requests are recorded.",
    "omits-failed-authentication": "ResponseStarted is omitted, so failed authentication is not recorded.",
    "omits-session-start":
        "ResponseStarted is omitted, so exec, attach and port-forward are recorded only at their end.",
    "records-nothing": "Every stage is omitted.",
    "level-without-effect": "The level asks for bodies that are never recorded.",
    "bodies-of-reads": "RequestResponse for all that anyone reads.",
    "node-leases": "The heartbeat of every node reaches a catch-all.",
    "one-events-group": "Events of the core group and of events.k8s.io are treated differently.",
    "silence-syntax": "A comment to silence a finding that names no code, or a code that does not exist.",
    "silence-without-reason": "A comment to silence a finding that gives no reason.",
    "unused-silence": "A comment that silences no finding.",
};

/** Everything that there is to say about a policy. */
export function lintAll(context: LintContext): Remark[] {
    return [
        lintReachability,
        lintResources,
        lintVerbs,
        lintValues,
        lintSubjects,
        lintCredentials,
        lintStages,
        lintVolume,
    ].flatMap((lint) => lint(context));
}
