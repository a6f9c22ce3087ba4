import { isAbsolute, join, dirname } from "node:path";
import { parseDocument } from "yaml";
import { policyPath } from "../host/flags";
import { LOG_FIELDS } from "../host/logFields";
import { logSettingsErrors } from "../host/logSettingsErrors";
import type { AuditSettings, LogSettings } from "../host/settings";
import type { KubernetesMinor } from "../policy/kubernetes";
import { renderPolicy } from "../policy/render";
import { suggest } from "../policy/suggest";
import { CommandError, fileName, type CommandIO } from "./io";

/** What a settings file asks for, with the policy that it names. */
export interface SettingsFile {
    /** The policy's file, as named from here. */
    readonly policyFile: string;
    /** The policy's bytes, not checked. */
    readonly policy: Buffer;
    readonly log: LogSettings;
}

/**
 * Reads a settings file: `policy`, the path of a policy file as seen from the settings file, and `log`, in the words of
 * the component's arguments. YAML or JSON.
 *
 * @param path - the file; `-` is standard input
 * @throws CommandError saying all that is wrong, where the file cannot be read or asks for what does not exist
 */
export function readSettingsFile(path: string, io: CommandIO): SettingsFile {
    const file = fileName(path);
    const content = parse(file, io.readFile(path).toString("utf8"));
    const errors = unknownKeys(content, "", ["policy", "log"]);
    const { policy, log = null } = content;
    if (typeof policy !== "string" || policy === "") {
        errors.push("policy is missing or no path; give the path of the policy file.");
    }
    if (log !== null && !isMapping(log)) {
        errors.push("log is no mapping; give the settings of the log, or leave it out.");
    }
    const settings = (isMapping(log) ? log : {}) as LogSettings;
    errors.push(...unknownLogKeys(settings));
    fail(file, errors);
    const policyFile = isAbsolute(String(policy)) ? String(policy) : join(dirname(path), String(policy));
    return { policyFile, policy: io.readFile(policyFile), log: settings };
}

/**
 * The settings for one API server.
 *
 * @param kubernetes - its minor version, where it is known
 * @throws CommandError saying all that is wrong with the values
 */
export function auditSettings(
    file: string,
    { policy, log }: SettingsFile,
    kubernetes: KubernetesMinor | undefined,
): AuditSettings {
    fail(file, logSettingsErrors(log, kubernetes));
    return { policyFile: policyPath(renderPolicy(policy.toString("utf8"))), log };
}

function parse(file: string, text: string): Record<string, unknown> {
    const document = parseDocument(text);
    const error = document.errors[0];
    if (error) {
        throw new CommandError(`${file} is not valid YAML: ${error.message.trimEnd()}`);
    }
    const content: unknown = document.toJS();
    if (!isMapping(content)) {
        throw new CommandError(`${file} is no mapping; give it the keys policy and log.`);
    }
    return content;
}

function unknownLogKeys(log: LogSettings): string[] {
    const groups = ["batch", "truncate"] as const;
    const names = (prefix: string) =>
        LOG_FIELDS.filter(({ key }) => key.startsWith(prefix)).map(
            ({ key }) => key.slice(prefix.length).split(".")[0]!,
        );
    return [
        ...unknownKeys(log, "log.", [...new Set(names(""))]),
        ...groups.flatMap((group) => unknownKeys(log[group], `log.${group}.`, names(`${group}.`))),
    ];
}

function unknownKeys(value: unknown, prefix: string, known: readonly string[]): string[] {
    const unknown = isMapping(value) ? Object.keys(value).filter((key) => !known.includes(key)) : [];
    return unknown.map((key) => {
        const meant = suggest(key, known);
        const advice = meant === undefined ? `known are ${known.join(", ")}` : `did you mean ${meant}?`;
        return `${prefix}${key} is no setting; ${advice}${meant === undefined ? "." : ""}`;
    });
}

function fail(file: string, errors: readonly string[]): void {
    if (errors.length > 0) {
        throw new CommandError(errors.map((error) => `${file}: ${error}`).join("\n"));
    }
}

function isMapping(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
