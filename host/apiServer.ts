import type { KubernetesMinor } from "../policy/kubernetes";
import type { EditableManifest } from "./assess";
import { findDrift, type Drift } from "./drift";
import { isOwnedFlag } from "./flags";
import { refusingHost } from "./hostError";
import {
    applyEdit,
    inspectManifest,
    isMarked,
    manifestSettings,
    mountOf,
    patchManifest,
    planEdit,
    renderEdit,
    stripManifest,
} from "./kubeadmManifest";
import type { Observation } from "./observation";
import { MANIFEST } from "./paths";
import type { KubeletClient } from "./proof";
import type { Receipt } from "./receipt";
import type { AuditSettings } from "./settings";

/** What an update does to the one file that carries the flags. */
export interface FileChange {
    /** What the runner is told of it: names and values. */
    readonly settings: readonly (readonly [string, string])[];
    /** The directories that the API server is to see, as the runner notes them down. */
    readonly mounts: readonly string[];
    /** The operations, a line each. */
    readonly edit: readonly string[];
    readonly strippedSha256: string;
    readonly patchedSha256: string;
    /** Whether nothing of their own text is in the operations. */
    readonly showable: boolean;
}

/** A host's API server and the file that an update gives it its flags with, whoever starts it. */
export interface ApiServer {
    /** The manifest, or our drop-in of the unit. */
    readonly file: string;
    /** The file's text; empty where there is none. */
    readonly text: string;
    /** Whether our settings are in it. */
    readonly isMarked: boolean;
    /** The API server's minor version, where it is known. */
    readonly kubernetes: KubernetesMinor | undefined;
    /** Where it answers itself, not a load balancer before it. */
    readonly address: string;
    readonly securePort: number;
    /** The flags of ours that it is given without us. */
    readonly theirFlags: readonly string[];
    /** Who the runner is to it with its own client certificate. */
    readonly kubeletClient: KubeletClient;
    /** What a restart that nothing else explains is called. */
    readonly changeWords: string;
    /** Compares it with what was last applied. */
    drifts(receipt: Receipt | undefined): Drift[];
    /** Whether it would be the same API server with these settings, so that nothing has to be restarted. */
    remains(settings: AuditSettings): boolean;
    /** @throws HostError where it cannot be given the settings */
    plan(settings: AuditSettings): FileChange;
}

/** The API server that the kubelet starts. */
export function staticPod(observation: Observation, manifest: EditableManifest): ApiServer {
    const { text } = manifest;
    const stripped = stripManifest(text);
    return {
        file: MANIFEST,
        text,
        isMarked: isMarked(text),
        kubernetes: manifest.kubernetes,
        address: manifest.address,
        securePort: manifest.securePort,
        get theirFlags() {
            return refusingHost(MANIFEST, () => inspectManifest(stripped)).flags.filter((flag) =>
                isOwnedFlag(flag.split("=", 1)[0]!),
            );
        },
        kubeletClient: "kubeadm",
        changeWords: "its manifest changes",
        drifts: (receipt) => findDrift(observation, receipt, manifest),
        remains: (settings) => {
            const patched = refusingHost(MANIFEST, () => patchManifest(text, manifestSettings(settings)));
            return withoutMarks(patched) === withoutMarks(text);
        },
        plan: (settings) => {
            const wanted = manifestSettings(settings);
            const edit = refusingHost(MANIFEST, () => planEdit(stripped, wanted));
            const { mounts } = inspectManifest(applyEdit(stripped, edit));
            return {
                settings: [],
                // One of theirs that serves is left as it is, also where it is writable and ours would not be.
                mounts: wanted.mounts.map(
                    ({ name, path }) => `${name} ${mountOf(path, mounts)?.readOnly ? "ro" : "rw"} ${path}`,
                ),
                edit: renderEdit(edit),
                strippedSha256: edit.strippedSha256,
                patchedSha256: edit.patchedSha256,
                showable: edit.operations.every(
                    (operation) => operation.kind === "displace" || operation.copies === undefined,
                ),
            };
        },
    };
}

/** The manifest as the kubelet sees it: comments of ours make no difference to the pod. */
function withoutMarks(manifest: string): string {
    return manifest
        .split("\n")
        .filter((line) => !line.startsWith("# displaced-by: kube-apiserver-audit: "))
        .map((line) => line.replace(/ # managed-by: kube-apiserver-audit.*$/, ""))
        .join("\n");
}
