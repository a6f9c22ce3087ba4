import { inspectManifest, ManifestError, manifestSettings, patchManifest } from "../host/kubeadmManifest";
import { checkPolicy } from "../policy/check";
import { defineCommand, UsageError } from "./command";
import { CommandError, ExitCode, fileName, type CommandIO } from "./io";
import { printFindings } from "./printFindings";
import { auditSettings, readSettingsFile, type SettingsFile } from "./settingsFile";

const usage = `usage: kube-audit manifest patch FILE --settings FILE

Prints a kube-apiserver static-pod manifest with audit logging turned on: our lines marked, theirs otherwise byte for
byte as they were. A manifest that was patched before is stripped first, so new settings replace the old.

  FILE             the manifest, as kubeadm writes it; - reads standard input
  --settings FILE  YAML: policy, the path of the policy file as seen from this file; and log, the log's settings in the
                   words of the Pulumi component (path, maxAge, maxBackup, maxSize, format, compress, mode, batch,
                   truncate)

The policy must be valid for the manifest's own Kubernetes version. Put it on the host under the path that
--audit-policy-file names before you use the manifest.

Exit codes: 0 printed, 1 the policy is not valid or the manifest cannot be edited, 2 bad usage or unreadable input.
`;

/** `kube-audit manifest patch FILE --settings FILE`. */
export const command = defineCommand({
    usage,
    options: { settings: { type: "string" } },
    run({ values, positionals }, io) {
        const [path, ...others] = positionals;
        if (path === undefined || others.length > 0 || values.settings === undefined) {
            throw new UsageError("give one FILE and --settings");
        }
        if (path === "-" && values.settings === "-") {
            throw new CommandError("both files are standard input; give one of them by name");
        }
        const manifest = io.readFile(path).toString("utf8");
        const settings = readSettingsFile(values.settings, io);
        try {
            return patch(manifest, values.settings, settings, io);
        } catch (error) {
            if (!(error instanceof ManifestError)) {
                throw error;
            }
            io.stderr(`${fileName(path)}: ${error.message}\n`);
            return ExitCode.Finding;
        }
    },
});

function patch(manifest: string, settingsPath: string, file: SettingsFile, io: CommandIO): number {
    const { kubernetes } = inspectManifest(manifest);
    const settings = auditSettings(settingsPath, file, kubernetes);
    const { policy, findings } = checkPolicy(file.policy, { kubernetes });
    printFindings(findings, { file: file.policyFile, text: file.policy.toString("utf8") }, io);
    if (!policy) {
        return ExitCode.Finding;
    }
    io.stdout(patchManifest(manifest, manifestSettings(settings)));
    return ExitCode.Ok;
}
