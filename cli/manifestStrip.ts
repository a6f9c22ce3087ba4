import { stripManifest } from "../host/kubeadmManifest";
import { defineCommand, UsageError } from "./command";
import { CommandError, ExitCode, fileName } from "./io";

const usage = `usage: kube-audit manifest strip FILE

Prints a static-pod manifest as it was before kube-apiserver-audit patched it, byte for byte: marked lines of ours
removed, displaced lines of theirs restored. A manifest without marks is printed as it is.

  FILE  the manifest; - reads standard input

Exit codes: 0 printed, 2 bad usage or unreadable file.
`;

/** `kube-audit manifest strip FILE`. */
export const command = defineCommand({
    usage,
    run({ positionals }, io) {
        const [path, ...others] = positionals;
        if (path === undefined || others.length > 0) {
            throw new UsageError("give one FILE");
        }
        io.stdout(stripManifest(decode(path, io.readFile(path))));
        return ExitCode.Ok;
    },
});

/** Bytes that are no text could not be printed as they were. */
function decode(path: string, bytes: Buffer): string {
    try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
        throw new CommandError(`${fileName(path)} is not UTF-8 text`);
    }
}
