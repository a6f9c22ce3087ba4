import { closeSync, openSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "./client";
import { auditIDOf, type SentRequest } from "./recording";
import type { Ask } from "./requests";

/** What was driven. Times in milliseconds since 1970. */
export interface Driven {
    readonly count: number;
    readonly from: number;
    readonly to: number;
    /** How late the latest request was sent, in milliseconds. */
    readonly latest: number;
}

/** How requests are driven. */
export interface Drive {
    readonly client: Client;
    /** Requests a second. */
    readonly rate: number;
    readonly seconds: number;
    /** Where each request that was answered is written. */
    readonly requests: string;
}

/**
 * Sends requests one after another at a constant rate, until the time is over and the round is at its end: half a round leaves
 * objects behind. Those that last do not hold up the others; all of them are answered at the end.
 */
export async function drive(rounds: Iterable<Iterable<Ask>>, settings: Drive): Promise<Driven> {
    const { client, rate, seconds } = settings;
    const file = openSync(settings.requests, "w");
    const lasting: Promise<void>[] = [];
    const from = Date.now();
    let latest = 0;
    let index = 0;
    const due = () => from + (index * 1000) / rate;
    for (const round of rounds) {
        if (due() >= from + seconds * 1000) {
            break;
        }
        for (const ask of round) {
            await sleep(Math.max(0, due() - Date.now()));
            latest = Math.max(latest, Date.now() - due());
            const sent = sendOne(client, ask, index++, file);
            if (ask.lasts === true) {
                lasting.push(sent);
            } else {
                await sent;
            }
        }
    }
    await Promise.all(lasting);
    closeSync(file);
    return { count: index, from, to: Date.now(), latest };
}

async function sendOne(client: Client, ask: Ask, index: number, file: number): Promise<void> {
    const at = Date.now();
    const auditID = auditIDOf(index);
    const { status } = await client.send(ask, auditID);
    const { as, method, path } = ask;
    const sent: SentRequest = { index, auditID, at, as, method, path, status };
    writeSync(file, `${JSON.stringify(sent)}\n`);
}
