import type { AuditEvent } from "../events/event";
import { followBatches } from "../events/followBatches";
import { LineBuffer } from "../events/lineBuffer";
import { MarkedLog } from "../events/markedLog";
import { mergeBatches, type LocatedEvent, type ReadOptions } from "../events/readEvents";
import { Scanner } from "../events/scanner";
import { FILE_MARK, lastLine, readLogsScript, rootShell } from "../host/script";
import { exchange } from "../host/ssh";
import type { LogHost } from "./hostsFile";
import { CommandError } from "./io";

/** How long a host that writes nothing is waited for, so that the others' events are not out of order. */
const PATIENCE_MS = 1500;

export interface LiveOptions extends ReadOptions {
    /** Rotated files from before this time are not sent; milliseconds since 1970. */
    readonly since?: number;
    /** Go on with what is written. */
    readonly follow: boolean;
}

/**
 * The events in the logs of hosts, merged by time. A host sends only as fast as its events are taken.
 *
 * @throws CommandError where a host cannot be reached, or its log cannot be read
 */
export async function* readHostLogs(hosts: readonly LogHost[], options: LiveOptions): AsyncGenerator<LocatedEvent> {
    const stop = new AbortController();
    const streams = hosts.map((host) => readHost(host, options, stop.signal));
    try {
        if (options.follow) {
            yield* followBatches(streams, PATIENCE_MS);
            return;
        }
        for await (const batch of mergeBatches(streams)) {
            yield* batch;
        }
    } finally {
        stop.abort();
    }
}

async function* readHost(host: LogHost, options: LiveOptions, signal: AbortSignal): AsyncGenerator<LocatedEvent[]> {
    let batch: LocatedEvent[] = [];
    let wake: () => void = () => undefined;
    let release: () => void = () => undefined;
    const state = { isOver: false };
    const buffer = bufferFor(host, options, (located) => batch.push(located));
    const ended = receive(host, options, signal, async (bytes) => {
        buffer.write(bytes);
        if (batch.length > 0) {
            await new Promise<void>((resolve) => {
                release = resolve;
                wake();
            });
        }
    }).then(() => {
        state.isOver = true;
        buffer.end();
        wake();
    });
    ended.catch(() => undefined); // It is told below, where it is waited for.
    for (;;) {
        const woken = new Promise<void>((resolve) => (wake = resolve));
        if (batch.length === 0 && !state.isOver) {
            await Promise.race([woken, ended]);
        }
        if (batch.length > 0) {
            yield batch;
            batch = [];
            release();
        } else if (state.isOver) {
            return;
        }
    }
}

function bufferFor(
    host: LogHost,
    { selection, onDamage }: LiveOptions,
    take: (located: LocatedEvent) => void,
): LineBuffer {
    const source = { name: host.name, files: [host.logPath] };
    const open = (path: string) => {
        const file = `${host.name}:${path}`;
        const visitor = {
            event: (event: AuditEvent, line: number) => {
                take({ event, place: { file, line }, source });
            },
            damaged: (line: number, reason: string) => {
                onDamage({ file, line, reason });
            },
        };
        return new Scanner(visitor, selection);
    };
    return new LineBuffer(new MarkedLog(FILE_MARK, open));
}

async function receive(
    { name, connection, logPath }: LogHost,
    { since, follow }: LiveOptions,
    signal: AbortSignal,
    onStdout: (bytes: Buffer) => Promise<void>,
): Promise<void> {
    const script = readLogsScript({ path: logPath, since, follow });
    const { code, stderr } = await exchange(connection, rootShell(connection.user), script, {
        timeoutSeconds: 0,
        onStdout,
        signal,
    }).catch((error: unknown) => {
        throw new CommandError(`${name}: ${(error as Error).message}`);
    });
    if (code !== 0) {
        const said = lastLine(stderr);
        throw new CommandError(
            `${name}: ${logPath} cannot be read: ${said}. Is auditing on, and may ${connection.user} run sudo -n sh?`,
        );
    }
}
