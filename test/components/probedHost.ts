/** A server that lets everybody in and answers every command with what a probe of a host prints. */

import { generateKeyPairSync } from "node:crypto";
import type { AddressInfo } from "node:net";
import { Server, utils } from "ssh2";
import type { Observation } from "../../host/observation";
import { printed } from "../host/observedHost";

export interface ProbedHost {
    readonly port: number;
    /** As the program has to pin it. */
    readonly hostKey: string;
    /** The commands that were run, each with its standard input. */
    readonly commands: readonly { readonly command: string; readonly stdin: string }[];
    /** What is to be found from now on. */
    become(observation: Observation): void;
    stop(): void;
}

/** A key for whoever logs in: these servers ask for none in particular. */
export const PRIVATE_KEY = generateKeyPairSync("ec", { namedCurve: "P-256" })
    .privateKey.export({ type: "sec1", format: "pem" })
    .toString();

const HOST_KEYS = utils.generateKeyPairSync("ecdsa", { bits: 256 });

/** Starts a host on a free port of the loopback. */
export async function startProbedHost(observation: Observation): Promise<ProbedHost> {
    const commands: { command: string; stdin: string }[] = [];
    let found = observation;
    const server = new Server({ hostKeys: [HOST_KEYS.private] }, (client) => {
        client.on("error", () => undefined);
        client.on("authentication", (context) => {
            context.accept();
        });
        client.on("session", (acceptSession) => {
            acceptSession().on("exec", (accept, _reject, { command }) => {
                const channel = accept();
                const chunks: Buffer[] = [];
                channel.on("data", (chunk: Buffer) => chunks.push(chunk));
                channel.on("end", () => {
                    commands.push({ command, stdin: Buffer.concat(chunks).toString() });
                    channel.write(printed(found));
                    channel.exit(0);
                    channel.end();
                });
            });
        });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return {
        port: (server.address() as AddressInfo).port,
        hostKey: HOST_KEYS.public.trim(),
        commands,
        become: (observation) => (found = observation),
        stop: () => server.close(),
    };
}
