import type { Worker } from "node:worker_threads";
import type { Bounds, FoundLines } from "./findLines";
import type { Needles } from "./query/needles";
import { startThread } from "./thread";

type Answer = (found: FoundLines | undefined) => void;

/** A thread that finds lines in parts of a file. Where it fails, it finds nothing: the parts are to be read otherwise. */
export class FindThread {
    readonly #worker: Worker;
    readonly #answers: Answer[] = [];
    /** Whether it has begun and goes on. */
    isReady = false;

    constructor(file: number, needles: readonly Needles[]) {
        this.#worker = startThread("findWorker", { file, needles });
        this.#worker.once("message", () => {
            this.isReady = true;
            this.#worker.on("message", (found: FoundLines | undefined) => this.#answers.shift()?.(found));
        });
        this.#worker.once("error", () => {
            this.isReady = false;
            this.#answers.splice(0).forEach((answer) => {
                answer(undefined);
            });
        });
    }

    /** @returns undefined where the part is to be read otherwise */
    find(part: Bounds): Promise<FoundLines | undefined> {
        return new Promise((resolve) => {
            this.#answers.push(resolve);
            this.#worker.postMessage(part);
        });
    }

    async end(): Promise<void> {
        await this.#worker.terminate();
    }
}
