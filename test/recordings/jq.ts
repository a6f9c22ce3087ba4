import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** What jq makes of each event of log files: one JSON value each, in the files' order. */
export async function* jq(program: string, files: readonly string[]): AsyncGenerator {
    const child = spawn("jq", ["-c", program, ...files], { stdio: ["ignore", "pipe", "inherit"] });
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    for await (const line of createInterface({ input: child.stdout })) {
        yield JSON.parse(line) as unknown;
    }
    if ((await ended) !== 0) {
        throw new Error(`jq has failed on ${program.slice(0, 200)}`);
    }
}
