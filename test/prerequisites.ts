import { existsSync } from "node:fs";
import { installPackages } from "../sandbox/debian";
import { onPath } from "../sandbox/process";

/** Programs that the unit tests run, with the Debian package of each: the hosts' shells and awks, a linter, a server, jq; and those that completions are for. */
const PACKAGES: Readonly<Record<string, string>> = {
    dash: "dash",
    busybox: "busybox",
    mawk: "mawk",
    gawk: "gawk",
    shellcheck: "shellcheck",
    sshd: "openssh-server",
    "ssh-agent": "openssh-client",
    jq: "jq",
    zsh: "zsh",
    fish: "fish",
};

/**
 * Installs what is missing, once for all of mocha's workers. A test that cannot have its program fails: one that is
 * skipped proves nothing.
 *
 * @throws Error that names the packages, where they cannot be installed
 */
export async function mochaGlobalSetup(): Promise<void> {
    const present = await Promise.all(
        Object.keys(PACKAGES).map(async (program) => existsSync(`/usr/sbin/${program}`) || (await onPath(program))),
    );
    const missing = Object.values(PACKAGES).filter((_, index) => !present[index]);
    if (missing.length > 0) {
        console.log(`Installing ${missing.join(", ")} …`);
        await installPackages(missing);
    }
}
