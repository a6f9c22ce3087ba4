/** One measured run in a Node.js of its own, as a user's would be. It is told what to do on stdin. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type * as grpc from "@grpc/grpc-js";
import type * as command from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import type { ApiServerAuditArgs } from "kube-apiserver-audit";
import type { ConnectConfig } from "ssh2";
import type * as ssh2 from "ssh2";
import type { Sample } from "./measure";

export type Order = EngineOrder | ExchangeOrder;

/**
 * `pulumi preview --expect-no-changes`, or `pulumi up`, by the real engine. This process is the program's, as the one that
 * the engine's Node.js language host starts; that host, a small Go program, is missing.
 */
export interface EngineOrder {
    readonly kind: "preview" | "up";
    readonly env: Readonly<Record<string, string>>;
    /** Has the project's `Pulumi.yaml`. */
    readonly workDir: string;
    readonly stack: string;
    readonly program: Program;
}

/** Nothing at all; our component, from the built package; or what it registers with the engine, written by hand. */
export type Program =
    | { readonly kind: "empty" }
    | { readonly kind: "audit"; readonly package: string; readonly args: ApiServerAuditArgs }
    | { readonly kind: "plain"; readonly hosts: readonly PlainHost[] };

export interface PlainHost {
    readonly name: string;
    readonly connection: { readonly host: string; readonly user: string; readonly privateKey: string };
    /** The standard inputs of its two commands, which pay no attention to them. */
    readonly stdin: readonly [string, string];
}

/** One command on each host at once, by ssh2 alone. */
export interface ExchangeOrder {
    readonly kind: "exchange";
    readonly command: string;
    readonly hosts: readonly ConnectConfig[];
}

const load = createRequire(__filename);

async function main(order: Order): Promise<void> {
    if (order.kind === "exchange") {
        process.stdout.write(`${JSON.stringify(await exchangeWithAll(order))}\n`);
    } else {
        await runEngine(order);
    }
}

async function runEngine(order: EngineOrder): Promise<void> {
    load("@pulumi/pulumi");
    const { port, close } = await serve(() => {
        runProgram(order.program);
        return Promise.resolve();
    });
    const verb = order.kind === "up" ? ["up", "--yes", "--skip-preview"] : ["preview", "--expect-no-changes"];
    const client = [`--client=127.0.0.1:${port}`, "--exec-kind=auto.inline"];
    const cli = spawn(
        join(order.env.PULUMI_HOME!, "bin", "pulumi"),
        [...verb, ...client, "--stack", order.stack, "--non-interactive"],
        { cwd: order.workDir, env: order.env, stdio: ["ignore", "inherit", "inherit"] },
    );
    process.exitCode = await new Promise<number>((resolve) =>
        cli.on("close", (code) => {
            resolve(code ?? 1);
        }),
    );
    close();
}

function runProgram(program: Program): void {
    if (program.kind === "audit") {
        const { ApiServerAudit } = load(program.package) as typeof import("kube-apiserver-audit");
        new ApiServerAudit("audit", program.args);
    } else if (program.kind === "plain") {
        const { ComponentResource, secret } = load("@pulumi/pulumi") as typeof pulumi;
        const { remote } = load("@pulumi/command") as typeof command;
        let previous: command.remote.Command | undefined;
        for (const { name, connection, stdin } of program.hosts) {
            const parent = new ComponentResource("bench:index:Plain", name);
            const common = { connection: secret(connection), create: "true", logging: remote.Logging.None };
            new remote.Command(`${name}-inspect`, { ...common, stdin: stdin[0] }, { parent });
            const options = { parent, ...(previous && { dependsOn: previous }) };
            previous = new remote.Command(`${name}-apply`, { ...common, stdin: stdin[1] }, options);
        }
    }
}

type LanguageServer = new (program: () => Promise<void>) => grpc.UntypedServiceImplementation;

/** Offers a program to the engine, like the Automation API, without that one's following of every event. */
async function serve(program: () => Promise<void>): Promise<{ port: number; close: () => void }> {
    const { Server, ServerCredentials } = load("@grpc/grpc-js") as typeof grpc;
    const { LanguageServer } = load("@pulumi/pulumi/automation/server") as { LanguageServer: LanguageServer };
    const { LanguageRuntimeService } = load("@pulumi/pulumi/proto/language_grpc_pb") as {
        LanguageRuntimeService: grpc.ServiceDefinition;
    };
    const server = new Server();
    server.addService(LanguageRuntimeService, new LanguageServer(program));
    const port = await new Promise<number>((resolve, reject) => {
        server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
            if (error === null) {
                resolve(bound);
            } else {
                reject(error);
            }
        });
    });
    return {
        port,
        close: () => {
            server.forceShutdown();
        },
    };
}

/** From the loading of ssh2 to the end of the last connection; the start of Node.js is in the empty program's time. */
async function exchangeWithAll({ hosts, command }: ExchangeOrder): Promise<Sample> {
    const before = { seconds: performance.now() / 1000, cpu: process.cpuUsage() };
    const { Client } = load("ssh2") as typeof ssh2;
    await Promise.all(hosts.map((host) => exchangeWith(new Client(), host, command)));
    const { user, system } = process.cpuUsage(before.cpu);
    return { seconds: performance.now() / 1000 - before.seconds, cpuSeconds: (user + system) / 1e6 };
}

function exchangeWith(client: ssh2.Client, host: ConnectConfig, command: string): Promise<void> {
    return new Promise((resolve, reject) => {
        client.on("error", reject);
        client.on("close", () => {
            resolve();
        });
        client.on("ready", () => {
            client.exec(command, (error, channel) => {
                if (error !== undefined) {
                    reject(error);
                    return;
                }
                channel.on("close", () => client.end());
                channel.resume().end();
            });
        });
        client.connect(host);
    });
}

main(JSON.parse(readFileSync(0, "utf8")) as Order).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
});
