import { readSync } from "node:fs";
import type { LineBuffer } from "./lineBuffer";

/**
 * Reads some bytes of a file, as far as it has them.
 *
 * @param end - the first byte that is not read
 */
export function readRange(file: number, start: number, end: number, buffer: LineBuffer): void {
    for (let at = start; at < end;) {
        const room = buffer.room();
        const count = readSync(file, room, 0, Math.min(room.length, end - at), at);
        if (count === 0) {
            return;
        }
        buffer.filled(count);
        at += count;
    }
}
