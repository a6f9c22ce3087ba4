import type { Attributes } from "../policy/evaluate";

/** What a request is about as kubectl writes it, such as `deployments.apps/scale`; its path where it is about no resource. */
export function nameResource({
    isResource,
    path = "",
    apiGroup = "",
    resource = "",
    subresource = "",
}: Attributes): string {
    if (!isResource) {
        return path;
    }
    return `${resource}${apiGroup === "" ? "" : `.${apiGroup}`}${subresource === "" ? "" : `/${subresource}`}`;
}
