import { checkVersion, readManifest, refusingHost } from "./assess";
import {
    applyEdit,
    inspectManifest,
    manifestSettings,
    mountOf,
    planEdit,
    renderEdit,
    stripManifest,
} from "./kubeadmManifest";
import { parseObservation } from "./observation";
import { beforeJoinScript, isBeforeJoin } from "./preJoin";
import { proofs } from "./proof";
import { probeScript, transactionScript } from "./script";
import { logDirectoryMode, sha256, type Wish } from "./wish";

/** Room that a started API server needs for its first events, in KiB. */
const FREE_LOG_KIB = 16384;

/** The standard input that reads a host for a plan; its token makes it another command when there is something new to read. */
export function inspectScript(generation: string): string {
    return `echo "generation ${generation}"\n${probeScript()}`;
}

/** What is to be done on a host. */
export interface TransactionPlan {
    /** The standard input of the transaction. */
    readonly script: string;
    /**
     * Whether nothing of the manifest's own text is in it. A list in flow style, `[a, b]`, cannot be added to line by
     * line, so its items are written again, and one of them may be a secret.
     */
    readonly showable: boolean;
}

/**
 * Says what to do on a host.
 *
 * @param host - the host's name, for messages
 * @param inspected - what {@link inspectScript} printed
 * @param preJoin - whether it may be a host that has not joined the cluster yet
 * @throws HostError where the manifest cannot be edited, or the API server's version would refuse the settings
 */
export function planTransaction(host: string, inspected: string, wish: Wish, preJoin = false): TransactionPlan {
    const generation = /^generation ([0-9a-f]+)$/m.exec(inspected)?.[1] ?? "";
    const observation = parseObservation(inspected);
    if (isBeforeJoin(observation, preJoin)) {
        return { script: beforeJoinScript(host, generation, wish), showable: true };
    }
    const manifest = readManifest(observation);
    checkVersion(manifest, wish);
    const settings = manifestSettings(wish.settings);
    const { log } = wish.settings;
    const stripped = stripManifest(manifest.text);
    const edit = refusingHost(() => planEdit(stripped, settings));
    const { mounts } = inspectManifest(applyEdit(stripped, edit));
    const lines: [string, string | number][] = [
        ["host", host],
        ["owner", wish.owner],
        ["adopt", wish.adopt ? "yes" : "no"],
        ["address", manifest.address],
        ["port", manifest.securePort],
        ["policy", wish.settings.policyFile],
        ["policy-sha256", sha256(wish.policyText)],
        ...settings.flags.map((flag): [string, string] => ["flag", flag]),
        // One of theirs that serves is left as it is, also where it is writable and ours would not be.
        ...settings.mounts.map(({ name, path }): [string, string] => [
            "mount",
            `${name} ${mountOf(path, mounts)?.readOnly ? "ro" : "rw"} ${path}`,
        ]),
        ["log", log.path === "-" ? "" : log.path!],
        ["log-directory-mode", logDirectoryMode(wish)],
        ["log-free-kib", FREE_LOG_KIB],
        ["reader-group", wish.readerGroup],
        ["timeout-seconds", wish.timeoutSeconds],
        ["purge-logs-on-delete", wish.purgeLogsOnDelete ? "yes" : "no"],
        ...(wish.health === "ready"
            ? [{ client: "none", value: "rollout.health asks for none." }]
            : proofs(wish.policy, log, wish.kubernetes ?? manifest.kubernetes)
        ).map(({ client, value }): [string, string] => ["proof", `${client} ${value}`]),
        ["generation", generation],
        ["stripped-sha256", edit.strippedSha256],
        ["patched-sha256", edit.patchedSha256],
    ];
    const script = transactionScript({
        "policy.yaml": wish.policyText,
        settings: lines.map(([name, value]) => `${name} ${value}\n`).join(""),
        edit: renderEdit(edit)
            .map((line) => `${line}\n`)
            .join(""),
    });
    const showable = edit.operations.every(
        (operation) => operation.kind === "displace" || operation.copies === undefined,
    );
    return { script, showable };
}
