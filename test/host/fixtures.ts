import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { manifestSettings } from "../../host/kubeadmManifest";

/** A manifest from a file, byte for byte. */
export interface ManifestFixture {
    /** Such as `manifests/crlf.yaml`. */
    readonly name: string;
    readonly text: string;
}

/** What the fixtures' expected results were made with. */
export const PLAIN_SETTINGS = manifestSettings({
    policyFile: "/etc/kubernetes/audit/policy-0123456789ab.yaml",
    log: {},
});

const ROOT = join(__dirname, "fixtures");

/** The manifests in a folder: `manifests` are written by hand, `manifests/patched` is what the plain settings make of them, `kubeadm` are real. */
export function manifestFixtures(folder: string): ManifestFixture[] {
    const directory = join(ROOT, folder);
    const files = existsSync(directory) ? readdirSync(directory).filter((file) => file.endsWith(".yaml")) : [];
    return files
        .sort()
        .map((file) => ({ name: `${folder}/${file}`, text: readFileSync(join(directory, file), "utf8") }));
}
