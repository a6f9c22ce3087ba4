import { cis } from "./cis";
import { falco } from "./falco";
import { gce } from "./gce";
import { metadata } from "./metadata";
import { minimal } from "./minimal";
import { openshiftAllRequestBodies, openshiftDefault, openshiftWriteRequestBodies } from "./openshift";
import { podDeletions } from "./podDeletions";
import { recommended } from "./recommended";
import { stig } from "./stig";

export type { Preset } from "./preset";

/** Policies that are ready to be used: `presets.recommended.policy()`, `presets.podDeletions.policy("shop", "web-0")`. */
export const presets = {
    recommended,
    minimal,
    metadata,
    podDeletions,
    cis,
    stig,
    falco,
    gce,
    openshiftDefault,
    openshiftWriteRequestBodies,
    openshiftAllRequestBodies,
};
