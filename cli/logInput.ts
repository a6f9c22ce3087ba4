import type { AuditEvent } from "../events/event";
import type { LocatedEvent } from "../events/readEvents";
import { findSources, SourceError, type LogSource } from "../events/sources";
import { EventInput } from "./eventInput";
import { CommandError, type CommandIO } from "./io";

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

/** All events of logs, in the order of time; what no event could be read from is told on standard error. */
export async function* readLogs(sources: readonly LogSource[], io: CommandIO): AsyncGenerator<LocatedEvent> {
    const input = new EventInput(sources, io);
    yield* input.read({}, "whole");
    input.reportDamages();
}

/** Without where they were found. */
export async function* onlyEvents(located: AsyncIterable<LocatedEvent>): AsyncGenerator<AuditEvent> {
    for await (const { event } of located) {
        yield event;
    }
}
