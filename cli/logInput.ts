import type { AuditEvent } from "../events/event";
import { formatPlace, type Damage } from "../events/place";
import { readEvents, type LocatedEvent } from "../events/readEvents";
import { findSources, SourceError, type LogSource } from "../events/sources";
import { printable } from "./columns";
import { CommandError, type CommandIO } from "./io";

/** So many damaged places are shown, one a line; of further ones only their number. */
const shown = 5;

/**
 * The logs that paths stand for.
 *
 * @throws CommandError when one of them cannot be read
 */
export function findLogs(paths: readonly string[]): LogSource[] {
    try {
        return findSources(paths);
    } catch (error) {
        throw error instanceof SourceError ? new CommandError(error.message) : error;
    }
}

/** The events of logs, in the order of time; what no event could be read from is told on standard error. */
export async function* readLogs(sources: readonly LogSource[], io: CommandIO): AsyncGenerator<LocatedEvent> {
    let damaged = 0;
    const onDamage = (damage: Damage) => {
        damaged++;
        if (damaged <= shown) {
            io.stderr(`${printable(formatPlace(damage))}: ${printable(damage.reason)}\n`);
        }
    };
    try {
        yield* readEvents(sources, { onDamage });
    } catch (error) {
        throw error instanceof SourceError ? new CommandError(error.message) : error;
    }
    if (damaged > shown) {
        io.stderr(`${damaged - shown} more places could not be read.\n`);
    }
}

/** Without where they were found. */
export async function* onlyEvents(located: AsyncIterable<LocatedEvent>): AsyncGenerator<AuditEvent> {
    for await (const { event } of located) {
        yield event;
    }
}
