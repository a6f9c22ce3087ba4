import { existsSync } from "node:fs";
import { formatPlace, type Damage } from "../events/place";
import { QueryError } from "../events/query/errors";
import { selectionOf, type Query } from "../events/query/query";
import { readEvents, type LocatedEvent } from "../events/readEvents";
import type { Depth, Selection } from "../events/scanner";
import { findSources, SourceError, type LogSource } from "../events/sources";
import { Tally, type TallySpec } from "../events/tally";
import { tallyLogs } from "../events/tallyLogs";
import type { LogHost } from "./hostsFile";
import { hostsOptions, readHosts, type HostsValues } from "./hostsOptions";
import { CommandError, type CommandIO } from "./io";

/** Where the log is where nobody says otherwise: the directory of `log.path`'s default. */
const DEFAULT_DIRECTORY = "/var/log/kubernetes/audit";

/** What the help texts say of sources. */
export const sourceHelp = `  SOURCE                a file; a directory, for every log in it and below, rotated files (.gz too) in their order; - for
                        standard input; default: ${DEFAULT_DIRECTORY}. Lines of audit.k8s.io/v1, EventLists, and
                        what GKE, AKS, EKS and collectors put around them. Several logs are merged by time
`;

/** The options of every command that reads events. */
export const liveOptions = {
    ...hostsOptions,
    follow: { type: "boolean", short: "f", default: false },
} as const;

/** What `util.parseArgs` gives for {@link liveOptions}. */
export interface LiveValues extends HostsValues {
    readonly follow?: boolean;
}

/** Damages that are shown one by one; the others are counted. */
const MOST_SHOWN = 10;

/** The logs that a command asks, and what it finds wrong with them. */
export class EventInput {
    #damages = 0;

    constructor(
        private readonly sources: readonly LogSource[],
        private readonly io: CommandIO,
        private readonly live?: { readonly hosts: readonly LogHost[]; readonly follow: boolean },
    ) {}

    /** @throws CommandError that names the source that cannot be read */
    static open(paths: readonly string[], values: LiveValues, io: CommandIO): EventInput {
        const { follow = false } = values;
        const hosts = readHosts(values, io);
        if (hosts !== undefined) {
            if (paths.length > 0) {
                throw new CommandError("give either SOURCE or hosts");
            }
            return new EventInput([], io, { hosts, follow });
        }
        if (follow) {
            throw new CommandError("--follow needs --hosts or --stack");
        }
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
    async *read(query: Query, depth: Depth): AsyncGenerator<LocatedEvent> {
        const options = { selection: select(query, depth), onDamage: this.#onDamage };
        if (this.live === undefined) {
            yield* readEvents(this.sources, options);
            return;
        }
        const { readHostLogs } = require("./liveLogs") as typeof import("./liveLogs");
        const since = query.since === undefined ? undefined : query.since / 1000;
        yield* readHostLogs(this.live.hosts, { ...options, since, follow: this.live.follow });
    }

    /** Counts the events that are asked for. */
    async tally(query: Query, spec: TallySpec): Promise<Tally> {
        select(query, "texts");
        if (this.live === undefined) {
            return await tallyLogs(this.sources, query, spec, this.#onDamage);
        }
        const tally = new Tally(spec);
        for await (const { event } of this.read(query, "head")) {
            tally.add(event);
        }
        return tally;
    }

    /** So many places could not be read. */
    get damages(): number {
        return this.#damages;
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
