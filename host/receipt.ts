import { RECEIPT } from "./paths";

/** What the runner wrote when it last succeeded on a host: what is applied there, and for whom. */
export interface Receipt {
    readonly schemaVersion: 1;
    /** The token of the observation that the applied edit was planned on. */
    readonly generation: string;
    /** `organization/project/stack/component`. */
    readonly owner: string;
    /** `--name=value`, in the order of the manifest. */
    readonly flags: readonly string[];
    /** `name ro|rw path`. */
    readonly mounts: readonly string[];
    readonly manifestSha256: string;
    readonly policyPath: string;
    readonly policySha256: string;
    /** The policy that this one replaced, which is kept; empty where there was none. */
    readonly previousPolicyPath?: string;
    /** The log's directory; empty where the log goes to standard output. */
    readonly directory: string;
    readonly directoryMode: string;
    /** `uid gid`. */
    readonly directoryOwner: string;
    /** Empty where only root reads the logs. */
    readonly readerGroup: string;
    /** The unit whose drop-in, and not a manifest, has the settings; then `manifestSha256` is the drop-in's. */
    readonly unit?: string;
    /** `address:port` where that API server answered: its flags can come from files that no hash here covers. */
    readonly address?: string;
    /** Whether the drop-in's directory was made for it. */
    readonly unitDirectory?: "made" | "found";
}

/** A receipt that this version cannot read. */
export class ReceiptError extends Error {}

const STRINGS = [
    "generation",
    "owner",
    "manifestSha256",
    "policyPath",
    "policySha256",
    "directory",
    "directoryMode",
    "directoryOwner",
    "readerGroup",
] as const;

/**
 * Reads a receipt.
 *
 * @returns undefined where it is damaged, which is a drift like any other
 * @throws ReceiptError where a newer version of this package wrote it
 */
export function parseReceipt(text: string): Receipt | undefined {
    let value: unknown;
    try {
        value = JSON.parse(text);
    } catch {
        return undefined;
    }
    if (typeof value !== "object" || value === null) {
        return undefined;
    }
    const fields = value as Record<string, unknown>;
    if (typeof fields.schemaVersion === "number" && fields.schemaVersion > 1) {
        throw new ReceiptError(
            `${RECEIPT} has schema version ${fields.schemaVersion}, written by a newer version of kube-apiserver-audit. ` +
                "Update the package in this program.",
        );
    }
    const whole =
        fields.schemaVersion === 1 &&
        STRINGS.every((name) => typeof fields[name] === "string") &&
        isStrings(fields.flags) &&
        isStrings(fields.mounts);
    return whole ? (value as Receipt) : undefined;
}

function isStrings(value: unknown): boolean {
    return Array.isArray(value) && value.every((item) => typeof item === "string");
}
