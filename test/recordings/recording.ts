import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseRotatedName } from "../../events/sources";

/** Where the parts of a recording are. Nothing but audit logs is in `log`, so that the directory can be given to `kube-audit`. */
export class RecordingDirectory {
    readonly log: string;
    /** The policy in force. */
    readonly policy: string;
    /** The requests that were sent, one JSON {@link SentRequest} a line. */
    readonly requests: string;
    /** What was on the host, one JSON {@link Listing} a line. */
    readonly listings: string;
    private readonly facts: string;

    constructor(readonly path: string) {
        this.log = join(path, "log");
        this.policy = join(path, "policy.yaml");
        this.requests = join(path, "requests.ndjson");
        this.listings = join(path, "listings.ndjson");
        this.facts = join(path, "recording.json");
    }

    make(): void {
        mkdirSync(this.log, { recursive: true });
    }

    writeFacts(facts: RecordingFacts): void {
        writeFileSync(this.facts, `${JSON.stringify(facts, undefined, 4)}\n`);
    }

    readFacts(): RecordingFacts {
        return JSON.parse(readFileSync(this.facts, "utf8")) as RecordingFacts;
    }

    readRequests(): SentRequest[] {
        return readLines(this.requests) as SentRequest[];
    }

    readListings(): Listing[] {
        return readLines(this.listings) as Listing[];
    }

    /** The log's files, in the order in which they were written. */
    files(): LogFile[] {
        return readdirSync(this.log)
            .map((name) => ({ name, path: join(this.log, name), rotated: rotationTime(name) }))
            .sort((a, b) => a.rotated - b.rotated)
            .map((file) => ({ ...file, bytes: statSync(file.path).size, from: firstEventTime(file.path) }));
    }
}

/** What was recorded, and how. Times in milliseconds since 1970. */
export interface RecordingFacts {
    readonly seed: number;
    readonly rate: number;
    readonly maxSize: number;
    readonly maxBackup: number;
    /** When the first and after the last request was driven. */
    readonly from: number;
    readonly to: number;
    /** What the API server itself counted, just before and just after the last file was read. */
    readonly counted: readonly [before: ServerCounts, after: ServerCounts];
    /** Seconds of processor time: the API server's and this program's. */
    readonly cpu: { readonly apiServer: number; readonly recorder: number };
    /** How late the latest request was sent, in milliseconds. */
    readonly latest: number;
}

/** What the API server says of its own audit log since it was started. */
export interface ServerCounts {
    readonly events: number;
    /** Events that could not be written, and requests refused for that. */
    readonly errors: number;
    /** Requests by the level that the policy gave them. */
    readonly levels: Readonly<Record<string, number>>;
    readonly cpuSeconds: number;
}

/** One request that was sent. */
export interface SentRequest {
    /** Which of the sequence, from 0. */
    readonly index: number;
    readonly auditID: string;
    readonly at: number;
    /** Whose request, one of the identities. */
    readonly as: string;
    readonly method: string;
    readonly path: string;
    /** The HTTP status; 0 where the client closed the connection. */
    readonly status: number;
}

/** The files that were in the log's directory at a moment. */
export interface Listing {
    readonly at: number;
    readonly files: readonly (readonly [name: string, bytes: number])[];
}

export interface LogFile {
    readonly name: string;
    readonly path: string;
    readonly bytes: number;
    /** When it was rotated; `Infinity` for the one that was being written. */
    readonly rotated: number;
    /** The stage's time of its first event. */
    readonly from: number;
}

export function auditIDOf(index: number): string {
    return `driven-${String(index).padStart(7, "0")}`;
}

function rotationTime(name: string): number {
    const { time } = parseRotatedName(name);
    return time === "" ? Infinity : Date.parse(`${time.replace(/T(\d\d)-(\d\d)-/, "T$1:$2:")}Z`);
}

function firstEventTime(path: string): number {
    const text = readFileSync(path, "utf8");
    const { stageTimestamp } = JSON.parse(text.slice(0, text.indexOf("\n"))) as { stageTimestamp: string };
    return Date.parse(stageTimestamp);
}

function readLines(path: string): unknown[] {
    return readFileSync(path, "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown);
}
