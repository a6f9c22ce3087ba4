import { availableParallelism } from "node:os";
import { extname, join } from "node:path";
import { Worker } from "node:worker_threads";

/** Threads beyond these would wait for the memory. */
const MOST_THREADS = 4;

/** How many threads can do something at once, this one included. */
export function threadCount(): number {
    return Math.min(MOST_THREADS, availableParallelism());
}

/**
 * Starts a thread, which takes 40 ms.
 *
 * @param name - of a module in this directory, without its extension
 */
export function startThread(name: string, workerData: unknown): Worker {
    const extension = extname(__filename);
    return new Worker(join(__dirname, `${name}${extension}`), {
        workerData,
        // The tests run this from its source.
        ...(extension === ".ts" && { execArgv: ["--require", "tsx/cjs"] }),
    });
}
