import { Agent, request } from "node:https";
import type { Credential, Identity } from "./identities";
import type { Ask } from "./requests";

/** Sends requests to one API server, on connections that stay open, under audit IDs of its own. */
export class Client {
    private readonly agents = new Map<string, Agent>();

    constructor(
        private readonly host: string,
        private readonly credentials: Readonly<Record<Identity, Credential>>,
    ) {}

    /** @returns the HTTP status, and the body; 0 where the request asks for the connection to be closed before the end */
    send(ask: Ask, auditID?: string): Promise<{ status: number; body: string }> {
        const { token, ...pair } = this.credentials[ask.as];
        const text = typeof ask.body === "string" ? ask.body : ask.body && JSON.stringify(ask.body);
        const headers = {
            "User-Agent": "recorder/1.0",
            ...(text !== undefined && {
                "Content-Type": "application/json",
                "Content-Length": Buffer.byteLength(text),
            }),
            ...(auditID !== undefined && { "Audit-ID": auditID }),
            ...(token !== undefined && { Authorization: `Bearer ${token}` }),
            ...ask.headers,
        };
        const { method, path } = ask;
        const agent = this.agentOf(ask);
        return new Promise((resolve, reject) => {
            const asked = request(
                // The CA is only on the node.
                { ...pair, host: this.host, port: 6443, rejectUnauthorized: false, agent, method, path, headers },
                (answer) => {
                    const chunks: Buffer[] = [];
                    answer.on("data", (chunk: Buffer) => chunks.push(chunk));
                    answer.on("end", () => {
                        resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
                    });
                    answer.on("error", reject);
                    if (ask.abortAfter !== undefined) {
                        setTimeout(() => {
                            resolve({ status: 0, body: "" });
                            asked.destroy();
                        }, ask.abortAfter);
                    }
                },
            );
            asked.on("error", reject);
            asked.end(text);
        });
    }

    close(): void {
        this.agents.forEach((agent) => {
            agent.destroy();
        });
    }

    /** Those that last have connections of their own. */
    private agentOf({ as, lasts = false }: Ask): Agent {
        const key = `${as} ${lasts}`;
        const agent = this.agents.get(key) ?? new Agent({ keepAlive: true, ...(lasts ? {} : { maxSockets: 1 }) });
        this.agents.set(key, agent);
        return agent;
    }
}
