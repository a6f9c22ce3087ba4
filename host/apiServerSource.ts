/** What starts the API server of a host: the kubelet, from kubeadm's static-pod manifest, or systemd, from a unit. */
export type Flavour = "kubeadm" | "systemd";

/** Where a host's API server is looked for. */
export interface ApiServerSource {
    /** `auto`: the manifest where there is one, else the unit. */
    readonly flavour: Flavour | "auto";
    /** The unit's name, with its `.service`. */
    readonly unit: string;
}

export const DEFAULT_SOURCE: ApiServerSource = { flavour: "auto", unit: "kube-apiserver.service" };

/**
 * Reads what the program says of it.
 *
 * @returns the source, or what is wrong
 */
export function apiServerSource(flavour: string | undefined, unit: string | undefined): ApiServerSource | string {
    // Programs in other languages can give any text.
    if (flavour !== undefined && flavour !== "kubeadm" && flavour !== "systemd") {
        return `flavour is ${JSON.stringify(flavour)}; give kubeadm or systemd, or leave it out.`;
    }
    if (unit === undefined) {
        return { ...DEFAULT_SOURCE, flavour: flavour ?? "auto" };
    }
    if (flavour === "kubeadm") {
        return "unit is given with flavour kubeadm, whose API server is a static pod; leave one of them out.";
    }
    if (!/^[A-Za-z0-9_][A-Za-z0-9:_.\\@-]{0,240}\.service$/.test(unit)) {
        return `unit is ${JSON.stringify(unit)}; give the name of a service, such as kube-apiserver.service.`;
    }
    // A unit that is named is meant, whatever else there is.
    return { flavour: "systemd", unit };
}
