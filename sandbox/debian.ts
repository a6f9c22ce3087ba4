import { check, onPath } from "./process";

let updated = false;

/**
 * Installs Debian packages.
 *
 * @throws Error that names the packages, on a machine without apt-get or for anybody but root
 */
export async function installPackages(packages: readonly string[]): Promise<void> {
    if (process.getuid?.() !== 0 || !(await onPath("apt-get"))) {
        throw new Error(`These have to be installed first, by root or on another machine: ${packages.join(", ")}.`);
    }
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    if (!updated) {
        await check("apt-get", ["update"], { env });
        updated = true;
    }
    await check("apt-get", ["install", "-y", "--no-install-recommends", ...packages], { env });
}
