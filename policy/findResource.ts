import { builtinResources } from "./builtinResources";
import type { FindResource } from "./kubectl";
import type { KubernetesMinor } from "./kubernetes";

/**
 * Finds built-in resources by the names that kubectl takes: `pods`, `pod`, `Pod`, `po`, `deployments.apps`,
 * `deployments.v1.apps`. Of a name in several groups, the core group's is meant, or else the first group's by name.
 *
 * @param kubernetes - of this minor version; default: of any known one
 */
export function findBuiltinResource(kubernetes?: KubernetesMinor): FindResource {
    const known = builtinResources(kubernetes).filter(({ subresource }) => subresource === "");
    return (name) => {
        const [first, ...qualifiers] = name.toLowerCase().split(".") as [string, ...string[]];
        const groups = [qualifiers.join("."), qualifiers.slice(1).join(".")];
        return known.find(
            ({ group, resource, kind, shortNames }) =>
                (first === resource || first === kind.toLowerCase() || shortNames.includes(first)) &&
                (qualifiers.length === 0 || groups.includes(group)),
        );
    };
}
