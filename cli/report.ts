import { collectReport, type Report } from "../events/report/collect";
import { renderReport } from "../events/report/page";
import { newestMinor } from "../policy/kubernetes";
import { defineCommand, UsageError } from "./command";
import { EventInput } from "./eventInput";
import { ExitCode, fileName, printJson } from "./io";
import { parseVersion, readPolicy } from "./policyInput";
import { parseWholeNumber, readRotation, rotationHelp, rotationOptions } from "./rotationOptions";

const usage = `usage: kube-audit report SOURCE… [-o report.html] [--policy POLICY] [--json]

Writes one HTML page about audit logs: activity over time, who does what, denials, sensitive actions, how far back the logs
reach and, with --policy, what its rules do. Every figure leads to some of the requests that it counts. The page needs nothing
else: no network, no script. It can be printed and read on a telephone.

  SOURCE                 a log, a directory of logs, or - for standard input; rotated and compressed ones too
  -o, --output FILE      the page; default: standard output
  --policy POLICY        the policy whose rules are reported on
  --top N                so many rows in a list; default: 10
${rotationHelp}
  --kubernetes VERSION   the API server's version, such as 1.34 or v1.34.4; default: the newest known, 1.${newestMinor}
  --json                 what the page says, as one JSON object on standard output, in place of the page

Exit codes: 0 written, 1 the policy cannot be used, 2 bad usage or unreadable file.
`;

/** `kube-audit report SOURCE…`. */
export const command = defineCommand({
    usage,
    options: {
        output: { type: "string", short: "o", default: "-" },
        policy: { type: "string" },
        top: { type: "string", default: "10" },
        ...rotationOptions,
        kubernetes: { type: "string" },
        json: { type: "boolean", default: false },
    },
    async run({ values, positionals }, io) {
        if (positionals.length === 0) {
            throw new UsageError("give at least one SOURCE");
        }
        const kubernetes = parseVersion(values.kubernetes) ?? newestMinor;
        const top = parseWholeNumber("top", values.top, 1);
        const rotation = readRotation(values);
        const policy = values.policy === undefined ? undefined : readPolicy(values.policy, kubernetes, io).policy;
        if (values.policy !== undefined && policy === undefined) {
            return ExitCode.Finding;
        }
        const input = EventInput.open(positionals, {}, io);
        const report = await collectReport(input.read({}, "whole"), { policy, rotation, kubernetes, top });
        input.reportDamages();
        if (values.json) {
            printJson({ ...report, ...(report.policy && { policy: toJson(report.policy) }) }, io);
            return ExitCode.Ok;
        }
        const sources = positionals.map(fileName);
        const page = renderReport(report, { sources, policy: values.policy, damaged: input.damages });
        if (values.output === "-") {
            io.stdout(page);
        } else {
            io.writeFile(values.output, page);
        }
        return ExitCode.Ok;
    },
});

/** The requests by their rule, which is `null` for those that none matches. */
function toJson({ simulation, evidence }: NonNullable<Report["policy"]>): object {
    return { simulation, evidence: Object.fromEntries([...evidence].map(([rule, rows]) => [String(rule), rows])) };
}
