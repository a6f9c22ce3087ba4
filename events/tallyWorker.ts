/** A thread that counts parts of a file. */

import { parentPort, workerData } from "node:worker_threads";
import { tallyShare, type SharedLog } from "./tallyShare";

parentPort?.postMessage(tallyShare(workerData as SharedLog));
