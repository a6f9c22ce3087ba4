import type { Attributes } from "../policy/evaluate";
import { explain, type Explanation } from "../policy/explain";
import { findBuiltinResource } from "../policy/findResource";
import { positionAt } from "../policy/finding";
import { kubectlRequests, KubectlError, type Request } from "../policy/kubectl";
import { newestMinor } from "../policy/kubernetes";
import { resolveRequest } from "../policy/requestInfo";
import { defineCommand, UsageError } from "./command";
import { CommandError, ExitCode, printJson } from "./io";
import { parseVersion, readPolicy } from "./policyInput";

/** Whom kubeadm's admin.conf stands for. */
const ADMIN = { user: "kubernetes-admin", groups: ["kubeadm:cluster-admins", "system:authenticated"] };

const usage = `usage: kube-audit policy explain FILE 'kubectl COMMAND'
       kube-audit policy explain FILE 'METHOD PATH'
       kube-audit policy explain FILE --verb VERB (--resource RESOURCE | --path PATH)

Says which rule of a policy decides about a request, what is recorded of it, and why the rules before it did not match.
A kubectl command can make several requests; each is explained.

  FILE                  the policy, YAML or JSON; - reads standard input
  kubectl COMMAND       such as 'kubectl delete pod webapp-pod -n prod-namespace'
  METHOD PATH           such as 'GET /api/v1/namespaces/default/pods?watch=1'
  --verb VERB           get, list, watch, create, update, patch, delete, deletecollection…
  --resource RESOURCE   such as pods, pods/exec or deployments.apps
  --namespace, --name   of the object; default: none
  --path PATH           of a request that is not about a resource, such as /healthz
  --user USER           who makes the request; default: ${ADMIN.user}, in its groups
  --group GROUP         a group that the user is in; can be repeated; default: system:authenticated
  --unauthenticated     the authentication failed, so there is no user
  --kubernetes VERSION  the API server's version, such as 1.34 or v1.34.4; default: the newest known, 1.${newestMinor}
  --json                one JSON object on standard output: {file, requests: [{request, level, rule, omitStages,
                        omitManagedFields, mismatches: [{path, reason}]}]}; rule is null where none matches

Exit codes: 0 explained, 1 the policy cannot be used, 2 bad usage or unreadable file.
`;

const options = {
    verb: { type: "string" },
    resource: { type: "string" },
    namespace: { type: "string", short: "n" },
    name: { type: "string" },
    path: { type: "string" },
    user: { type: "string" },
    group: { type: "string", multiple: true },
    unauthenticated: { type: "boolean", default: false },
    kubernetes: { type: "string" },
    json: { type: "boolean", default: false },
} as const;

/** `kube-audit policy explain FILE …`. */
export const command = defineCommand({
    usage,
    options,
    run({ values, positionals }, io) {
        const [path, ...words] = positionals;
        if (path === undefined || (words.length === 0) === (values.verb === undefined)) {
            throw new UsageError("give one FILE, and a command, a request or --verb");
        }
        const kubernetes = parseVersion(values.kubernetes) ?? newestMinor;
        const asked =
            words.length > 0 ? commandRequests(words.join(" "), kubernetes) : [flagRequest(values, kubernetes)];
        const requests = asked.map((request) => ({ ...identity(values), ...request }));
        const { policy, file, text, document } = readPolicy(path, kubernetes, io);
        if (policy === undefined) {
            return ExitCode.Finding;
        }
        const explanations = requests.map((request) => ({ request, ...explain(policy, request, kubernetes) }));
        if (values.json) {
            const json = explanations.map(({ request, decision, mismatches }) => ({
                request,
                ...decision,
                rule: decision.rule ?? null,
                mismatches,
            }));
            printJson({ file, requests: json }, io);
        } else {
            const place = (path: string) => `${file}:${positionAt(text, document?.offsets.get(path) ?? 0).line}`;
            io.stdout(explanations.map((explanation) => inWords(explanation, place)).join("\n"));
        }
        return ExitCode.Ok;
    },
});

interface Values {
    verb?: string;
    resource?: string;
    namespace?: string;
    name?: string;
    path?: string;
    user?: string;
    group?: string[];
    unauthenticated?: boolean;
}

function identity({ user, group, unauthenticated }: Values): Pick<Attributes, "user" | "groups"> {
    if (unauthenticated) {
        return {};
    }
    return user === undefined && group === undefined
        ? ADMIN
        : { user: user ?? ADMIN.user, groups: group ?? ["system:authenticated"] };
}

function commandRequests(command: string, kubernetes: number): Request[] {
    const raw = /^([A-Z]+) +(\/\S*)$/.exec(command.trim());
    try {
        return raw
            ? [resolveRequest({ method: raw[1]!, url: raw[2]! })]
            : kubectlRequests(words(command), findBuiltinResource(kubernetes));
    } catch (error) {
        if (raw || error instanceof KubectlError) {
            throw new CommandError((error as Error).message);
        }
        throw error;
    }
}

/** The words of a command line, in which quotes keep spaces together. */
function words(command: string): string[] {
    const found = command.trim().match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
    return found.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, "$1$2"));
}

function flagRequest({ verb, resource, namespace = "", name = "", path }: Values, kubernetes: number): Request {
    if ((resource === undefined) === (path === undefined)) {
        throw new CommandError("with --verb, give either --resource or --path");
    }
    if (path !== undefined) {
        return { verb: verb!, path, isResource: false };
    }
    const [kind, subresource = ""] = resource!.split("/") as [string, string?];
    const [plural, ...group] = kind.split(".") as [string, ...string[]];
    const found = findBuiltinResource(kubernetes)(kind) ?? { group: group.join("."), resource: plural };
    return {
        verb: verb!,
        namespace,
        apiGroup: found.group,
        resource: found.resource,
        subresource,
        name,
        isResource: true,
    };
}

/** @param place - `FILE:LINE` of a path such as `rules[0].verbs` */
function inWords(
    { request, decision, mismatches }: Explanation & { request: Attributes },
    place: (path: string) => string,
): string {
    const { level, rule, omitStages, omitManagedFields } = decision;
    const without = [...omitStages, ...(omitManagedFields ? ["managed fields"] : [])];
    const tail = without.length === 0 ? "" : `, without ${without.join(", ")}`;
    const lines = [
        describe(request),
        ...mismatches.map(({ path, reason }) => `  ${place(path)}: ${path}: ${reason}`),
        rule === undefined
            ? "  no rule matches: nothing is recorded"
            : `  ${place(`rules[${rule}]`)}: rules[${rule}] decides: ${level === "None" ? "nothing is recorded" : level + tail}`,
    ];
    return lines.map((line) => `${line}\n`).join("");
}

function describe(request: Attributes): string {
    const { user, verb, namespace, apiGroup, resource, subresource, name, path, isResource } = request;
    const who = user === undefined ? "without authentication" : `by ${user}`;
    if (!isResource) {
        return `${verb} ${path} ${who}`;
    }
    const kind = `${resource}${apiGroup ? `.${apiGroup}` : ""}${subresource ? `/${subresource}` : ""}`;
    return [verb, kind, name, namespace && `in ${namespace}`, who].filter(Boolean).join(" ");
}
