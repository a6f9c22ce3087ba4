let isWanted = false;

/**
 * Has V8 collect garbage sooner from the first line of more than a megabyte on, at the price of time. By default it lets the heap
 * grow several times over what is in use before it looks, which is little for usual events; but of a line of many megabytes
 * several texts are made. It is for a process that does nothing but read logs: V8 has it for all of the process.
 */
export function saveMemoryAtLongLines(): void {
    isWanted = true;
}

/** Is called for the first long line of a log. */
export function noteLongLine(): void {
    if (isWanted) {
        isWanted = false;
        // Most logs have no such line, and loading the module takes a tenth of what the command does.
        process.getBuiltinModule("node:v8").setFlagsFromString("--optimize-for-size");
    }
}
