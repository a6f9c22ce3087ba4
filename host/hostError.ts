import { ManifestError } from "./manifestSource";
import { UnitError } from "./unitCommand";

/** What is wrong with a host, where, and what to do. Nothing was changed when it is thrown. */
export class HostError extends Error {}

/** Does something with the host's manifest or unit; where that cannot be done, it is the host's fault. */
export function refusingHost<T>(file: string, make: () => T): T {
    try {
        return make();
    } catch (error) {
        if (error instanceof ManifestError) {
            throw new HostError(`${file}: ${error.message}`);
        }
        throw error instanceof UnitError ? new HostError(error.message) : error;
    }
}
