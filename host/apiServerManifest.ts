import { parseAllDocuments, type Document } from "yaml";
import type { KubernetesMinor } from "../policy/kubernetes";
import { asFields, findApiServer, runsApiServer, type MountFact } from "./apiServerContainer";
import { readManifestValue } from "./manifestSource";

/** What a manifest says about the API server that it runs. */
export interface ApiServerManifest {
    readonly image: string | undefined;
    /** From the image's tag, 34 for `v1.34.4`; undefined where the tag says no version. */
    readonly kubernetes: KubernetesMinor | undefined;
    /** From command and args, each as `--name=value`, also where two items carry them; a bare `--name` stays bare. */
    readonly flags: readonly string[];
    readonly mounts: readonly MountFact[];
    /** `--advertise-address`. */
    readonly advertiseAddress: string | undefined;
    /** `--secure-port`; the API server's default is 6443. */
    readonly securePort: number;
    /** The kubelet's default is 30. */
    readonly terminationGracePeriodSeconds: number;
}

/**
 * Reads from a manifest what others need to know of it; YAML or JSON.
 *
 * @throws ManifestError when it is not one pod that runs kube-apiserver
 */
export function inspectManifest(text: string): ApiServerManifest {
    const pod = readManifestValue(text);
    const container = findApiServer(pod);
    const image = typeof container.fields.image === "string" ? container.fields.image : undefined;
    const flags = container.flags.map((flag) => flag.text);
    const grace = asFields(pod.spec).terminationGracePeriodSeconds;
    return {
        image,
        kubernetes: minorOf(image),
        flags,
        mounts: container.mounts,
        advertiseAddress: flagValue(flags, "--advertise-address"),
        securePort: Number(flagValue(flags, "--secure-port") ?? 6443),
        terminationGracePeriodSeconds: typeof grace === "number" ? grace : 30,
    };
}

/** The value that the API server takes of a flag: the last one given. */
export function flagValue(flags: readonly string[], name: string): string | undefined {
    return flags.findLast((flag) => flag.startsWith(`${name}=`))?.slice(name.length + 1);
}

/**
 * Whether the kubelet would take a file for a kube-apiserver pod: by the pod's name, or by what a container runs.
 * Never throws, whatever the text.
 */
export function isApiServerPod(text: string): boolean {
    try {
        const documents = parseAllDocuments(text, { version: "1.1", uniqueKeys: false, logLevel: "silent" });
        return Array.isArray(documents) && documents.some(holdsApiServer);
    } catch {
        return false;
    }
}

function holdsApiServer(document: Document.Parsed): boolean {
    const pod = asFields(document.toJS());
    if (pod.kind !== "Pod") {
        return false;
    }
    const { containers } = asFields(pod.spec);
    return (
        asFields(pod.metadata).name === "kube-apiserver" ||
        (Array.isArray(containers) && containers.some((container) => runsApiServer(asFields(container))))
    );
}

function minorOf(image: string | undefined): KubernetesMinor | undefined {
    const minor = /:v?1\.(\d{1,3})(?!\d)[^/]*$/.exec(image ?? "")?.[1];
    return minor === undefined ? undefined : Number(minor);
}
