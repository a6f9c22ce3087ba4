import { manifestSettings } from "./kubeadmManifest";
import { sha256 } from "./manifestEdit";
import { renderItem, yamlScalar } from "./manifestItems";
import { configMapScript } from "./script";
import type { AuditSettings } from "./settings";

/** What writing to kubeadm's configuration came to. */
export interface KubeadmConfigReport {
    /** Whether the text was written; it is not where it has the settings already. */
    readonly changed: boolean;
    /** Why the settings are not there, and what would be lost. */
    readonly warnings: readonly string[];
}

/**
 * The standard input that puts the settings into kubeadm's own configuration of the cluster, or takes them out, by the
 * word given to the shell: `apply` or `remove`.
 *
 * @param plans - the hosts' transactions: where one is made again, for a repair, this is another command, too
 */
export function kubeadmConfigScript(settings: AuditSettings, plans: readonly string[]): string {
    const token = sha256(plans.join("")).slice(0, 16);
    return configMapScript([`plans ${token}`, ...configurationEntries(settings), ""].join("\n"));
}

/**
 * The settings as `patch_configuration` in `kubeadmConfig.sh` reads them: flags as a list, which kubeadm.k8s.io/v1beta4
 * and later have, and as a map, which those before have; then the volumes, and the paths that they are mounted at.
 */
export function configurationEntries(settings: AuditSettings): string[] {
    const { flags, mounts } = manifestSettings(settings);
    const pairs = flags.map((flag): [string, string] => {
        const equals = flag.indexOf("=");
        return [flag.slice("--".length, equals), flag.slice(equals + 1)];
    });
    const volumes = mounts.map(({ name, path, type, readOnly }) => ({
        hostPath: path,
        mountPath: path,
        name,
        pathType: type,
        ...(readOnly && { readOnly }),
    }));
    const text = (line: string) => `+${line}`;
    return [
        "list",
        ...pairs.flatMap(([name, value]) => renderItem({ name, value })).map(text),
        "map",
        ...pairs.map(([name, value]) => text(`${yamlScalar(name)}: ${yamlScalar(value)}`)),
        "volumes",
        ...volumes.flatMap(renderItem).map(text),
        ...mounts.flatMap(({ path, plainFiles = [] }) => [path, ...plainFiles]).map((path) => `path ${path}`),
    ];
}

/**
 * Reads what the command printed.
 *
 * @throws Error where it is no report
 */
export function parseKubeadmConfigReport(output: string): KubeadmConfigReport {
    try {
        return JSON.parse(output.slice(output.indexOf("{"))) as KubeadmConfigReport;
    } catch {
        throw new Error("The report on kubeadm's configuration is not the JSON document that the command prints.");
    }
}
