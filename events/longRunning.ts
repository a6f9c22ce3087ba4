import type { Attributes } from "../policy/evaluate";

const verbs = ["watch", "proxy"];
const subresources = ["attach", "exec", "proxy", "log", "portforward"];

/**
 * Whether kube-apiserver takes a request for one that may run for long: such a request has the stage `ResponseStarted`, and
 * its answer is never recorded as a body.
 *
 * Source: k8s.io/apiserver, `pkg/server/filters/longrunning.go`, with kube-apiserver's own lists.
 */
export function isLongRunning({ verb, isResource, subresource = "", path = "" }: Attributes): boolean {
    return verbs.includes(verb) || (isResource ? subresources.includes(subresource) : path.startsWith("/debug/pprof/"));
}
