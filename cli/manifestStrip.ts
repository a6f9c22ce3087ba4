import { parseArgs } from "node:util";
import { stripManifest } from "../host/kubeadmManifest";
import { CommandError, ExitCode, type CommandIO } from "./io";

const usage = `usage: kube-audit manifest strip FILE

Prints a static-pod manifest as it was before kube-apiserver-audit patched it, byte for byte: marked lines of ours
removed, displaced lines of theirs restored. A manifest without marks is printed as it is.

  FILE  the manifest; - reads standard input

Exit codes: 0 printed, 2 bad usage or unreadable file.
`;

/** `kube-audit manifest strip FILE`. */
export function manifestStrip(argv: string[], io: CommandIO): number {
    const { values, positionals } = parseArgs({
        args: argv,
        allowPositionals: true,
        options: { help: { type: "boolean", short: "h", default: false } },
    });
    if (values.help) {
        io.stdout(usage);
        return ExitCode.Ok;
    }
    const [path, ...others] = positionals;
    if (path === undefined || others.length > 0) {
        throw new CommandError(`give one FILE\n\n${usage.trimEnd()}`);
    }
    io.stdout(stripManifest(decode(path, io.readFile(path))));
    return ExitCode.Ok;
}

/** Bytes that are no text could not be printed as they were. */
function decode(path: string, bytes: Buffer): string {
    try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
        throw new CommandError(`${path === "-" ? "standard input" : path} is not UTF-8 text`);
    }
}
