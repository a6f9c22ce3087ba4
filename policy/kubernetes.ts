/** A Kubernetes 1.x minor version: 34 for every 1.34.z. */
export type KubernetesMinor = number;

/** The oldest minor version that understands `audit.k8s.io/v1` alone, as everything here assumes. */
export const oldestMinor: KubernetesMinor = 24;

/** The newest minor version whose behaviour is known here; later ones are taken to behave like it. */
export const newestMinor: KubernetesMinor = 36;

/** From this minor version on, `group: "*"` is every API group; before it, the API server refuses it. */
export const anyGroupSince: KubernetesMinor = 36;

/** From this minor version on, the API server logs the unknown and duplicate fields that it ignores. */
export const strictDecodingSince: KubernetesMinor = 26;

/** From this minor version on, the error about a key that is no text begins with a small letter. */
export const smallKeyErrorSince: KubernetesMinor = 31;

/** From this minor version on, errors about a field name the part of a Go type that it is embedded with. */
export const embeddedNameSince: KubernetesMinor = 35;

/** From this minor version on, the API server writes lists in its error messages as JSON; before it, as Go. */
export const jsonValuesSince: KubernetesMinor = 34;

/**
 * Reads a version as people and API servers write it: `1.34`, `v1.34.4`, `v1.33.5+k3s1`, `1.34.4-gke.100`.
 *
 * @returns the minor version; one newer than {@link newestMinor} is returned as it is
 * @throws Error when it is no such version, or older than {@link oldestMinor}
 */
export function parseKubernetesVersion(version: string): KubernetesMinor {
    const minor = /^v?1\.(\d{1,3})(?:\.\d+)?\+?(?:[-+][0-9A-Za-z.+-]*)?$/.exec(version.trim())?.[1];
    if (minor === undefined) {
        throw new Error(
            `"${version}" is not a Kubernetes version; write it like 1.${newestMinor} or v1.${newestMinor}.2.`,
        );
    }
    if (Number(minor) < oldestMinor) {
        throw new Error(
            `Kubernetes 1.${minor} is too old; audit.k8s.io/v1 policies are supported from 1.${oldestMinor} on.`,
        );
    }
    return Number(minor);
}
