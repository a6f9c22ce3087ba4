import { inspectPolicy, type Inspection } from "../policy/check";
import { parseKubernetesVersion, type KubernetesMinor } from "../policy/kubernetes";
import { CommandError, fileName, type CommandIO } from "./io";
import { printFindings } from "./printFindings";

/** A policy that a command was given. Where it cannot be used, why was written to standard error. */
export interface PolicyInput extends Inspection {
    /** What messages call the file. */
    file: string;
    bytes: Buffer;
    /** Without a byte order mark. */
    text: string;
}

/**
 * Reads a policy and says on standard error what there is to say about it.
 *
 * @param path - `-` is standard input
 * @throws CommandError when the file cannot be read
 */
export function readPolicy(path: string, kubernetes: KubernetesMinor | undefined, io: CommandIO): PolicyInput {
    const bytes = io.readFile(path);
    const inspection = inspectPolicy(bytes, { kubernetes });
    const file = fileName(path);
    const { text = bytes.toString("utf8"), findings } = inspection;
    printFindings(findings, { file, text }, io);
    return { ...inspection, file, bytes, text };
}

/**
 * The value of `--kubernetes`.
 *
 * @throws CommandError when it is no supported version
 */
export function parseVersion(version: string | undefined): KubernetesMinor | undefined {
    try {
        return version === undefined ? undefined : parseKubernetesVersion(version);
    } catch (error) {
        throw new CommandError(error instanceof Error ? error.message : String(error));
    }
}
