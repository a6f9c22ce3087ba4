import type { ApiServerSource } from "./apiServerSource";
import { checkVersion, readApiServer } from "./assess";
import { manifestSettings } from "./kubeadmManifest";
import { parseObservation } from "./observation";
import { beforeJoinScript, isBeforeJoin } from "./preJoin";
import { proofs } from "./proof";
import { probeScript, transactionScript } from "./script";
import { logDirectoryMode, sha256, type Wish } from "./wish";

/** Room that a started API server needs for its first events, in KiB. */
const FREE_LOG_KIB = 16384;

/** The standard input that reads a host for a plan; its token makes it another command when there is something new to read. */
export function inspectScript(generation: string, source?: ApiServerSource): string {
    return `echo "generation ${generation}"\n${probeScript(source)}`;
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
    const server = readApiServer(observation, wish);
    checkVersion(server, wish);
    const { log } = wish.settings;
    const change = server.plan(wish.settings);
    const lines: (readonly [string, string | number])[] = [
        ["host", host],
        ["owner", wish.owner],
        ["adopt", wish.adopt ? "yes" : "no"],
        ...change.settings,
        ["address", server.address],
        ["port", server.securePort],
        ["policy", wish.settings.policyFile],
        ["policy-sha256", sha256(wish.policyText)],
        ...manifestSettings(wish.settings).flags.map((flag): [string, string] => ["flag", flag]),
        ...change.mounts.map((mount): [string, string] => ["mount", mount]),
        ["log", log.path === "-" ? "" : log.path!],
        ["log-directory-mode", logDirectoryMode(wish)],
        ["log-free-kib", FREE_LOG_KIB],
        ["reader-group", wish.readerGroup],
        ["timeout-seconds", wish.timeoutSeconds],
        ["purge-logs-on-delete", wish.purgeLogsOnDelete ? "yes" : "no"],
        ...(wish.health === "ready"
            ? [{ client: "none", value: "rollout.health asks for none." }]
            : proofs(wish.policy, log, wish.kubernetes ?? server.kubernetes, server.kubeletClient)
        ).map(({ client, value }): [string, string] => ["proof", `${client} ${value}`]),
        ["generation", generation],
        ["stripped-sha256", change.strippedSha256],
        ["patched-sha256", change.patchedSha256],
    ];
    const script = transactionScript({
        "policy.yaml": wish.policyText,
        settings: lines.map(([name, value]) => `${name} ${value}\n`).join(""),
        edit: change.edit.map((line) => `${line}\n`).join(""),
    });
    return { script, showable: change.showable };
}
