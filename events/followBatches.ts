import { setTimeout as sleep } from "node:timers/promises";
import type { LocatedEvent } from "./readEvents";
import { microseconds } from "./time";

interface Stream {
    readonly batches: AsyncIterator<LocatedEvent[]>;
    waiting: LocatedEvent[];
    /** Settles when there is a next batch, or the end. */
    pending: Promise<void> | undefined;
    /** Nobody waits for it any more, until something comes. */
    isIdle: boolean;
    hasEnded: boolean;
}

/**
 * Merges streams that never end by the time of their events' stages. A stream from which nothing comes is waited for a short
 * time only, so what comes from it afterwards may be older than what was given out.
 *
 * @param patience - milliseconds
 */
export async function* followBatches(
    sources: readonly AsyncIterable<LocatedEvent[]>[],
    patience: number,
): AsyncGenerator<LocatedEvent> {
    const streams = sources.map((source): Stream => {
        const batches = source[Symbol.asyncIterator]();
        return { batches, waiting: [], pending: undefined, isIdle: false, hasEnded: false };
    });
    for (;;) {
        const lacking = streams.filter(({ waiting, hasEnded }) => waiting.length === 0 && !hasEnded);
        const ready = streams.filter(({ waiting }) => waiting.length > 0);
        lacking.forEach(fetchNext);
        if (ready.length === 0 && lacking.length === 0) {
            return;
        }
        const awaited = lacking.filter(({ isIdle }) => !isIdle);
        if (ready.length === 0) {
            await Promise.race(pendingOf(lacking));
        } else if (awaited.length > 0) {
            await Promise.race([Promise.all(pendingOf(awaited)), sleep(patience)]);
            awaited.forEach((stream) => {
                stream.isIdle = stream.pending !== undefined;
            });
        }
        yield* takeMerged(streams.filter(({ waiting }) => waiting.length > 0));
    }
}

function pendingOf(streams: readonly Stream[]): Promise<void>[] {
    return streams.map(({ pending }) => pending ?? Promise.resolve());
}

function fetchNext(stream: Stream): void {
    stream.pending ??= stream.batches.next().then((result) => {
        stream.pending = undefined;
        stream.isIdle = false;
        if (result.done === true) {
            stream.hasEnded = true;
        } else {
            stream.waiting = result.value;
        }
    });
}

/** The events up to the point from which one of the streams has to be asked for more. */
function* takeMerged(streams: readonly Stream[]): Generator<LocatedEvent> {
    const next = streams.map(() => 0);
    const time = (index: number) => microseconds(streams[index]!.waiting[next[index]!]!.event.stageTimestamp);
    while (streams.every(({ waiting }, index) => next[index]! < waiting.length) && streams.length > 0) {
        const first = streams.reduce((least, _, index) => (time(index) < time(least) ? index : least), 0);
        yield streams[first]!.waiting[next[first]!]!;
        next[first]!++;
    }
    streams.forEach((stream, index) => {
        stream.waiting = stream.waiting.slice(next[index]);
    });
}
