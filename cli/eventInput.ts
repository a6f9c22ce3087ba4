import { existsSync } from "node:fs";
import { formatPlace, type Damage } from "../events/place";
import { QueryError } from "../events/query/errors";
import { selectionOf, type Query } from "../events/query/query";
import { readEvents, type LocatedEvent } from "../events/readEvents";
import type { Depth, Selection } from "../events/scanner";
import { findSources, SourceError, type LogSource } from "../events/sources";
import type { Tally, TallySpec } from "../events/tally";
import { tallyLogs } from "../events/tallyLogs";
import { CommandError, type CommandIO } from "./io";

/** Where the log is where nobody says otherwise: the directory of `log.path`'s default. */
const DEFAULT_DIRECTORY = "/var/log/kubernetes/audit";

/** What the help texts say of sources. */
export const sourceHelp = `  SOURCE                a file; a directory, for every log in it and below, rotated files (.gz too) in their order; - for
                        standard input; default: ${DEFAULT_DIRECTORY}. Lines of audit.k8s.io/v1, EventLists, and
                        what GKE, AKS, EKS and collectors put around them. Several logs are merged by time
`;

/** Damages that are shown one by one; the others are counted. */
const MOST_SHOWN = 10;

/** The logs that a command asks, and what it finds wrong with them. */
export class EventInput {
    #damages = 0;

    constructor(
        private readonly sources: readonly LogSource[],
        private readonly io: CommandIO,
    ) {}

    /** @throws CommandError that names the source that cannot be read */
    static open(paths: readonly string[], io: CommandIO): EventInput {
        if (paths.length === 0 && !existsSync(DEFAULT_DIRECTORY)) {
            throw new CommandError(`give a SOURCE: there is no ${DEFAULT_DIRECTORY} here`);
        }
        try {
            return new EventInput(findSources(paths.length === 0 ? [DEFAULT_DIRECTORY] : paths), io);
        } catch (error) {
            throw error instanceof SourceError ? new CommandError(error.message) : error;
        }
    }

    /** The events that are asked for, in their order, to be kept. */
    read(query: Query, depth: Depth): AsyncGenerator<LocatedEvent> {
        return readEvents(this.sources, { selection: select(query, depth), onDamage: this.#onDamage });
    }

    /** Counts the events that are asked for. */
    tally(query: Query, spec: TallySpec): Promise<Tally> {
        select(query, "texts");
        return tallyLogs(this.sources, query, spec, this.#onDamage);
    }

    /** Says how much could not be read. Call it at the end. */
    reportDamages(): void {
        if (this.#damages > MOST_SHOWN) {
            this.io.stderr(`${this.#damages} damaged places in all\n`);
        }
    }

    readonly #onDamage = (damage: Damage) => {
        this.#damages++;
        if (this.#damages <= MOST_SHOWN) {
            this.io.stderr(`${formatPlace(damage)}: ${damage.reason}\n`);
        }
    };
}

function select(query: Query, depth: Depth): Selection {
    try {
        return selectionOf(query, depth);
    } catch (error) {
        throw error instanceof QueryError ? new CommandError(`--where: ${error.message}`) : error;
    }
}
