import { builtinResourcesTable } from "./builtinResourcesTable";
import { newestMinor, oldestMinor, type KubernetesMinor } from "./kubernetes";

/** A resource that the API server serves by itself, or a subresource of one. */
export interface BuiltinResource {
    /** The API group; `""` is the core group. */
    group: string;
    /** The plural name, such as `pods`. */
    resource: string;
    /** Such as `log`; `""` is the resource itself. */
    subresource: string;
    /** What a request sends or gets, such as `Pod`. */
    kind: string;
    /** Whether its objects are in namespaces. */
    namespaced: boolean;
    /** The verbs that it is served with, in alphabetical order. */
    verbs: readonly string[];
    /** The minor versions that serve it in any API version, also where that is off by default; first and last of each run. */
    minors: readonly (readonly [KubernetesMinor, KubernetesMinor])[];
    /** What kubectl also calls it, such as `po`. */
    shortNames: readonly string[];
}

/** The verbs of most resources. */
export const usualVerbs = "create,delete,deletecollection,get,list,patch,update,watch";

let all: readonly BuiltinResource[] | undefined;

/**
 * The built-in resources and subresources, as the releases' own API descriptions have them, ordered by group and name.
 *
 * @param kubernetes - of this minor version, one newer than known being taken for the newest known; default: of any from
 *     {@link oldestMinor} to {@link newestMinor}
 */
export function builtinResources(kubernetes?: KubernetesMinor): readonly BuiltinResource[] {
    all ??= builtinResourcesTable.map(readLine);
    if (kubernetes === undefined) {
        return all;
    }
    const minor = Math.min(Math.max(kubernetes, oldestMinor), newestMinor);
    return all.filter(({ minors }) => minors.some(([from, to]) => from <= minor && minor <= to));
}

function readLine(line: string): BuiltinResource {
    const [group, name, kind, scope, verbs, minors, ...shortNames] = line.split(" ");
    const [resource, subresource = ""] = name!.split("/");
    return {
        group: group === "-" ? "" : group!,
        resource: resource!,
        subresource,
        kind: kind!,
        namespaced: scope === "Namespaced",
        verbs: (verbs === "*" ? usualVerbs : verbs!).split(","),
        minors: minors!.split(",").map((run) => run.split("-").map(Number) as [number, number]),
        shortNames,
    };
}
