import { measureLog } from "../events/logRate";
import { reachesBack, retentionOfLog, type LogRetention } from "../events/logRetention";
import { simulate } from "../events/simulate";
import { newestMinor } from "../policy/kubernetes";
import { defineCommand, UsageError } from "./command";
import { CommandError, ExitCode, fileName, printJson } from "./io";
import { findLogs, onlyEvents, readLogs } from "./logInput";
import { parseVersion, readPolicy } from "./policyInput";
import { formatRetention } from "./retentionText";
import { parseWholeNumber, readRotation, rotationHelp, rotationOptions } from "./rotationOptions";

const usage = `usage: kube-audit retention SOURCE… [--max-size MIB] [--max-backup FILES] [--max-age DAYS] [--days N] [--json]

Says of each log how far back it reaches once it has been written for long enough at the rate at which it was recorded,
which of the three limits is the one that counts, how much disk it takes, and what to set for the days that are wanted.

  SOURCE                 the log of an API server, or a directory of them; every log is one host's. - is standard input
${rotationHelp}
  --days N               also say what to set so that the log reaches back N days
  --policy POLICY        take the rate at which this policy would record the log's requests
  --recorded-with POLICY the policy with which the log was recorded, for --policy
  --kubernetes VERSION   the API server's version, such as 1.34 or v1.34.4; default: the newest known, 1.${newestMinor}
  --json                 one JSON object on standard output: {logs: [{name, window, bytesPerSecond, compressedShare,
                         limit, backups, secondsPerFile, reach, disk, wanted}]}; times in seconds, sizes in bytes; null
                         is a bound that there is not

Exit codes: 0 fine, 1 a log does not reach back N days or is too short to tell, or a policy cannot be used, 2 bad usage or
unreadable file.
`;

/** `kube-audit retention SOURCE…`. */
export const command = defineCommand({
    usage,
    options: {
        ...rotationOptions,
        days: { type: "string" },
        policy: { type: "string" },
        "recorded-with": { type: "string" },
        kubernetes: { type: "string" },
        json: { type: "boolean", default: false },
    },
    async run({ values, positionals }, io) {
        if (positionals.length === 0) {
            throw new UsageError("give at least one SOURCE");
        }
        if (values.policy !== undefined && positionals.includes("-")) {
            throw new CommandError("with --policy a log is read twice, which standard input cannot be");
        }
        const kubernetes = parseVersion(values.kubernetes) ?? newestMinor;
        const settings = readRotation(values);
        const days = values.days === undefined ? undefined : parseWholeNumber("days", values.days, 1);
        const read = (path: string | undefined) =>
            path === undefined ? undefined : (readPolicy(path, kubernetes, io).policy ?? null);
        const [policy, recordedWith] = [read(values.policy), read(values["recorded-with"])];
        if (policy === null || recordedWith === null) {
            return ExitCode.Finding;
        }
        const logs: (LogRetention & { name: string })[] = [];
        for (const source of findLogs(positionals)) {
            const events = () => onlyEvents(readLogs([source], io));
            const rate = await measureLog(events());
            const replayed = policy && (await simulate(events(), { policy, recordedWith, kubernetes }));
            const bytes = replayed?.policy.total.bytes;
            logs.push({ name: fileName(source.name), ...retentionOfLog(rate, { settings, days, kubernetes, bytes }) });
        }
        if (values.json) {
            printJson({ logs }, io);
        } else {
            io.stdout(logs.map((log) => formatRetention(log.name, log, settings, days)).join("\n"));
        }
        return logs.every((log) => reachesBack(log, days ?? 0)) ? ExitCode.Ok : ExitCode.Finding;
    },
});
