import { joinAlerts } from "../events/alertJoin";
import { falcoPriorities } from "../events/falcoAlert";
import { readAlerts, type ReadAlerts } from "../events/readAlerts";
import { formatAlerts, toJson } from "./alertsText";
import { defineCommand, UsageError } from "./command";
import { CommandError, ExitCode, fileName, printJson } from "./io";
import { findLogs, readLogs } from "./logInput";

const usage = `usage: kube-audit alerts FILE… [--log SOURCE]… [--priority PRIORITY] [-o text|json]

Shows Falco's alerts in the order of time, each with its rule, priority, user and pod, and joins it with the request in the
audit log that it is about: by the audit ID where the alert has one, else by its time, user, verb and target. Which of them
it was is always said. Where several requests of the same second fit, all of them are shown, the best first, and none is
chosen.

So that alerts have the audit ID, add to falco.yaml:
    append_output: [{match: {source: k8s_audit}, extra_fields: [ka.auditid]}]

  FILE                 Falco's output: JSON, text, or a journal of either (journalctl -u falco); - for standard input
  --log SOURCE         an audit log, or a directory of audit logs; can be repeated; default: none, the alerts alone
  --priority PRIORITY  only alerts of this priority or a more urgent one: ${falcoPriorities.slice(0, 4).join(", ")},
                       ${falcoPriorities.slice(4).join(", ")}
  -o, --output text|json   json: one JSON object on standard output: {alerts: [{time, rule, priority, source, hostname,
                       message, user, pod, …, place, joinedBy, requests: [{auditID, place, alike, distanceSeconds,
                       event}], furtherRequests}], otherLines}
  --json               the same as -o json

Exit codes: 0 there are alerts, 1 there are none, 2 bad usage or unreadable file.
`;

/** `kube-audit alerts FILE…`. */
export const command = defineCommand({
    usage,
    options: {
        log: { type: "string", multiple: true, default: [] },
        priority: { type: "string" },
        output: { type: "string", short: "o", default: "text" },
        json: { type: "boolean", default: false },
    },
    async run({ values, positionals }, io) {
        if (positionals.length === 0) {
            throw new UsageError("give at least one FILE");
        }
        if (!["text", "json"].includes(values.output)) {
            throw new CommandError(`-o is text or json, and not ${values.output}`);
        }
        if (positionals.includes("-") && values.log.includes("-")) {
            throw new CommandError("alerts and audit log cannot both be standard input");
        }
        const least = priorityIndex(values.priority);
        const sources = findLogs(values.log);
        const { alerts, otherLines } = await read(positionals);
        const wanted = alerts.filter(({ alert }) => falcoPriorities.indexOf(alert.priority) <= least);
        const joined = await joinAlerts(wanted, readLogs(sources, io));
        if (values.json || values.output === "json") {
            printJson({ alerts: toJson(joined), otherLines }, io);
        } else {
            io.stdout(formatAlerts(joined, values.log.length > 0));
            io.stderr(otherLines > 0 ? `Lines that are no alert: ${otherLines}\n` : "");
        }
        return joined.length > 0 ? ExitCode.Ok : ExitCode.Finding;
    },
});

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
