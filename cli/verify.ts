import { verify, type Verification } from "../host/verification";
import { resolveRequest } from "../policy/requestInfo";
import { defineCommand, UsageError } from "./command";
import { hostsHelp, hostsOptions, readHosts } from "./hostsOptions";
import { CommandError, ExitCode, printJson } from "./io";
import type { LogHost } from "./hostsFile";
import { outputOptions, wantsJson } from "./outputOption";
import { readDuration } from "./queryOptions";

const usage = `usage: kube-audit verify --hosts FILE | --stack STACK [--request PATH] [--timeout DURATION] [-o text|json]

Shows that every API server's audit log works: makes one harmless request with a name of its own on each host, through the
API server's own address, and waits until its event is in that host's log, with the level that the policy says which the
running API server was started with. Nothing is changed. Asked for is the first of these that the policy logs: the version,
/readyz, the namespace default, or an object named kube-audit-verify, which there is none of.

${hostsHelp}  --request PATH        ask for this with a GET instead, such as /api/v1/namespaces/shop/pods/none
  --timeout DURATION    for the event to arrive; default: 30s
  -o, --output text|json   json: {hosts: [{host, ok: true, request, client, server, level, seconds} or {host, ok: false,
                        reason}]}
  --json                the same as -o json

Exit codes: 0 every log works, 1 one does not, or its host cannot be reached, 2 bad usage or unreadable file.
`;

/** What came of one host. */
type Result =
    ({ readonly ok: true } & Verification) | { readonly host: string; readonly ok: false; readonly reason: string };

/** `kube-audit verify`. */
export const command = defineCommand({
    usage,
    options: {
        ...hostsOptions,
        request: { type: "string" },
        timeout: { type: "string", default: "30s" },
        ...outputOptions,
    },
    async run({ values, positionals }, io) {
        if (positionals.length > 0) {
            throw new UsageError("verify takes no arguments");
        }
        const asJson = wantsJson(values);
        const options = { timeoutSeconds: readTimeout(values.timeout), path: readPath(values.request) };
        const hosts = readHosts(values, io);
        if (hosts === undefined) {
            throw new UsageError("give --hosts or --stack");
        }
        const results = await Promise.all(hosts.map((host) => verifyHost(host, options)));
        if (asJson) {
            printJson({ hosts: results }, io);
        } else {
            const width = Math.max(...results.map(({ host }) => host.length));
            io.stdout(results.map((result) => `${result.host.padEnd(width)}  ${describe(result)}\n`).join(""));
        }
        return results.every(({ ok }) => ok) ? ExitCode.Ok : ExitCode.Finding;
    },
});

async function verifyHost(
    host: LogHost,
    options: { timeoutSeconds: number; path: string | undefined },
): Promise<Result> {
    try {
        return { ok: true, ...(await verify(host, options)) };
    } catch (error) {
        return { host: host.name, ok: false, reason: error instanceof Error ? error.message : String(error) };
    }
}

function describe(result: Result): string {
    if (!result.ok) {
        return `FAILED  ${result.reason}`;
    }
    const { level, seconds, request, server, client } = result;
    return `ok      ${level} after ${seconds.toFixed(2)} s: GET ${request} through ${server} (${client})`;
}

/** Whole seconds: the hosts' shells know no others. */
function readTimeout(text: string): number {
    const seconds = readDuration("timeout", text) / 1000;
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > 3600) {
        throw new CommandError(`--timeout is ${JSON.stringify(text)}; give whole seconds, from 1s to 1h`);
    }
    return seconds;
}

function readPath(path: string | undefined): string | undefined {
    if (path === undefined) {
        return undefined;
    }
    try {
        resolveRequest({ method: "GET", url: path });
    } catch (error) {
        throw new CommandError(`--request: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (!path.startsWith("/")) {
        throw new CommandError(`--request is ${JSON.stringify(path)}; give a path such as /version`);
    }
    return path;
}
