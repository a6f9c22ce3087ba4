import { checkPolicy } from "../policy/check";
import { parseKubernetesVersion, type KubernetesMinor } from "../policy/kubernetes";
import type { Policy } from "../policy/types";
import { CommandError, fileName, type CommandIO } from "./io";
import { printFindings } from "./printFindings";

/** A policy that a command was given. */
export interface PolicyInput {
    /** What messages call the file. */
    file: string;
    text: string;
    /** Absent where the policy cannot be used; why was written to standard error. */
    policy?: Policy;
}

/**
 * Reads a policy and says on standard error what there is to say about it.
 *
 * @param path - `-` is standard input
 * @throws CommandError when the file cannot be read
 */
export function readPolicy(path: string, kubernetes: KubernetesMinor | undefined, io: CommandIO): PolicyInput {
    const bytes = io.readFile(path);
    const { policy, findings } = checkPolicy(bytes, { kubernetes });
    const file = fileName(path);
    const text = bytes.toString("utf8");
    printFindings(findings, { file, text }, io);
    return { file, text, ...(policy && { policy }) };
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
