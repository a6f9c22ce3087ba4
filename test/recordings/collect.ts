import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream, existsSync, renameSync, writeFileSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import type { SandboxNode } from "../../sandbox";
import { ACTIVE } from "./auditing";
import type { Listing, RecordingDirectory } from "./recording";

/** Shell: names the files of a directory every other second, each list after its time. */
const LIST = (directory: string) =>
    `cd '${directory}' && while :; do echo "@ $(date +%s%3N)"; stat -c '%n %s' *.log; echo .; sleep 2; done`;

/**
 * Copies the audit log of a host while it is written: each rotated file once, well before the API server drops it, and what is
 * being written at the end.
 */
export class Collector {
    private readonly watch: ChildProcess;
    private readonly copied = new Set<string>();
    private queue = Promise.resolve();
    private failure: unknown;

    constructor(
        private readonly node: SandboxNode,
        private readonly logDirectory: string,
        private readonly into: RecordingDirectory,
    ) {
        into.make();
        this.watch = spawn("docker", ["exec", node.containerName, "sh", "-c", LIST(logDirectory)]);
        let listing: { at: number; files: [string, number][] } = { at: 0, files: [] };
        createInterface({ input: this.watch.stdout! }).on("line", (line) => {
            const [name = "", number = ""] = line.split(" ");
            if (name === "@") {
                listing = { at: Number(number), files: [] };
            } else if (name === ".") {
                this.see(listing);
            } else {
                listing.files.push([name, Number(number)]);
            }
        });
    }

    /**
     * Copies what is left.
     *
     * @throws Error where a file could not be copied
     */
    async finish(): Promise<void> {
        this.watch.kill();
        await this.queue;
        // What is being written can be rotated while it is read.
        let names: string[];
        do {
            names = await this.rotated();
            await this.copyActive();
        } while (names.join() !== (await this.rotated()).join());
        for (const name of names) {
            await this.copy(name);
        }
        if (this.failure !== undefined) {
            throw this.failure as Error;
        }
    }

    private async rotated(): Promise<string[]> {
        const names = await this.node.check(`ls '${this.logDirectory}'`);
        return names.split("\n").filter((name) => name !== "" && name !== ACTIVE);
    }

    private see(listing: Listing): void {
        const rotated = listing.files.map(([name]) => name).filter((name) => name !== ACTIVE);
        this.queue = this.queue
            .then(async () => {
                await appendFile(this.into.listings, `${JSON.stringify(listing)}\n`);
                for (const name of rotated) {
                    await this.copy(name);
                }
            })
            .catch((error: unknown) => {
                this.failure ??= error;
            });
    }

    private async copy(name: string): Promise<void> {
        if (this.copied.has(name) || existsSync(join(this.into.log, name))) {
            return;
        }
        const partial = join(this.into.path, `${name}.partial`);
        const reading = spawn("docker", ["exec", this.node.containerName, "cat", `${this.logDirectory}/${name}`]);
        const ended = new Promise<number | null>((resolve) => reading.on("close", resolve));
        await pipeline(reading.stdout, createWriteStream(partial));
        if ((await ended) !== 0) {
            throw new Error(`${name} could not be copied: it was dropped first.`);
        }
        renameSync(partial, join(this.into.log, name));
        this.copied.add(name);
    }

    /** What is being written, up to the last whole line. */
    private async copyActive(): Promise<void> {
        const text = await this.node.check(`cat '${this.logDirectory}/${ACTIVE}'`);
        writeFileSync(join(this.into.log, ACTIVE), text.slice(0, text.lastIndexOf("\n") + 1));
    }
}
