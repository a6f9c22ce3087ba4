import { Agent, request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { SandboxNode } from "../../sandbox";
import { clientCertificate } from "../e2e/controlPlane";
import type { Answered, ApiServerProcess } from "./lost";
import { ROUND_WITHIN_SECONDS } from "./plan";

/** What is always asked of one node, and who answers there. */
export interface Witness {
    /** Ends it; what was answered, and the processes that were seen. */
    stop(): Promise<{ readonly requests: readonly Answered[]; readonly processes: readonly ApiServerProcess[] }>;
}

const PAUSE_MS = 90;

/**
 * Asks a node's own API server for names that nobody else asks for, one after another, over connections that are kept while they
 * last, and looks at which processes there are.
 *
 * @param prefix - what all names begin with
 */
export async function startWitness(node: SandboxNode, prefix: string): Promise<Witness> {
    const identity = { ...(await clientCertificate(node)), host: node.address, port: 6443, rejectUnauthorized: false };
    const processes = watchProcesses(node, prefix);
    const requests: Answered[] = [];
    const stopping = new AbortController();
    const asking = (async () => {
        const agent = new Agent({ ...identity, keepAlive: true, maxSockets: 1 });
        for (let number = 1; !stopping.signal.aborted; number++) {
            const id = `${prefix}-${number}`;
            const sent = Date.now();
            const status = await get(agent, `/api/v1/namespaces/default/configmaps/${id}`);
            // What is refused before authentication has no event: 401, and 429 or 503 while a process ends.
            if (status === 404 || status === 403) {
                requests.push({ id, sent, answered: Date.now() });
            }
            await sleep(PAUSE_MS);
        }
        agent.destroy();
    })();
    return {
        stop: async () => {
            stopping.abort();
            await asking;
            return { requests, processes: await processes.stop() };
        },
    };
}

/** The answer's status; undefined where there is none. */
function get(agent: Agent, path: string): Promise<number | undefined> {
    return new Promise((resolve) => {
        const asked = request({ agent, path, timeout: 3000 }, (answer) => {
            answer.resume();
            answer.on("end", () => {
                resolve(answer.statusCode);
            });
            answer.on("error", () => {
                resolve(undefined);
            });
        });
        asked.on("timeout", () => asked.destroy());
        asked.on("error", () => {
            resolve(undefined);
        });
        asked.end();
    });
}

/**
 * Shell: while there is the file, prints which API servers there are four times a second, and when one appears, since when and
 * with which flags. Times are seconds since boot, the first line's also since 1970; a process's start is in hundredths of them.
 */
const watchUntilGone = (file: string) => `
touch ${file}
read -r uptime _ </proc/uptime
echo "clock $(date +%s.%N) $uptime"
known=' '
while [ -e ${file} ]; do
    found=
    for entry in /proc/[0-9]*; do
        comm=
        read -r comm 2>/dev/null <$entry/comm && [ "$comm" = kube-apiserver ] || continue
        pid=\${entry#/proc/}
        case $known in
        *" $pid "*) ;;
        *)
            flags=$(tr '\\0' ' ' <$entry/cmdline)
            read -r stat 2>/dev/null <$entry/stat && [ -n "$flags" ] || continue
            set -- \${stat##*) }
            echo "new $pid \${20} $flags"
            known="$known$pid "
            ;;
        esac
        found="$found $pid"
    done
    read -r uptime _ </proc/uptime
    echo "at $uptime$found"
    sleep 0.25
done`;

function watchProcesses(node: SandboxNode, name: string) {
    const file = `/run/${name}.watch`;
    const watching = node.check(watchUntilGone(file), { timeoutSeconds: ROUND_WITHIN_SECONDS });
    return {
        stop: async (): Promise<ApiServerProcess[]> => {
            await node.check(`rm -f ${file}`);
            return parseProcesses(await watching);
        },
    };
}

/** Reads what {@link watchUntilGone} prints. */
export function parseProcesses(text: string): ApiServerProcess[] {
    const processes = new Map<string, ApiServerProcess>();
    let booted = 0;
    let last: readonly string[] = [];
    for (const line of text.split("\n").slice(0, -1)) {
        const [kind, ...words] = line.split(" ");
        if (kind === "clock") {
            booted = (Number(words[0]) - Number(words[1])) * 1000;
        } else if (kind === "new") {
            const [pid, start, ...flags] = words;
            const started = booted + Number(start) * 10;
            processes.set(pid!, {
                pid: Number(pid),
                started,
                seen: started,
                ended: true,
                flags: flags.filter((flag) => flag.startsWith("--audit-")),
            });
        } else {
            last = words.slice(1);
            for (const pid of last) {
                processes.set(pid, { ...processes.get(pid)!, seen: booted + Number(words[0]) * 1000 });
            }
        }
    }
    return [...processes].map(([pid, process]) => ({ ...process, ended: !last.includes(pid) }));
}

/** The requests of that prefix that the logs have events of. */
export async function recordedEvents(node: SandboxNode, prefix: string, since: number): Promise<Set<string>> {
    const found = await node.check(
        `cd /var/log/kubernetes/audit 2>/dev/null || exit 0
find . -type f -newermt @${Math.floor(since / 1000)} | while read -r file; do
    case $file in *.gz) zcat "$file" 2>/dev/null ;; *) cat "$file" ;; esac
done | grep -oE 'configmaps/${prefix}-[0-9]+' | sort -u`,
    );
    return new Set(found.split("\n").map((line) => line.replace("configmaps/", "")));
}
