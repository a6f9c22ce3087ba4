import { assess, HostError, type Assessment } from "./assess";
import type { ResolvedConnection } from "./connection";
import { clockOffset } from "./clock";
import { logDirectory } from "./hostFacts";
import { ObservationError, parseObservation } from "./observation";
import { assessBeforeJoin, isBeforeJoin } from "./preJoin";
import { probeScript, rootShell } from "./script";
import { exchange, type Exchange } from "./ssh";
import type { Wish } from "./wish";

/** What a host means, and how its clock goes. */
export interface Probed extends Assessment {
    /** By how many seconds its clock is ahead of this machine's, at the least; negative where it is behind. */
    readonly clockOffset?: number;
}

/**
 * Reads a host in one SSH exchange and says what it means for what the program wants.
 *
 * @param preJoin - whether it may be a host that has not joined the cluster yet
 * @throws ConnectionError where the host cannot be reached or is not the one expected
 * @throws HostError where it cannot be read, or nothing may be done on it
 */
export async function probe(connection: ResolvedConnection, wish: Wish, preJoin = false): Promise<Probed> {
    const began = Date.now() / 1000;
    const script = probeScript(wish.source, logDirectory(wish.settings));
    const result = await exchange(connection, rootShell(connection.user), script);
    const ended = Date.now() / 1000;
    if (result.code !== 0) {
        throw new HostError(explain(connection.user, result));
    }
    try {
        const observation = parseObservation(result.stdout);
        const { facts } = observation;
        return {
            ...(isBeforeJoin(observation, preJoin) ? assessBeforeJoin(observation, wish) : assess(observation, wish)),
            ...(facts && { clockOffset: clockOffset(facts.clock, began, ended) }),
        };
    } catch (error) {
        throw error instanceof ObservationError
            ? new HostError(`${error.message}. See whether the login shell of ${connection.user} prints something.`)
            : error;
    }
}

function explain(user: string, { code, signal, stderr }: Exchange): string {
    const said = stderr.trim().split("\n").pop() ?? "";
    if (user !== "root" && /sudo|a password is required|not in the sudoers|not allowed/.test(said)) {
        return (
            `the user ${user} may not become root without a password (${said}). ` +
            `Allow it in a file of /etc/sudoers.d, "${user} ALL=(root) NOPASSWD: /bin/sh", or connect as another user.`
        );
    }
    return `it could not be read: sh ended with ${code === null ? `signal ${signal ?? "?"}` : `status ${code}`}: ${said}`;
}
