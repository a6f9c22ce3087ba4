import { checkOwner, generation, readReceipt, type Assessment } from "./assess";
import { fileDrift } from "./drift";
import { manifestSettings } from "./kubeadmManifest";
import type { Observation } from "./observation";
import { MANIFEST } from "./paths";
import { transactionScript } from "./script";
import { logDirectoryMode, sha256, type Wish } from "./wish";

/**
 * Whether a host has no API server yet, nor is expected to have one. It is given the policy, so that an API server can
 * start there whose manifest kubeadm writes with our flags; once it has joined, it is a host like any other.
 *
 * @param preJoin - what the program says of the host
 */
export function isBeforeJoin(observation: Observation, preJoin: boolean): boolean {
    return preJoin && observation.unit === undefined && !observation.files.has(MANIFEST);
}

/**
 * Compares such a host with its receipt, and with what the program wants.
 *
 * @throws HostError where another stack has set it up
 */
export function assessBeforeJoin(observation: Observation, wish: Wish): Assessment {
    const receipt = readReceipt(observation);
    checkOwner(receipt, wish);
    const drifts = receipt === undefined ? [] : fileDrift(observation, receipt);
    return {
        generation: generation(observation, undefined, receipt, drifts, wish),
        // Nothing runs that would have to be restarted.
        drifts: drifts.map((drift) => ({ ...drift, restarts: false })),
        restarts: [],
        kubernetes: wish.kubernetes,
    };
}

/**
 * The standard input of the transaction that puts the files on such a host.
 *
 * @param host - the host's name, for messages
 * @param token - the generation of what was observed
 */
export function beforeJoinScript(host: string, token: string, wish: Wish): string {
    const { flags, mounts } = manifestSettings(wish.settings);
    const { log } = wish.settings;
    const lines = [
        `host ${host}`,
        `owner ${wish.owner}`,
        `adopt ${wish.adopt ? "yes" : "no"}`,
        "pre-join yes",
        `policy ${wish.settings.policyFile}`,
        `policy-sha256 ${sha256(wish.policyText)}`,
        ...flags.map((flag) => `flag ${flag}`),
        ...mounts.map(({ name, path, readOnly }) => `mount ${name} ${readOnly ? "ro" : "rw"} ${path}`),
        `log ${log.path === "-" ? "" : log.path!}`,
        `log-directory-mode ${logDirectoryMode(wish)}`,
        `reader-group ${wish.readerGroup}`,
        `timeout-seconds ${wish.timeoutSeconds}`,
        `purge-logs-on-delete ${wish.purgeLogsOnDelete ? "yes" : "no"}`,
        `generation ${token}`,
    ];
    return transactionScript({ "policy.yaml": wish.policyText, settings: `${lines.join("\n")}\n` });
}
