import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { reasonOf } from "./systemError";

/** The files of one log, in the order in which they were written. */
export interface LogSource {
    /** The path of the file that is being written. */
    readonly name: string;
    readonly files: readonly string[];
}

/** What a source is not: a file or a directory that can be read. */
export class SourceError extends Error {
    override name = "SourceError";
}

/** The time in the name of a rotated file, as lumberjack (`gopkg.in/natefinch/lumberjack.v2`) writes it, in UTC. */
const ROTATED = /^(.*)-(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3})(\.[^.]*)?$/;

/** What is read of a directory. */
const LOG_NAME = /\.(log|jsonl?|ndjson)$/;

/** Which file of which log a path is. */
interface RotatedName {
    /** The path of the file that is being written. */
    readonly active: string;
    /** Empty for the one that is being written. */
    readonly time: string;
}

/** Reads a path as lumberjack names files: `audit-2026-01-31T08-30-00.000.log.gz` is a part of `audit.log`. */
export function parseRotatedName(path: string): RotatedName {
    const name = basename(path, ".gz");
    const [, prefix, time, extension = ""] = ROTATED.exec(name) ?? [];
    return time === undefined
        ? { active: join(dirname(path), name), time: "" }
        : { active: join(dirname(path), `${prefix}${extension}`), time };
}

/**
 * The logs that paths stand for. A file stands for itself; files of one rotated log are put in order, wherever they stand in
 * the list. A directory stands for every log in it and below. `-` is standard input.
 *
 * @throws SourceError that names the path
 */
export function findSources(paths: readonly string[]): LogSource[] {
    const logs = new Map<string, string[]>();
    for (const path of paths.flatMap((given) => (given === "-" ? [given] : expand(given)))) {
        const { active } = path === "-" ? { active: path } : parseRotatedName(path);
        logs.set(active, [...(logs.get(active) ?? []), path]);
    }
    return [...logs].map(([name, files]) => ({ name, files: inOrder(files) }));
}

/** While a rotated file is being compressed it is there twice, and the compressed one is not whole yet. */
function inOrder(files: readonly string[]): string[] {
    const key = (path: string) => parseRotatedName(path).time || "~";
    const whole = new Set(files);
    return [...whole]
        .filter((path) => !path.endsWith(".gz") || !whole.has(path.slice(0, -".gz".length)))
        .sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

function expand(path: string): string[] {
    if (!isDirectory(path)) {
        return [path];
    }
    const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    const files = entries.filter((entry) => !entry.isDirectory() && LOG_NAME.test(entry.name.replace(/\.gz$/, "")));
    const below = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith("."));
    const found = [
        ...files.map(({ name }) => join(path, name)),
        ...below.flatMap(({ name }) => expandBelow(join(path, name))),
    ];
    if (found.length === 0) {
        throw new SourceError(`${path} has no audit log in it: no *.log, *.json, *.jsonl, and none compressed`);
    }
    return found;
}

function expandBelow(path: string): string[] {
    try {
        return expand(path);
    } catch (error) {
        if (error instanceof SourceError) {
            return [];
        }
        throw error;
    }
}

function isDirectory(path: string): boolean {
    try {
        return statSync(path).isDirectory();
    } catch (error) {
        throw new SourceError(`cannot read ${path}: ${reasonOf(error)}`);
    }
}
