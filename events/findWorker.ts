/** The thread that finds lines in parts of a file, one part after another. */

import { parentPort, workerData } from "node:worker_threads";
import { LineFinder, type Bounds } from "./findLines";
import type { Needles } from "./query/needles";

const { file, needles } = workerData as { file: number; needles: readonly Needles[] };
const finder = new LineFinder(file, needles);
parentPort?.on("message", (part: Bounds) => {
    parentPort?.postMessage(finder.find(part));
});
parentPort?.postMessage("ready");
