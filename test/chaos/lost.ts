/** Times are milliseconds since 1970. */
export interface ApiServerProcess {
    readonly pid: number;
    readonly started: number;
    /** When it was last seen alive. */
    readonly seen: number;
    /** Whether it was gone when last looked. */
    readonly ended: boolean;
    /** `--audit-…=value`, as on its command line. */
    readonly flags: readonly string[];
}

/** A request that an API server has answered. */
export interface Answered {
    readonly id: string;
    readonly sent: number;
    readonly answered: number;
}

export interface Verdict {
    /** How many answered requests have to have an event. */
    readonly expected: number;
    /** Those of them that have none. */
    readonly lost: readonly Answered[];
    /** Those that have none because they were waiting in the buffer of a process when it was ended. */
    readonly dropped: readonly Answered[];
}

/** How far apart looks at the processes are, with something for a busy machine. */
const LOOK_MS = 700;

/** What writing a batch may take beyond the wait for it. */
const WRITE_MS = 1000;

/**
 * Looks for answered requests that no event tells of.
 *
 * In the modes `blocking` and `blocking-strict` the event of a request is in the log's file before the request is answered, so
 * even kill -9 takes none away. In the mode `batch` the API server keeps events for `--audit-log-batch-max-wait` at most, and
 * writes what it has when it ends by itself (`bufferedBackend` of k8s.io/apiserver, plugin/pkg/audit/buffered); one that is
 * killed, as the kubelet does at the end of the grace period, drops what came in that time.
 *
 * Where it is not certain which process has answered, all that may have are considered.
 *
 * @param recorded - the requests that the log has an event of
 */
export function findLost(
    requests: readonly Answered[],
    processes: readonly ApiServerProcess[],
    recorded: ReadonlySet<string>,
): Verdict {
    const expected = requests.filter((request) => {
        const candidates = candidatesFor(request, processes);
        return candidates.length > 0 && candidates.every(hasLog);
    });
    const missing = expected.filter(({ id }) => !recorded.has(id));
    const isDropped = (request: Answered) =>
        candidatesFor(request, processes).some(
            (process) => process.ended && process.seen - request.answered < bufferedMs(process),
        );
    return {
        expected: expected.length,
        lost: missing.filter((request) => !isDropped(request)),
        dropped: missing.filter(isDropped),
    };
}

/** How long the events of these processes may take to be in the log. */
export function settlingMs(processes: readonly ApiServerProcess[]): number {
    return Math.max(0, ...processes.map(bufferedMs));
}

function candidatesFor({ sent, answered }: Answered, processes: readonly ApiServerProcess[]): ApiServerProcess[] {
    return processes.filter(({ started, seen }) => started <= answered && sent <= seen + LOOK_MS);
}

function hasLog({ flags }: ApiServerProcess): boolean {
    return ["policy-file", "log-path"].every((name) => flags.some((flag) => flag.startsWith(`--audit-${name}=`)));
}

/** How long before its end a process may have got an event that it has not written; negative where it writes all of them. */
function bufferedMs({ flags }: ApiServerProcess): number {
    if (!flags.includes("--audit-log-mode=batch")) {
        return -Infinity;
    }
    const wait = flags.map((flag) => /^--audit-log-batch-max-wait=(\d+)s$/.exec(flag)).find((match) => match !== null);
    return Number(wait?.[1] ?? 0) * 1000 + WRITE_MS;
}
