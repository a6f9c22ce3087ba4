#!/usr/bin/env node
import { saveMemoryAtLongLines } from "../events/saveMemory";
import { dispatch } from "./dispatch";
import { processIO } from "./io";

/** A reader that has seen enough (`| head`) is no failure. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") {
        throw error;
    }
    process.exit(); // What is still being read would only be thrown away.
});

saveMemoryAtLongLines();

void dispatch(process.argv.slice(2), processIO()).then((code) => {
    process.exitCode = code;
});
