import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RecordingDirectory } from "./recording";
import { round } from "./requests";

/** Events that are longer are not for a repository. */
const LONGEST = 5000;

const FIXTURE = join(__dirname, "..", "events", "fixtures", "recorded");

/** Keeps of two recordings the second round, without the requests that are long in one of them, for the unit tests. */
export function keepSample(directory: string): void {
    const recordings = ["a", "b"].map((name) => new RecordingDirectory(join(directory, name)));
    const { seed } = recordings[0]!.readFacts();
    const size = [...round(0, seed)].length;
    const sent = recordings[0]!.readRequests().filter(({ index }) => index >= size && index < 2 * size);
    const ids = new Set(sent.map(({ auditID }) => auditID));
    const lines = recordings.map((recording) => linesOf(recording, ids));
    const long = new Set(
        lines
            .flat()
            .filter(({ line }) => line.length > LONGEST)
            .map(({ auditID }) => auditID),
    );
    for (const [index, name] of ["a", "b"].entries()) {
        const kept = new RecordingDirectory(join(FIXTURE, name));
        kept.make();
        const text = lines[index]!.filter(({ auditID }) => !long.has(auditID)).map(({ line }) => `${line}\n`);
        writeFileSync(join(kept.log, "audit.log"), text.join(""));
        const requests = recordings[index]!.readRequests().filter(
            ({ auditID }) => ids.has(auditID) && !long.has(auditID),
        );
        writeFileSync(kept.requests, requests.map((request) => `${JSON.stringify(request)}\n`).join(""));
        copyFileSync(recordings[index]!.policy, kept.policy);
    }
}

function linesOf(recording: RecordingDirectory, ids: ReadonlySet<string>): { auditID: string; line: string }[] {
    return recording.files().flatMap(({ path }) =>
        readFileSync(path, "utf8")
            .trimEnd()
            .split("\n")
            .map((line) => ({ line, auditID: /"auditID":"([^"]*)"/.exec(line)?.[1] ?? "" }))
            .filter(({ auditID }) => ids.has(auditID)),
    );
}
