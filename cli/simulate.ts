import { simulate } from "../events/simulate";
import { unrecordedRequests } from "../events/unrecorded";
import { newestMinor } from "../policy/kubernetes";
import { defineCommand, UsageError } from "./command";
import { ExitCode, printJson } from "./io";
import { findLogs, onlyEvents, readLogs } from "./logInput";
import { parseVersion, readPolicy } from "./policyInput";
import { parseWholeNumber } from "./rotationOptions";
import { formatSimulation } from "./simulateText";

const usage = `usage: kube-audit simulate SOURCE… --policy NEW [--against OLD] [--recorded-with POLICY] [--json]

Replays the requests of recorded logs: says what another policy would have recorded of them, by level and by rule, in
events and bytes a day; which of its rules decided about nothing; and where most of it comes from.

What is not in the log cannot be replayed. Where a body was not recorded that the new policy would record, its size is not
known: the figure is then "at least". Requests that were not recorded at all are not counted.

  SOURCE                  a log, a directory of logs, or - for standard input; rotated and compressed ones too
  --policy NEW            the policy to try, YAML or JSON
  --against OLD           also say which requests it records no more, or in less or more detail, than this policy
  --recorded-with POLICY  the policy with which the log was recorded: makes the figures exact at the log's beginning and
                          end, and names the requests that NEW would record and that are not in the log
  --top N                 so many contributors, and kinds of changed requests; default: 10
  --kubernetes VERSION    the API server's version, such as 1.34 or v1.34.4; default: the newest known, 1.${newestMinor}
  --json                  one JSON object on standard output: {window, log, policy, against, comparison, recording,
                          unrecorded}; numbers are those of the log's time, and null is a bound that nobody knows

Exit codes: 0 simulated, 1 NEW records less of a request than OLD, or a policy cannot be used, 2 bad usage or unreadable
file.
`;

/** `kube-audit simulate SOURCE… --policy NEW`. */
export const command = defineCommand({
    usage,
    options: {
        policy: { type: "string" },
        against: { type: "string" },
        "recorded-with": { type: "string" },
        top: { type: "string", default: "10" },
        kubernetes: { type: "string" },
        json: { type: "boolean", default: false },
    },
    async run({ values, positionals }, io) {
        if (values.policy === undefined || positionals.length === 0) {
            throw new UsageError("give a SOURCE and --policy");
        }
        const kubernetes = parseVersion(values.kubernetes) ?? newestMinor;
        const top = parseWholeNumber("top", values.top, 1);
        const paths = { policy: values.policy, against: values.against, recordedWith: values["recorded-with"] };
        const read = (path: string | undefined) =>
            path === undefined ? undefined : (readPolicy(path, kubernetes, io).policy ?? null);
        const [policy, against, recordedWith] = [read(paths.policy), read(paths.against), read(paths.recordedWith)];
        if (!policy || against === null || recordedWith === null) {
            return ExitCode.Finding;
        }
        const events = onlyEvents(readLogs(findLogs(positionals), io));
        const simulation = await simulate(events, { policy, against, recordedWith, kubernetes, top });
        const unrecorded = recordedWith && unrecordedRequests(recordedWith, policy, kubernetes);
        if (values.json) {
            printJson({ ...simulation, ...(unrecorded && { unrecorded }) }, io);
        } else {
            io.stdout(formatSimulation(simulation, paths, unrecorded ?? []));
        }
        const { lost = 0, less = 0 } = simulation.comparison?.requests ?? {};
        return lost + less > 0 ? ExitCode.Finding : ExitCode.Ok;
    },
});
