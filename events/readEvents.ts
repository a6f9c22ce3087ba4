import type { AuditEvent } from "./event";
import type { Damage, Place } from "./place";
import { readFile } from "./readFile";
import type { Selection } from "./scanner";
import type { LogSource } from "./sources";
import { microseconds } from "./time";

/** An event and where it was found. */
export interface LocatedEvent {
    readonly event: AuditEvent;
    readonly place: Place;
    /** Which of the sources it is from. */
    readonly source: LogSource;
}

export interface ReadOptions {
    /** Default: everything of all events. A depth of `texts` is not for events that outlive a call: `head` is read then. */
    readonly selection?: Selection;
    /** Is told of everything in the logs that no event could be read from. */
    readonly onDamage: (damage: Damage) => void;
}

/**
 * The events of several logs. Those of one log keep their order; those of different logs are merged by the time of their
 * stage, so a clock that jumps moves only its own log's events against the others'. In memory is one piece of each log.
 */
export async function* readEvents(sources: readonly LogSource[], options: ReadOptions): AsyncGenerator<LocatedEvent> {
    for await (const batch of mergeBatches(sources.map((source) => readLog(source, options, sources.length === 1)))) {
        yield* batch;
    }
}

/**
 * Shows the events of several logs to somebody who does not mind their order, one log after another.
 *
 * @param visit - with a depth of `texts`, the event is valid during the call
 */
export async function visitEvents(
    sources: readonly LogSource[],
    { selection, onDamage }: ReadOptions,
    visit: (event: AuditEvent) => void,
): Promise<void> {
    for (const source of sources) {
        for (const file of source.files) {
            const visitor = {
                event: visit,
                damaged: (line: number, reason: string) => {
                    onDamage({ file: nameOf(file), line, reason });
                },
            };
            const steps = readFile(file, visitor, { selection, inThreads: true });
            while ((await steps.next()).done !== true) {
                // The visitor has it.
            }
        }
    }
}

/** @param inThreads - not of many logs, each of which would have its own */
async function* readLog(
    source: LogSource,
    { selection, onDamage }: ReadOptions,
    inThreads: boolean,
): AsyncGenerator<LocatedEvent[]> {
    const kept = selection?.depth === "texts" ? { ...selection, depth: "head" as const } : selection;
    for (const path of source.files) {
        const file = nameOf(path);
        let batch: LocatedEvent[] = [];
        const visitor = {
            event: (event: AuditEvent, line: number) => {
                batch.push({ event, place: { file, line }, source });
            },
            damaged: (line: number, reason: string) => {
                onDamage({ file, line, reason });
            },
        };
        const steps = readFile(path, visitor, { selection: kept, inThreads });
        for (let isDone = false; !isDone;) {
            isDone = (await steps.next()).done === true;
            if (batch.length > 0) {
                yield batch;
                batch = [];
            }
        }
    }
}

interface Head {
    readonly batches: AsyncIterator<LocatedEvent[]>;
    batch: readonly LocatedEvent[];
    next: number;
    time: number;
}

/** Merges streams by the time of their events' stages. */
export async function* mergeBatches(
    streams: readonly AsyncIterable<LocatedEvent[]>[],
): AsyncGenerator<readonly LocatedEvent[]> {
    const [only, ...others] = streams;
    if (only === undefined || others.length === 0) {
        yield* only ?? [];
        return;
    }
    const heads: Head[] = [];
    for (const stream of streams) {
        const head: Head = { batches: stream[Symbol.asyncIterator](), batch: [], next: 0, time: 0 };
        if (await refill(head)) {
            heads.push(head);
        }
    }
    while (heads.length > 0) {
        const merged: LocatedEvent[] = [];
        for (;;) {
            const first = heads.reduce((least, head) => (head.time < least.time ? head : least));
            merged.push(first.batch[first.next]!);
            first.next++;
            if (first.next === first.batch.length) {
                yield merged;
                if (!(await refill(first))) {
                    heads.splice(heads.indexOf(first), 1);
                }
                break;
            }
            first.time = timeOf(first);
        }
    }
}

async function refill(head: Head): Promise<boolean> {
    const result = await head.batches.next();
    if (result.done === true) {
        return false;
    }
    head.batch = result.value;
    head.next = 0;
    head.time = timeOf(head);
    return true;
}

function timeOf({ batch, next }: Head): number {
    return microseconds(batch[next]!.event.stageTimestamp);
}

function nameOf(path: string): string {
    return path === "-" ? "<stdin>" : path;
}
