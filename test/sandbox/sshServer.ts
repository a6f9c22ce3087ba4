import { type AddressInfo } from "node:net";
import { Server, utils, type Connection } from "ssh2";

/** What the server saw of one command. */
export interface Seen {
    readonly user: string;
    readonly command: string;
    readonly stdin: string;
    readonly environment: Record<string, string>;
}

/** How the server answers a command. */
export interface Reply {
    readonly stdout?: string;
    readonly stderr?: string;
    readonly code?: number;
}

/** An SSH server in this process: user `ops` with password `secret`, no variables but those that start with OK. It hangs up on user `gone`. */
export class SshServer {
    readonly seen: Seen[] = [];
    connections = 0;
    port = 0;
    reply: Reply = {};
    private readonly clients = new Set<Connection>();
    private readonly keys = utils.generateKeyPairSync("ecdsa", { bits: 256 });
    private readonly server = new Server({ hostKeys: [this.keys.private] }, (client) => {
        let user = "";
        this.connections++;
        this.clients.add(client);
        client.on("error", () => undefined);
        client.on("authentication", (attempt) => {
            user = attempt.username;
            if (user === "gone") {
                client.end();
            } else if (attempt.method === "password" && user === "ops" && attempt.password === "secret") {
                attempt.accept();
            } else {
                attempt.reject(["password"]);
            }
        });
        client.on("session", (accept) => {
            const session = accept();
            const environment: Record<string, string> = {};
            session.on("env", (acceptVariable, refuse, { key, val }) => {
                if (key.startsWith("OK")) {
                    environment[key] = val;
                    (acceptVariable as (() => void) | undefined)?.();
                } else {
                    (refuse as (() => void) | undefined)?.();
                }
            });
            session.on("exec", (acceptExec, _refuse, { command }) => {
                const channel = acceptExec();
                const stdin: Buffer[] = [];
                channel.on("data", (chunk: Buffer) => stdin.push(chunk));
                channel.on("end", () => {
                    this.seen.push({ user, command, stdin: Buffer.concat(stdin).toString(), environment });
                    channel.write(this.reply.stdout ?? "");
                    channel.stderr.write(this.reply.stderr ?? "");
                    channel.exit(this.reply.code ?? 0);
                    channel.end();
                });
            });
        });
    });

    async start(): Promise<void> {
        await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
        this.port = (this.server.address() as AddressInfo).port;
    }

    /** Stops listening and breaks the connections, which the stand-in, like the official plugin, never closes. */
    stop(): void {
        this.server.close();
        this.clients.forEach((client) => client.end());
    }

    get hostKey(): string {
        return this.keys.public;
    }
}

/** A host key of nobody. */
export function strangeHostKey(): string {
    return utils.generateKeyPairSync("ecdsa", { bits: 256 }).public;
}
