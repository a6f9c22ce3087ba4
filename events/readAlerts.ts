import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import type { LocatedAlert } from "./alertJoin";
import { readAlert } from "./falcoAlert";

/** The alerts of some files, and how many lines in them are none: Falco's own messages, and those of other programs. */
export interface ReadAlerts {
    readonly alerts: readonly LocatedAlert[];
    readonly otherLines: number;
}

/**
 * Reads the alerts of files, which may be compressed; `-` is standard input.
 *
 * @throws Error of the file system where one of them cannot be read
 */
export function readAlerts(paths: readonly string[]): Promise<ReadAlerts> {
    return collectAlerts(paths.map((path) => ({ name: path === "-" ? "<stdin>" : path, lines: linesOf(path) })));
}

/** Lines with what their places are called. */
export interface AlertSource {
    readonly name: string;
    readonly lines: Iterable<string> | AsyncIterable<string>;
}

/** Finds the alerts among lines. */
export async function collectAlerts(sources: readonly AlertSource[]): Promise<ReadAlerts> {
    const alerts: LocatedAlert[] = [];
    let otherLines = 0;
    for (const { name: file, lines } of sources) {
        let line = 0;
        for await (const text of lines) {
            line++;
            const alert = readAlert(text);
            if (alert) {
                alerts.push({ alert, place: { file, line } });
            } else if (text.trim() !== "") {
                otherLines++;
            }
        }
    }
    return { alerts, otherLines };
}

async function* linesOf(path: string): AsyncGenerator<string> {
    const source = path === "-" ? process.stdin : createReadStream(path);
    const input = path.endsWith(".gz") ? source.pipe(createGunzip()) : source;
    // An error of the file has to reach whoever reads the lines.
    source.on("error", (error: Error) => input.destroy(error));
    let rest = "";
    for await (const chunk of input.setEncoding("utf8") as AsyncIterable<string>) {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop()!;
        yield* lines;
    }
    if (rest !== "") {
        yield rest;
    }
}
