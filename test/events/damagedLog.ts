import fc from "fast-check";
import { lineOf, sampleEvent } from "./sampleEvent";

/** What happens to a line of a log, or instead of one. */
export type Fate = "whole" | "cut" | "joined" | "NULs" | "noise" | "not UTF-8" | "twice";

export const fates = fc.array(
    fc.tuple(
        fc.constantFrom<Fate>("whole", "whole", "whole", "cut", "joined", "NULs", "noise", "not UTF-8", "twice"),
        fc.double({ min: 0.02, max: 0.98, noNaN: true }),
    ),
    { minLength: 1, maxLength: 30 },
);

export interface Log {
    readonly bytes: Buffer;
    /** The audit IDs of the events that are whole. */
    readonly whole: string[];
    readonly damages: number;
}

export function makeLog(lines: [Fate, number][]): Log {
    const pieces: Buffer[] = [];
    const whole: string[] = [];
    let damages = 0;
    lines.forEach(([fate, place], index) => {
        const auditID = `event-${index}`;
        const level = index % 3 === 0 ? "Metadata" : "RequestResponse";
        const body = level === "Metadata" ? {} : { responseObject: { data: `${"é".repeat(index)}{"kind":"Event` } };
        const line = Buffer.from(lineOf(sampleEvent({ auditID, level, ...body })));
        const part = line.subarray(0, 1 + Math.floor(place * (line.length - 2)));
        damages += fate === "whole" || fate === "twice" ? 0 : 1;
        if (fate !== "cut" && fate !== "noise") {
            whole.push(...(fate === "twice" ? [auditID, auditID] : [auditID]));
        }
        const bytes = {
            whole: [line],
            twice: [line, Buffer.from("\n"), line],
            cut: [part],
            joined: [part, line],
            NULs: [Buffer.alloc(1 + Math.floor(place * 50)), line],
            noise: [Buffer.from([0x7b, 0xff, 0x22, 0x20 + Math.floor(place * 0x5f), 0x5c])],
            "not UTF-8": [Buffer.from(line.toString("latin1").replace("jane", "\xfc"), "latin1")],
        }[fate];
        pieces.push(...bytes, Buffer.from("\n"));
    });
    return { bytes: Buffer.concat(pieces), whole, damages };
}
