/** The thread that counts one part of a file. */

import { parentPort, workerData } from "node:worker_threads";
import { tallyPart, type Part } from "./tallyPart";

parentPort?.postMessage(tallyPart(workerData as Part));
