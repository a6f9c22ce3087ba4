/** Servers that let everybody in: one answers every command with what a probe of a host prints, one as it is told. */

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

/** What a command comes to. */
export interface Answer {
    readonly stdout?: string;
    readonly stderr?: string;
    /** Default 0. */
    readonly code?: number;
}

/** Starts a host on a free port of the loopback. */
export async function startProbedHost(observation: Observation): Promise<ProbedHost> {
    let found = observation;
    const commands: { command: string; stdin: string }[] = [];
    const host = await startAnsweringHost((stdin, command) => {
        commands.push({ command, stdin });
        return { stdout: printed(found) };
    });
    return { ...host, commands, become: (observation) => (found = observation) };
}

/** Starts a server on a free port of the loopback that answers a command by its standard input. */
export async function startAnsweringHost(
    answer: (stdin: string, command: string) => Answer,
): Promise<Pick<ProbedHost, "port" | "hostKey" | "stop">> {
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
                    const { stdout = "", stderr = "", code = 0 } = answer(Buffer.concat(chunks).toString(), command);
                    channel.write(stdout);
                    channel.stderr.write(stderr);
                    channel.exit(code);
                    channel.end();
                });
            });
        });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return {
        port: (server.address() as AddressInfo).port,
        hostKey: HOST_KEYS.public.trim(),
        stop: () => server.close(),
    };
}
