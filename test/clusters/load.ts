import { Agent, request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { SandboxNode } from "../../sandbox";
import { clientCertificate } from "../e2e/controlPlane";

/** What clients of the cluster noticed. */
export interface LoadReport {
    readonly requests: number;
    readonly perSecond: number;
    /** Requests that were not answered, or not as they should be: when, in seconds since the start, and why. */
    readonly failures: readonly { readonly at: number; readonly why: string }[];
    /** The longest time without any answer, in seconds. */
    readonly longestGap: number;
    /** How often a watch ended and was begun again. */
    readonly watchesEnded: number;
    /** The events of its own writes that the watch has told of; every write is told of sooner or later. */
    readonly watched: number;
}

/** Clients that are always there until {@link stop} is called. */
export interface Load {
    stop(): Promise<LoadReport>;
}

const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";

/** Clients that write and read at the same time, each one request after another. */
const WRITERS = 4;

/** A pause after each request, so that the sandbox's few cores have something left for the servers. */
const PAUSE_MS = 60;

interface Answer {
    readonly status: number;
    readonly body: string;
}

/** Starts clients with an administrator's rights that keep their connections, as client libraries do. */
export async function startLoad(node: SandboxNode, endpoint: { host: string; port: number }): Promise<Load> {
    const identity = {
        ...endpoint,
        ...(await clientCertificate(node)),
        // The balancer's address is in the certificate, the CA only on the nodes.
        rejectUnauthorized: false,
    };
    const start = performance.now();
    const since = (): number => (performance.now() - start) / 1000;
    const failures: { at: number; why: string }[] = [];
    let stopping = false;
    let answered = 0;
    let lastAnswer = 0;
    let longestGap = 0;
    let watchesEnded = 0;
    let watched = 0;
    const closers = new Set<() => void>();

    const ask = (agent: Agent, method: string, path: string, body?: object) =>
        new Promise<Answer>((resolve, reject) => {
            const asked = request({ ...identity, agent, method, path, timeout: 15_000 }, (answer) => {
                let text = "";
                answer.on("data", (chunk: Buffer) => (text += chunk.toString()));
                answer.on("end", () => {
                    resolve({ status: answer.statusCode ?? 0, body: text });
                });
                answer.on("error", reject);
            });
            asked.on("timeout", () => asked.destroy(new Error("no answer within 15 s")));
            asked.on("error", reject);
            asked.setHeader("Content-Type", "application/apply-patch+yaml"); // Which JSON is, too.
            asked.end(body === undefined ? undefined : JSON.stringify(body));
        });

    const once = async (agent: Agent, method: string, path: string, body?: object) => {
        try {
            const { status } = await ask(agent, method, path, body);
            if (status >= 300) {
                failures.push({ at: since(), why: `${method} ${status}` });
            } else {
                answered++;
                longestGap = Math.max(longestGap, since() - lastAnswer);
                lastAnswer = since();
            }
        } catch (error) {
            failures.push({ at: since(), why: `${method} ${(error as Error).message}` });
        }
    };

    const write = async (writer: number) => {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        const name = `load-${writer}`;
        const path = `${CONFIG_MAPS}/${name}`;
        const configMap = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, labels: { load: "yes" } } };
        for (let n = 0; !stopping; n++) {
            await once(agent, "PATCH", `${path}?fieldManager=load&force=true`, {
                ...configMap,
                data: { n: String(n) },
            });
            await sleep(PAUSE_MS);
            await once(agent, "GET", path);
            await sleep(PAUSE_MS);
        }
        agent.destroy();
    };

    const watch = async () => {
        while (!stopping) {
            const agent = new Agent({ maxSockets: 1 });
            await new Promise<void>((resolve) => {
                const path = `${CONFIG_MAPS}?watch=1&labelSelector=load%3Dyes`;
                const asked = request({ ...identity, agent, path }, (answer) => {
                    answer.on("data", (chunk: Buffer) => (watched += chunk.toString().split("\n").length - 1));
                    answer.on("error", () => undefined);
                    answer.on("close", resolve);
                });
                asked.on("error", () => {
                    resolve();
                });
                closers.add(() => asked.destroy());
                asked.end();
            });
            agent.destroy();
            watchesEnded++;
            await sleep(PAUSE_MS);
        }
    };

    const clients = [watch(), ...Array.from({ length: WRITERS }, (_, writer) => write(writer))];
    return {
        stop: async () => {
            stopping = true;
            closers.forEach((close) => {
                close();
            });
            await Promise.all(clients);
            const seconds = since();
            return {
                requests: answered + failures.length,
                perSecond: (answered + failures.length) / seconds,
                failures,
                longestGap: Math.max(longestGap, seconds - lastAnswer),
                watchesEnded: watchesEnded - 1,
                watched,
            };
        },
    };
}
