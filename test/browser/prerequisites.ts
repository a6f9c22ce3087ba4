import { installPackages } from "../../sandbox/debian";
import { onPath } from "../../sandbox/process";

/** Installs the browser, and a font to write with, where they are missing. */
export async function mochaGlobalSetup(): Promise<void> {
    if (!(await onPath("chromium"))) {
        console.log("Installing chromium …");
        await installPackages(["chromium", "fonts-dejavu-core"]);
    }
}
