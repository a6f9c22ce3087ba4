import { checkPolicy } from "../policy/check";
import type { KubernetesMinor } from "../policy/kubernetes";
import { staticPod, type ApiServer } from "./apiServer";
import { strayManifests, type Drift } from "./drift";
import { refuseForeignFlags } from "./foreignFlags";
import { HostError, refusingHost } from "./hostError";
import { hostWarnings, refuseReadOnly } from "./hostFacts";
import { inForce, type InForce } from "./inForce";
import { inspectManifest, manifestSettings, type ApiServerManifest } from "./kubeadmManifest";
import { logSettingsErrors } from "./logSettingsErrors";
import type { Observation } from "./observation";
import { MANIFEST, RECEIPT } from "./paths";
import { parseReceipt, ReceiptError, type Receipt } from "./receipt";
import { unitServer } from "./unitServer";
import { logDirectoryMode, sha256, type Wish } from "./wish";

export { HostError } from "./hostError";

/** What an observed host means for what the program wants of it. */
export interface Assessment {
    /** Stays the same as long as nothing has to be read again. */
    readonly generation: string;
    /** How it differs from what was last applied. */
    readonly drifts: readonly Drift[];
    /** Why its API server will be restarted; empty where it will not. */
    readonly restarts: readonly string[];
    /** What it was given last, where that is known and not what the program wants. */
    readonly inForce?: InForce | undefined;
    /** The API server's minor version, where it is known. */
    readonly kubernetes?: KubernetesMinor | undefined;
    /** Whether systemd starts its API server, which takes it seconds. */
    readonly isUnit?: true;
    /** What is not well on the host for what is to be done, where something is. */
    readonly warnings?: readonly string[];
}

/**
 * Compares a host with its receipt, and with what the program wants.
 *
 * @throws HostError where nothing may be done on this host
 */
export function assess(observation: Observation, wish: Wish): Assessment {
    const server = readApiServer(observation, wish);
    checkVersion(server, wish);
    const receipt = readReceipt(observation);
    checkOwner(receipt, wish);
    const [stray] = observation.unit === undefined ? strayManifests(observation) : [];
    if (stray !== undefined && receipt === undefined) {
        throw new HostError(
            `${stray.path} is also a kube-apiserver pod; the kubelet may run it instead of kube-apiserver.yaml. ` +
                "Move it out of /etc/kubernetes/manifests, then run the update again.",
        );
    }
    const drifts = server.drifts(receipt);
    const isDone = receipt !== undefined && drifts.length === 0 && sameWish(receipt, wish);
    if (!isDone) {
        refuseForeignFlags(server, receipt, wish);
        refuseReadOnly(observation, server, wish);
    }
    const warnings = isDone ? [] : hostWarnings(observation, wish, receipt);
    return {
        generation: generation(observation, server, receipt, drifts, wish),
        drifts,
        restarts: restarts(server, receipt, drifts, wish),
        inForce: inForce(observation, receipt, wish),
        kubernetes: wish.kubernetes ?? server.kubernetes,
        ...(observation.unit && { isUnit: true as const }),
        ...(warnings.length > 0 && { warnings }),
    };
}

/**
 * The host's API server, whoever starts it.
 *
 * @throws HostError where there is none that can be worked on
 */
export function readApiServer(observation: Observation, wish: Wish): ApiServer {
    const { unit, files } = observation;
    const { source } = wish;
    if (unit !== undefined) {
        return unitServer(observation, unit);
    }
    if (source.flavour === "systemd") {
        throw new HostError(
            `systemd knows no unit ${source.unit} on this host. ` +
                "Give unit the name of the one that runs kube-apiserver, or take the host out of hosts.",
        );
    }
    if (source.flavour === "auto" && !files.has(MANIFEST)) {
        throw new HostError(
            `there is neither ${MANIFEST}, as kubeadm makes it, nor a systemd unit ${source.unit}: this host has no ` +
                "kube-apiserver that is known here. Take it out of hosts, check its address, or give unit the name of its unit.",
        );
    }
    return staticPod(observation, readManifest(observation));
}

/** A manifest that can be worked on. */
export interface EditableManifest extends ApiServerManifest {
    readonly text: string;
    /** Where its API server itself answers, not a load balancer before it. */
    readonly address: string;
}

/**
 * The facts of the host's manifest.
 *
 * @throws HostError where there is none that can be edited
 */
export function readManifest(observation: Observation): EditableManifest {
    const file = observation.files.get(MANIFEST);
    if (file === undefined) {
        throw new HostError(
            `there is no ${MANIFEST}: this host has no kube-apiserver of kubeadm's kind. ` +
                "Take it out of hosts, or check its address.",
        );
    }
    if (file.text === undefined) {
        throw new HostError(
            `${MANIFEST} is a symbolic link or no regular file, which an atomic replacement would break. ` +
                "Put the file itself there, then run the update again.",
        );
    }
    const { text } = file;
    const facts = refusingHost(MANIFEST, () => inspectManifest(text));
    if (facts.advertiseAddress === undefined) {
        throw new HostError(
            `${MANIFEST} has no --advertise-address, so the API server's own address is not known. ` +
                "Add the flag with this host's address, as kubeadm does.",
        );
    }
    return { ...facts, address: facts.advertiseAddress, text };
}

let latestErrors: { readonly question: string; readonly answer: readonly string[] } | undefined;

/** Every host asks the same, unless their versions differ. */
function versionErrors({ policyText, settings }: Wish, version: KubernetesMinor | undefined): readonly string[] {
    const question = JSON.stringify([policyText, settings.log, version ?? ""]);
    if (latestErrors?.question !== question) {
        const errors = checkPolicy(policyText, { kubernetes: version })
            .findings.filter(({ severity }) => severity === "error")
            .map(({ message, fix }) => [`${message}.`, fix].join(" ").trimEnd());
        latestErrors = { question, answer: [...errors, ...logSettingsErrors(settings.log, version)] };
    }
    return latestErrors.answer;
}

/** What only the API server's own version can refuse. */
export function checkVersion({ kubernetes }: Pick<ApiServer, "kubernetes">, wish: Wish): void {
    const version: KubernetesMinor | undefined = wish.kubernetes ?? kubernetes;
    const errors = versionErrors(wish, version);
    if (errors.length > 0) {
        const named = version === undefined ? "of unknown version (set kubernetesVersion)" : `1.${version}`;
        throw new HostError(`the kube-apiserver ${named} would refuse these settings: ${errors.join(" ")}`);
    }
}

/**
 * What was last applied to a host.
 *
 * @throws HostError where a newer version of this package wrote it
 */
export function readReceipt(observation: Observation): Receipt | undefined {
    const text = observation.files.get(RECEIPT)?.text;
    try {
        return text === undefined ? undefined : parseReceipt(text);
    } catch (error) {
        throw error instanceof ReceiptError ? new HostError(error.message) : error;
    }
}

/**
 * Leaves other stacks' hosts alone.
 *
 * @throws HostError where the host is one
 */
export function checkOwner(receipt: Receipt | undefined, wish: Wish): void {
    if (receipt !== undefined && receipt.owner !== wish.owner && !wish.adopt) {
        throw new HostError(
            `the audit settings of this host belong to ${receipt.owner}, which would undo what ${wish.owner} does. ` +
                "Remove them there, or set adopt: true here.",
        );
    }
}

/**
 * The receipt's own token as long as what was read then still holds: nothing has drifted, and either nothing new is
 * wanted or the manifest is the very one that we wrote. Else a new token, the same for the same observation.
 */
export function generation(
    observation: Observation,
    server: ApiServer | undefined,
    receipt: Receipt | undefined,
    drifts: readonly Drift[],
    wish: Wish,
): string {
    if (
        receipt !== undefined &&
        drifts.length === 0 &&
        // Of a host that has joined since, or has left again, the manifest was not read yet.
        (server === undefined) === (receipt.manifestSha256 === "") &&
        (sameWish(receipt, wish) || sha256(server?.text ?? "") === receipt.manifestSha256) &&
        (server === undefined || [undefined, `${server.address}:${server.securePort}`].includes(receipt.address))
    ) {
        return receipt.generation;
    }
    const files = [...observation.files.values()]
        .filter(({ path }) => path !== receipt?.directory)
        .map(({ path, inode, changed, mode, owner, text }) => [path, inode, changed, mode, owner, sha256(text ?? "")]);
    return sha256(JSON.stringify([observation.machineId, files])).slice(0, 16);
}

function sameWish(receipt: Receipt, wish: Wish): boolean {
    return (
        receipt.owner === wish.owner &&
        receipt.policySha256 === sha256(wish.policyText) &&
        receipt.readerGroup === wish.readerGroup &&
        (receipt.directory === "" || receipt.directoryMode === logDirectoryMode(wish)) &&
        receipt.flags.join("\n") === manifestSettings(wish.settings).flags.join("\n")
    );
}

/** Reasons that the kubelet, or the repair of what the process has read, will restart the API server. */
function restarts(server: ApiServer, receipt: Receipt | undefined, drifts: readonly Drift[], wish: Wish): string[] {
    if (
        receipt !== undefined &&
        drifts.length === 0 &&
        sameWish(receipt, wish) &&
        sha256(server.text) === receipt.manifestSha256
    ) {
        return []; // What a patch would give is what there is.
    }
    const reasons: string[] = [];
    if (receipt !== undefined && receipt.policySha256 !== sha256(wish.policyText)) {
        reasons.push("the policy changes");
    }
    if (receipt === undefined) {
        reasons.push("audit logging is turned on");
    } else {
        const flags = manifestSettings(wish.settings).flags.filter((flag) => !flag.startsWith("--audit-policy-file="));
        const changed = flags.filter((flag) => !receipt.flags.includes(flag));
        const dropped = receipt.flags.filter(
            (flag) => !flag.startsWith("--audit-policy-file=") && !flags.some((other) => sameName(flag, other)),
        );
        if (changed.length + dropped.length > 0) {
            reasons.push(["its flags change:", ...changed, ...dropped.map((flag) => `no ${flag}`)].join(" "));
        }
    }
    const repaired = drifts.some((drift) => drift.restarts);
    if (repaired) {
        reasons.push("what drifted is repaired");
    }
    const remains = server.remains(wish.settings);
    return remains && !repaired ? [] : reasons.length > 0 ? reasons : [server.changeWords];
}

function sameName(flag: string, other: string): boolean {
    return flag.split("=", 1)[0] === other.split("=", 1)[0];
}
