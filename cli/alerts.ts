import { joinAlerts } from "../events/alertJoin";
import { falcoPriorities } from "../events/falcoAlert";
import { collectAlerts, readAlerts, type AlertSource, type ReadAlerts } from "../events/readAlerts";
import type { LocatedEvent } from "../events/readEvents";
import { formatAlerts, toJson } from "./alertsText";
import { defineCommand, UsageError } from "./command";
import { EventInput } from "./eventInput";
import type { LogHost } from "./hostsFile";
import { hostsHelp, hostsOptions, readHosts } from "./hostsOptions";
import { CommandError, ExitCode, fileName, printJson, type CommandIO } from "./io";
import { findLogs, readLogs } from "./logInput";
import { outputOptions, wantsJson } from "./outputOption";
import { readQuery } from "./queryOptions";

const usage = `usage: kube-audit alerts FILE… [--log SOURCE]… [--priority PRIORITY] [-o text|json]
       kube-audit alerts [FILE…] --hosts FILE | --stack STACK [--since TIME] …

Shows Falco's alerts in the order of time, each with its rule, priority, user and pod, and joins it with the request in the
audit log that it is about: by the audit ID where the alert has one, else by its time, user, verb and target. Which of them
it was is always said. Where several requests of the same second fit, all of them are shown, the best first, and none is
chosen.

So that alerts have the audit ID, add to falco.yaml:
    append_output: [{match: {source: k8s_audit}, extra_fields: [ka.auditid]}]

  FILE                  Falco's output: JSON, text, or a journal of either (journalctl -u falco); - for standard input; default,
                        with hosts: what Falco has written into their journals (journalctl -t falco)
  --log SOURCE          an audit log, or a directory of audit logs; can be repeated; default: the hosts' logs, else none, the
                        alerts alone
${hostsHelp}  --since TIME          only what the hosts have from then on: 2026-03-02T09:15, or back from now: 30m, 2h, 7d
  --priority PRIORITY   only alerts of this priority or a more urgent one: ${falcoPriorities.slice(0, 4).join(", ")},
                        ${falcoPriorities.slice(4).join(", ")}
  -o, --output text|json   json: one JSON object on standard output: {alerts: [{time, rule, priority, source, hostname,
                        message, user, pod, …, place, joinedBy, requests: [{auditID, place, alike, distanceSeconds,
                        event}], furtherRequests}], otherLines}
  --json                the same as -o json

Exit codes: 0 there are alerts, 1 there are none, 2 bad usage or unreadable file.
`;

/** `kube-audit alerts FILE…`. */
export const command = defineCommand({
    usage,
    options: {
        log: { type: "string", multiple: true, default: [] },
        ...hostsOptions,
        since: { type: "string" },
        priority: { type: "string" },
        ...outputOptions,
    },
    async run({ values, positionals }, io) {
        const hosts = readHosts(values, io);
        if (positionals.length === 0 && hosts === undefined) {
            throw new UsageError("give at least one FILE, or hosts");
        }
        if (values.since !== undefined && hosts === undefined) {
            throw new CommandError("--since needs --hosts or --stack");
        }
        const asJson = wantsJson(values);
        if (positionals.includes("-") && values.log.includes("-")) {
            throw new CommandError("alerts and audit log cannot both be standard input");
        }
        const least = priorityIndex(values.priority);
        const { since } = readQuery({ since: values.since });
        const searched = values.log.length > 0 || hosts !== undefined;
        const events = eventsOf(values.log, hosts, since, io);
        const { alerts, otherLines } =
            positionals.length > 0 ? await read(positionals) : await collectAlerts(await journalsOf(hosts!, since));
        const wanted = alerts.filter(({ alert }) => falcoPriorities.indexOf(alert.priority) <= least);
        const joined = await joinAlerts(wanted, events);
        if (asJson) {
            printJson({ alerts: toJson(joined), otherLines }, io);
        } else {
            io.stdout(formatAlerts(joined, searched));
            io.stderr(otherLines > 0 ? `Lines that are no alert: ${otherLines}\n` : "");
        }
        return joined.length > 0 ? ExitCode.Ok : ExitCode.Finding;
    },
});

/** Of the logs that are named, else of the hosts'. Times in microseconds since 1970. */
function eventsOf(
    logs: readonly string[],
    hosts: readonly LogHost[] | undefined,
    since: number | undefined,
    io: CommandIO,
): AsyncGenerator<LocatedEvent> {
    return logs.length > 0 || hosts === undefined
        ? readLogs(findLogs(logs), io)
        : new EventInput([], io, { hosts, follow: false }).read({ since }, "whole");
}

function journalsOf(hosts: readonly LogHost[], since: number | undefined): Promise<AlertSource[]> {
    const { readJournals } = require("./journals") as typeof import("./journals");
    return readJournals(hosts, since === undefined ? undefined : since / 1000);
}

function priorityIndex(name: string | undefined): number {
    if (name === undefined) {
        return falcoPriorities.length;
    }
    const wanted = name.toLowerCase() === "info" ? "informational" : name.toLowerCase();
    const index = falcoPriorities.findIndex((priority) => priority.toLowerCase() === wanted);
    if (index === -1) {
        throw new CommandError(`--priority is one of ${falcoPriorities.join(", ")}, and not ${name}`);
    }
    return index;
}

async function read(paths: readonly string[]): Promise<ReadAlerts> {
    try {
        return await readAlerts(paths);
    } catch (error) {
        const { code, path, message } = error as NodeJS.ErrnoException;
        throw new CommandError(
            `cannot read ${path === undefined ? "an input" : fileName(path)}: ${code === "ENOENT" ? "no such file" : message}`,
        );
    }
}
