import { posix } from "node:path";
import type { ApiServer } from "./apiServer";
import { LOG_DEFAULTS } from "./flags";
import { HostError } from "./hostError";
import type { HostFacts, Observation, ObservedMount } from "./observation";
import { POLICY_DIRECTORY, STATE_DIRECTORY } from "./paths";
import type { Receipt } from "./receipt";
import type { AuditSettings, LogSettings } from "./settings";
import type { Wish } from "./wish";

/** The log's directory; empty where the log goes to standard output. */
export function logDirectory({ log }: AuditSettings): string {
    const path = log.path ?? LOG_DEFAULTS.path;
    return path === "-" ? "" : posix.dirname(path);
}

/**
 * Refuses a host that cannot be written to.
 *
 * @throws HostError that names what is mounted read-only
 */
export function refuseReadOnly({ facts }: Observation, { file }: ApiServer, { settings }: Wish): void {
    const places = [posix.dirname(file), POLICY_DIRECTORY, STATE_DIRECTORY, "/etc/systemd/system"];
    const log = logDirectory(settings);
    for (const place of [...places, ...(log === "" ? [] : [log])]) {
        const mount = facts && mountOf(place, facts);
        if (mount?.readOnly === true) {
            throw new HostError(
                `${mount.point} is mounted read-only, so nothing can be written to ${place}. ` +
                    `Mount it writable (mount -o remount,rw ${mount.point}), then run the update again.`,
            );
        }
    }
}

/** The file system that a directory is on, or would be. */
function mountOf(directory: string, { mounts }: HostFacts): ObservedMount | undefined {
    const above = mounts.filter(({ point }) => `${directory}/`.startsWith(point === "/" ? "/" : `${point}/`));
    const longest = Math.max(...above.map(({ point }) => point.length));
    return above.findLast(({ point }) => point.length === longest);
}

/** Says what is not well on a host for what is asked of it, and does not stop it. */
export function hostWarnings(observation: Observation, wish: Wish, receipt: Receipt | undefined): string[] {
    const { facts } = observation;
    const directory = logDirectory(wish.settings);
    if (facts === undefined) {
        return [];
    }
    return [
        ...(directory === "" ? [] : spaceWarnings(facts, directory, wish.settings.log, receipt)),
        ...labelWarnings(observation, facts, [POLICY_DIRECTORY, ...(directory === "" ? [] : [directory])]),
    ];
}

const MIB = 1024 * 1024;

/** What gzip leaves of rotated logs: audit events shrink to less than a tenth, but not every log is alike. */
const COMPRESSED = 1 / 5;

/** The most that the log can take up, in bytes; while a rotated file is compressed, it is there as it was too. */
export function largestLog(log: LogSettings): number {
    const { maxSize, maxBackup } = { ...LOG_DEFAULTS, ...log };
    const rotated = maxBackup === 0 ? Infinity : log.compress === true ? 1 + maxBackup * COMPRESSED : maxBackup;
    return maxSize * MIB * (1 + rotated);
}

/** Room that is missing now can be made, and old logs go with their age: so this warns, and does not refuse. */
function spaceWarnings(facts: HostFacts, directory: string, log: LogSettings, receipt: Receipt | undefined): string[] {
    const { space } = facts;
    const largest = largestLog(log);
    if (space === undefined || largest === Infinity) {
        return [];
    }
    // What our own earlier logs take up there is not missing.
    const usable = receipt?.directory === directory ? space.total : space.available;
    if (usable >= largest) {
        return [];
    }
    const mount = mountOf(directory, facts);
    const etcd = mountOf("/var/lib/etcd", facts);
    const shared = mount !== undefined && mount.device === etcd?.device;
    const how = log.compress === true ? ", rotated ones compressed to a fifth" : "";
    return [
        `the log settings allow ${mib(largest)} in ${directory} (log.maxSize × (log.maxBackup + 1)${how}), but its file ` +
            `system${mount === undefined ? "" : ` ${mount.point}`} has ${mib(space.available)} free of ${mib(space.total)}. ` +
            `When it is full, ${shared ? "etcd, whose data are on it too, stops, and with it the API" : "audit events are lost"}. ` +
            "Make room there, or set log.maxSize and log.maxBackup lower.",
    ];
}

function mib(bytes: number): string {
    return `${Math.floor(bytes / MIB)} MiB`;
}

/** Labels with which a confined container may read and write what is on the host. */
const CONTAINER_LABEL = "container_file_t";

/** An API server that SELinux confines can only use what is labelled for containers. */
function labelWarnings({ processes }: Observation, facts: HostFacts, directories: readonly string[]): string[] {
    const confined = processes
        .map(({ pid }) => typeOf(facts.contexts.get(pid)))
        .find((type) => type?.startsWith("container_"));
    const wrong = directories.filter((directory) => typeOf(facts.labels.get(directory)) !== CONTAINER_LABEL);
    if (confined === undefined || wrong.length === 0) {
        return [];
    }
    const found = wrong.map((directory) => `${directory} (${typeOf(facts.labels.get(directory)) ?? "not there yet"})`);
    const rules = wrong.map((directory) => `semanage fcontext -a -t ${CONTAINER_LABEL} '${directory}(/.*)?'`);
    return [
        `SELinux is enforcing and confines the API server (${confined}), which may therefore not be allowed to use ` +
            `${found.join(" and ")}. Label them first: mkdir -p -m 700 ${wrong.join(" ")}; ${rules.join("; ")}; ` +
            `restorecon -RF ${wrong.join(" ")}. An API server that cannot use them gets its old settings back.`,
    ];
}

function typeOf(context: string | undefined): string | undefined {
    return context?.split(":")[2];
}
