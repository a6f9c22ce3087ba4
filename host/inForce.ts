import { manifestSettings } from "./kubeadmManifest";
import type { Observation } from "./observation";
import { APPLIED_POLICY } from "./paths";
import type { Receipt } from "./receipt";
import { sha256, type Wish } from "./wish";

/** What a host was given last. */
export interface InForce {
    readonly policyText: string;
    /** The flags, as `--name=value`. */
    readonly flags: readonly string[];
}

/** What the host was given last, where it is still known and the wish is for something else. */
export function inForce(observation: Observation, receipt: Receipt | undefined, wish: Wish): InForce | undefined {
    const policyText = observation.files.get(APPLIED_POLICY)?.text;
    if (receipt === undefined || policyText === undefined || sha256(policyText) !== receipt.policySha256) {
        return undefined;
    }
    const { flags } = receipt;
    const same =
        policyText === wish.policyText && flags.join("\n") === manifestSettings(wish.settings).flags.join("\n");
    return same ? undefined : { policyText, flags };
}
