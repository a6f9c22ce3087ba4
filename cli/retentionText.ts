import { reachesBack, type LogRetention } from "../events/logRetention";
import type { RotationSettings } from "../events/retention";
import { printable } from "../events/describe";
import { formatBounds, formatBytes, formatCount, formatSeconds } from "../events/units";

/** How far back a log reaches, for people; several lines, each ending in a newline. */
export function formatRetention(
    name: string,
    log: LogRetention,
    settings: RotationSettings,
    days: number | undefined,
): string {
    const { window, bytesPerSecond, reach, disk = 0, secondsPerFile = 0, wanted } = log;
    if (window === undefined || bytesPerSecond === undefined || reach === undefined) {
        return `${printable(name)}: too short to tell a rate from\n`;
    }
    const daily = { min: bytesPerSecond.min * 86_400, max: bytesPerSecond.max * 86_400 };
    const lines = [
        `${printable(name)}: ${formatBounds(daily, formatBytes)} a day, as in the ${formatSeconds(window.seconds)} up to ${window.to}`,
        `reaches back  ${formatBounds(reach, formatSeconds)}`,
        `limited by    ${limitInWords(log, settings, secondsPerFile)}`,
        `disk          ${formatBytes(disk)}${settings.compress ? `, compressed to ${percent(log.compressedShare)}` : ""}`,
        ...(wanted ? [`${`for ${days} days`.padEnd(12)}  ${wantedInWords(log, wanted, days ?? 0)}`] : []),
    ];
    return `${lines.join("\n  ")}\n`;
}

function limitInWords(
    { limit, backups = 0 }: LogRetention,
    settings: RotationSettings,
    secondsPerFile: number,
): string {
    const pace = `a file is full after ${formatSeconds(secondsPerFile)}`;
    switch (limit) {
        case "maxBackup":
            return `maxBackup: ${formatCount(backups)} files besides the current one; ${pace}`;
        case "maxAge":
            return `maxAge: ${settings.maxAge} days; ${pace}`;
        default:
            return `nothing: no file is ever removed`;
    }
}

function wantedInWords(log: LogRetention, wanted: NonNullable<LogRetention["wanted"]>, days: number): string {
    const settings = `maxSize ${wanted.maxSize}, maxBackup ${wanted.maxBackup}, maxAge ${wanted.maxAge}`;
    const known = log.bytesPerSecond?.max === Infinity ? "at least " : "";
    const enough = reachesBack(log, days) ? "it reaches; enough would be " : "";
    return `${enough}${known}${settings}; disk ${formatBytes(wanted.disk)}`;
}

function percent(share: number): string {
    return `${(100 * share).toPrecision(2)} %`;
}
