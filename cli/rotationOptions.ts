import type { RotationSettings } from "../events/retention";
import { CommandError } from "./io";

/** The options that say how an API server rotates its log. */
export const rotationOptions = {
    "max-size": { type: "string", default: "100" },
    "max-backup": { type: "string", default: "10" },
    "max-age": { type: "string", default: "30" },
    compress: { type: "boolean", default: false },
} as const;

/** What the help texts say of them. */
export const rotationHelp = `  --max-size MIB         --audit-log-maxsize; default: 100
  --max-backup FILES     --audit-log-maxbackup; default: 10
  --max-age DAYS         --audit-log-maxage; default: 30
  --compress             --audit-log-compress; how well it works is tried on the log`;

/** @throws CommandError when one of the values is no whole number */
export function readRotation(values: {
    "max-size": string;
    "max-backup": string;
    "max-age": string;
    compress: boolean;
}): RotationSettings {
    return {
        maxSize: parseWholeNumber("max-size", values["max-size"]),
        maxBackup: parseWholeNumber("max-backup", values["max-backup"]),
        maxAge: parseWholeNumber("max-age", values["max-age"]),
        compress: values.compress,
    };
}

/** @throws CommandError when a text is no whole number, or less than it may be */
export function parseWholeNumber(option: string, text: string, least = 0): number {
    if (!/^\d{1,7}$/.test(text) || Number(text) < least) {
        throw new CommandError(`--${option} is a whole number from ${least} on, and not ${text}`);
    }
    return Number(text);
}
