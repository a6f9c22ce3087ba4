import { createHash } from "node:crypto";
import { checkPolicy } from "../policy/check";
import { formatFinding } from "../policy/finding";
import { parseKubernetesVersion, type KubernetesMinor } from "../policy/kubernetes";
import { renderPolicy } from "../policy/render";
import type { Policy } from "../policy/types";
import { apiServerSource, type ApiServerSource } from "./apiServerSource";
import { LOG_DEFAULTS, policyPath } from "./flags";
import { logSettingsErrors } from "./logSettingsErrors";
import type { AuditSettings, LogSettings } from "./settings";

/** What the program asks for, before it is checked. */
export interface WishArgs {
    readonly owner: string;
    readonly policy: string | Policy;
    /** What messages call the policy's text. Default `policy`. */
    readonly policyName?: string | undefined;
    readonly log?: LogSettings | undefined;
    readonly adopt?: boolean | undefined;
    readonly readerGroup?: string | undefined;
    readonly rollout?: { readonly timeoutSeconds?: number; readonly health?: "event" | "ready" } | undefined;
    readonly purgeLogsOnDelete?: boolean | undefined;
    readonly kubernetesVersion?: string | undefined;
    readonly flavour?: string | undefined;
    readonly unit?: string | undefined;
}

/** What the program wants of every host, checked as far as that is possible without one, and with its defaults. */
export interface Wish {
    /** `organization/project/stack/component`: who undoes it. */
    readonly owner: string;
    /** Take the host over from another owner. */
    readonly adopt: boolean;
    /** The policy's text as it goes to the host. */
    readonly policyText: string;
    readonly policy: Policy;
    readonly settings: AuditSettings;
    /** The group that may read the logs; empty for root alone. */
    readonly readerGroup: string;
    readonly timeoutSeconds: number;
    readonly health: "event" | "ready";
    readonly purgeLogsOnDelete: boolean;
    /** Where it is given, it stands for the version that the manifest's image names. */
    readonly kubernetes: KubernetesMinor | undefined;
    /** Where each host's API server is looked for. */
    readonly source: ApiServerSource;
}

/** Arguments that no host can be given. */
export class WishError extends Error {}

/**
 * Checks what the program asks for, and fills in the defaults.
 *
 * @throws WishError naming everything that is wrong
 */
export function makeWish(args: WishArgs): Wish {
    const errors: string[] = [];
    if (/\p{Cc}/u.test(args.owner)) {
        errors.push(`The name ${JSON.stringify(args.owner)} has a control character; give the component another name.`);
    }
    const version = args.kubernetesVersion;
    const kubernetes = version === undefined ? undefined : attempt(errors, () => parseKubernetesVersion(version));
    const policyText = renderPolicy(args.policy);
    const { policy, findings } = checkPolicy(policyText, { kubernetes });
    errors.push(
        ...findings
            .filter(({ severity }) => severity === "error")
            .map((finding) => formatFinding(finding, { file: args.policyName ?? "policy", text: policyText })),
    );
    const log: LogSettings = { path: LOG_DEFAULTS.path, ...withoutUndefined(args.log ?? {}) };
    errors.push(...logSettingsErrors(log, kubernetes));
    const timeoutSeconds = args.rollout?.timeoutSeconds ?? 300;
    if (!Number.isInteger(timeoutSeconds) || timeoutSeconds < 30) {
        errors.push(
            `rollout.timeoutSeconds is ${timeoutSeconds}; give whole seconds, at least 30 (the kubelet alone takes about 40).`,
        );
    }
    const health = args.rollout?.health ?? "event";
    // Programs in other languages can give any text.
    if (!["event", "ready"].includes(health)) {
        errors.push(`rollout.health is ${JSON.stringify(health)}; give event or ready.`);
    }
    const readerGroup = args.readerGroup ?? "";
    if (!/^([a-z_][a-z0-9_-]{0,31})?$/.test(readerGroup)) {
        errors.push(`readerGroup is ${JSON.stringify(readerGroup)}; give the name of a group on the hosts.`);
    }
    const source = apiServerSource(args.flavour, args.unit);
    if (typeof source === "string") {
        errors.push(source);
    }
    if (policy === undefined || typeof source === "string" || errors.length > 0) {
        throw new WishError(errors.join("\n"));
    }
    return {
        owner: args.owner,
        adopt: args.adopt ?? false,
        policyText,
        policy,
        settings: { policyFile: policyPath(policyText), log },
        readerGroup,
        timeoutSeconds,
        health,
        purgeLogsOnDelete: args.purgeLogsOnDelete ?? false,
        kubernetes,
        source,
    };
}

/** The log directory's mode: with a group of readers, what is made in it belongs to that group. */
export function logDirectoryMode(wish: Wish): string {
    return wish.readerGroup === "" ? "700" : "2750";
}

/** SHA-256 in hex. */
export function sha256(text: string): string {
    return createHash("sha256").update(text).digest("hex");
}

function attempt<T>(errors: string[], make: () => T): T | undefined {
    try {
        return make();
    } catch (error) {
        errors.push((error as Error).message);
        return undefined;
    }
}

function withoutUndefined<T extends object>(record: T): T {
    return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;
}
