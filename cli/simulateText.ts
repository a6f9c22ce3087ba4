import type { Bounds } from "../events/bounds";
import { changes, type Change, type ChangedRequests, type Comparison } from "../events/comparison";
import { perDay } from "../events/perDay";
import type { PolicyVolumes, Volume } from "../events/policyVolume";
import type { Simulation } from "../events/simulate";
import { levels } from "../policy/types";
import { printable } from "../events/describe";
import { formatColumns } from "./columns";
import { countOf, formatBounds, formatBytes, formatCount, formatSeconds } from "../events/units";

/** The paths of the policies, as they were given. */
export interface PolicyPaths {
    readonly policy: string;
    readonly against?: string | undefined;
    readonly recordedWith?: string | undefined;
}

/** Less than this says nothing about a day: one hundredth of it. */
const shortest = 864;

/**
 * A simulation for people.
 *
 * @param unrecorded - requests that are not in the log and that the policy would record, in words
 */
export function formatSimulation(simulation: Simulation, paths: PolicyPaths, unrecorded: readonly string[]): string {
    const { window, log, policy, against, comparison, recording } = simulation;
    if (window === undefined) {
        return "There is no event in the log.\n";
    }
    const { seconds } = window;
    const found = `${countOf(log.events, "event")} of ${countOf(log.requests, "request")}, ${formatBytes(log.bytes)}`;
    const parts = [
        `${found}, from ${window.from} to ${window.to} (${formatSeconds(seconds)}).\n`,
        seconds < shortest ? "That is a short time to tell a day from.\n" : "",
        recording?.otherwise ? warnOfRecording(recording.otherwise, log.events, paths.recordedWith!) : "",
        "\n",
        formatLevels([[paths.policy, policy], ...(against ? [[paths.against!, against] as const] : [])], seconds),
        formatUnknown(policy.total),
        `\nBy the rules of ${printable(paths.policy)}\n\n`,
        formatRules(policy, seconds),
        formatUnused(policy),
        formatContributors(policy, seconds),
        comparison ? formatComparison(comparison, paths) : "",
        unrecorded.length > 0
            ? `\nNot counted, since they are not in the log and would be recorded:\n${bullets(unrecorded)}`
            : "",
    ];
    return parts.join("");
}

function warnOfRecording(otherwise: number, events: number, path: string): string {
    const share = `${formatCount(otherwise)} of ${countOf(events, "event")}`;
    return `The log was not recorded with ${printable(path)} alone: ${share} have another level than it gives.\n`;
}

function formatLevels(policies: readonly (readonly [path: string, volumes: PolicyVolumes])[], seconds: number): string {
    const rows = policies.flatMap(([path, { total, levels: byLevel }]) => [
        [path, formatCount(total.requests), ...rates(total, seconds)],
        ...[...levels].reverse().flatMap((level) => {
            const volume = byLevel[level];
            return volume.requests > 0 ? [[`  ${level}`, formatCount(volume.requests), ...rates(volume, seconds)]] : [];
        }),
    ]);
    return formatColumns([["", "requests", "events a day", "bytes a day"], ...rows], [1, 2, 3]);
}

function rates({ events, bytes }: { events: Bounds; bytes: Bounds }, seconds: number): [string, string] {
    const rate = (bounds: Bounds, format: (value: number) => string) =>
        bounds.max === 0 ? "-" : seconds > 0 ? formatBounds(perDay(bounds, seconds), format) : "?";
    return [rate(events, formatCount), rate(bytes, formatBytes)];
}

function formatUnknown({ eventsOfUnknownSize, events }: Volume): string {
    return eventsOfUnknownSize === 0
        ? ""
        : `\nOf ${formatCount(eventsOfUnknownSize)} of ${formatBounds(events, formatCount)} events the log does not have ` +
              "everything that would be recorded; their bytes are counted without it.\n";
}

function formatRules({ rules }: PolicyVolumes, seconds: number): string {
    const rows = rules
        .filter(({ requests }) => requests > 0)
        .map(({ rule, description, ...volume }) => [
            rule === null ? "-" : `rules[${rule}]`,
            formatCount(volume.requests),
            ...rates(volume, seconds),
            description,
        ]);
    return formatColumns([["rule", "requests", "events a day", "bytes a day", ""], ...rows], [1, 2, 3]);
}

function formatUnused({ rules, unusedRules }: PolicyVolumes): string {
    const lines = unusedRules.map((index) => `rules[${index}]  ${printable(rules[index]!.description)}`);
    return lines.length === 0 ? "" : `\nRules that decided about no request\n\n${lines.join("\n")}\n`;
}

function formatContributors({ top, total }: PolicyVolumes, seconds: number): string {
    if (top.length === 0) {
        return "";
    }
    const rows = top.map(({ user, verb, resource, bytes }) => [
        seconds > 0 ? formatBytes((bytes * 86_400) / seconds) : "?",
        `${Math.round((100 * bytes) / Math.max(1, total.bytes.min))} %`,
        user === "" ? "(not authenticated)" : user,
        verb,
        resource,
    ]);
    return `\nMost of it comes from\n\n${formatColumns([["bytes a day", "share", "user", "verb", "resource"], ...rows], [0, 1])}`;
}

const titles: Readonly<Record<Change, string>> = {
    lost: "recorded no more",
    less: "recorded in less detail",
    more: "recorded in more detail",
    gained: "recorded now, and not before",
};

function formatComparison({ requests, changed }: Comparison, paths: PolicyPaths): string {
    const title = `\nFrom ${printable(paths.against!)} to ${printable(paths.policy)}\n`;
    if (changed.length === 0) {
        return `${title}\nThe same is recorded of every request in the log.\n`;
    }
    const sections = changes
        .filter((change) => requests[change] > 0)
        .map((change) => {
            const kinds = changed.filter((kind) => kind.change === change);
            return `\n${countOf(requests[change], "request")} ${titles[change]}\n${kinds.map(formatKind).join("")}`;
        });
    return `${title}${sections.join("")}\n${countOf(requests.same, "request")} recorded as before\n`;
}

function formatKind({ before, after, verb, resource, requests, example }: ChangedRequests): string {
    const what = printable(`${verb} ${resource}`);
    const by = example.user === "" ? "an unauthenticated request" : printable(example.user);
    const where = `${printable(example.requestURI)} by ${by}, ${printable(example.auditID)}`;
    return `  ${formatCount(requests)} × ${what}: ${before} → ${after}\n      such as ${where}\n`;
}

function bullets(lines: readonly string[]): string {
    return lines.map((line) => `  ${printable(line)}\n`).join("");
}
