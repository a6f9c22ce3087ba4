import { posix } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { findApiServer } from "./apiServerContainer";
import { LOG_DEFAULTS, auditFlags } from "./flags";
import { applyChanges, manifestChanges, type ManifestMount, type ManifestSettings } from "./manifestChanges";
import {
    applyOperations,
    isMarked,
    sha256,
    stripManifest,
    type EditOperation,
    type ManifestEdit,
} from "./manifestEdit";
import { ManifestError, isJson, readManifest, readManifestValue } from "./manifestSource";
import { planOperations } from "./manifestSurgery";
import type { AuditSettings } from "./settings";

export { inspectManifest, isApiServerPod, flagValue, type ApiServerManifest } from "./apiServerManifest";
export { mountOf, type MountFact } from "./apiServerContainer";
export type { ManifestMount, ManifestSettings } from "./manifestChanges";
export {
    DISPLACED_PREFIX,
    MANAGED_SUFFIX,
    applyEdit,
    isMarked,
    renderEdit,
    stripManifest,
    type EditOperation,
    type ManifestEdit,
} from "./manifestEdit";
export { ManifestError } from "./manifestSource";

/**
 * What a manifest is to have for some settings: the flags, the policies' directory and, unless the log goes to standard
 * output, the log's directory.
 */
export function manifestSettings(settings: AuditSettings): ManifestSettings {
    const policies: ManifestMount = {
        name: "kube-apiserver-audit-policy",
        path: posix.dirname(settings.policyFile),
        readOnly: true,
        type: "Directory",
    };
    const logPath = settings.log.path ?? LOG_DEFAULTS.path;
    const log: ManifestMount = {
        name: "kube-apiserver-audit-log",
        path: posix.dirname(logPath),
        readOnly: false,
        type: "DirectoryOrCreate",
        plainFiles: [logPath],
    };
    return { flags: auditFlags(settings), mounts: logPath === "-" ? [policies] : [policies, log] };
}

/**
 * Gives a manifest the settings. What an earlier patch did is undone first, so the result depends on what is theirs and
 * on the settings alone.
 *
 * @param manifest - the file's text, patched or not, any line ending
 * @throws ManifestError when the manifest cannot be edited; the message says why and what to do
 */
export function patchManifest(manifest: string, settings: ManifestSettings): string {
    const stripped = stripManifest(manifest);
    return applyOperations(stripped, plan(stripped, settings).operations);
}

/**
 * Says which lines turn a stripped manifest into a patched one.
 *
 * @param stripped - what {@link stripManifest} gave
 * @throws ManifestError when the manifest cannot be edited; the message says why and what to do
 */
export function planEdit(stripped: string, settings: ManifestSettings): ManifestEdit {
    const { operations, patched } = plan(stripped, settings);
    return { strippedSha256: sha256(stripped), patchedSha256: sha256(patched), operations };
}

function plan(stripped: string, settings: ManifestSettings): { operations: EditOperation[]; patched: string } {
    if (isMarked(stripped)) {
        throw new Error("An edit is planned for the stripped text; strip the manifest first.");
    }
    if (isJson(stripped)) {
        throw new ManifestError(
            "The manifest is JSON, which has no comments to mark lines with. Rewrite it as YAML, one key a line.",
        );
    }
    const source = readManifest(stripped);
    const container = findApiServer(source.value);
    const changes = manifestChanges(container, settings);
    const operations = planOperations(source, container.index, changes);
    const patched = applyOperations(stripped, operations);
    check(patched, applyChanges(source.value, container.index, changes));
    return { operations, patched };
}

/** The net under all of it: whatever the text looked like, the result must parse to the old pod with the changes. */
function check(patched: string, expected: unknown): void {
    let value: unknown;
    try {
        value = readManifestValue(patched);
    } catch (error) {
        if (!(error instanceof ManifestError)) {
            throw error;
        }
    }
    if (!isDeepStrictEqual(value, expected)) {
        throw new ManifestError(
            "The manifest is written in a way that cannot be edited line by line. Write it as kubeadm does: block style, one key a line, no anchors.",
        );
    }
}
