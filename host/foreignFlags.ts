import type { ApiServer } from "./apiServer";
import { auditFlags } from "./flags";
import { HostError } from "./hostError";
import { POLICY_DIRECTORY } from "./paths";
import type { Receipt } from "./receipt";
import type { Wish } from "./wish";

/** A policy file that this package has named, for instance where kubeadm has written its flags into a new manifest. */
const OUR_POLICY = new RegExp(`^--audit-policy-file=${POLICY_DIRECTORY}/policy-[0-9a-f]{12}\\.yaml$`);

/**
 * Refuses a host whose audit logging somebody else has set up, unless it is to be adopted: their flags would give way,
 * and what reads their log would find nothing new in it.
 *
 * @throws HostError that names the flags
 */
export function refuseForeignFlags(server: ApiServer, receipt: Receipt | undefined, wish: Wish): void {
    if (receipt !== undefined || server.isMarked || wish.adopt) {
        return;
    }
    const { theirFlags } = server;
    const wanted = auditFlags(wish.settings);
    const foreign = theirFlags.filter((flag) => !wanted.includes(flag));
    if (foreign.length > 0 && !theirFlags.some((flag) => OUR_POLICY.test(flag))) {
        throw new HostError(
            `its API server has audit settings already, which something else gave it: ${foreign.join(" ")}. Take them out ` +
                "there, or set adopt: true here; then ours take their place, and theirs come back when ours are removed.",
        );
    }
}
