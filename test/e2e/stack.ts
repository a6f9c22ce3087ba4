import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { EngineEvent, PulumiFn, Stack } from "@pulumi/pulumi/automation";
import * as pulumi from "@pulumi/pulumi";
import { ApiServerAudit, type ApiServerAuditArgs, type HostArgs } from "kube-apiserver-audit";
import type { SandboxHost } from "../../sandbox";
import { testCluster, testEngine } from "./cluster";

/** What the engine printed and decided. */
export interface Run {
    readonly ok: boolean;
    /** Standard output and error, without colours. */
    readonly output: string;
    /** How many resources were, or would be, changed: everything but `same`. */
    readonly changes: number;
    /** What the component and the engine said, each once. */
    readonly messages: readonly Message[];
}

/** Something said, whole, apart from how a terminal shows it. */
export interface Message {
    readonly severity: "info" | "warning" | "error";
    readonly text: string;
}

/** The engine's own levels; what is for debugging is left out. */
const SEVERITIES: ReadonlyMap<string, Message["severity"]> = new Map([
    ["info", "info"],
    ["info#err", "info"],
    ["warning", "warning"],
    ["error", "error"],
]);

/** What the engine is told to hand over. */
interface Listeners {
    readonly color: "never";
    readonly onOutput: (text: string) => void;
    readonly onError: (text: string) => void;
    readonly onEvent: (event: EngineEvent) => void;
}

/** A command that reached a host. */
export interface SentCommand {
    readonly host: string;
    readonly verb: string;
    readonly command: string;
}

/** A stack of one `ApiServerAudit`, run by the real engine. */
export class AuditStack {
    private constructor(
        private readonly stack: Stack,
        private readonly log: string,
        /** What the next run gives the component. */
        public args: ApiServerAuditArgs,
    ) {}

    /** A new stack with the project's defaults for tests: short timeouts, the `ops` user. */
    static async create(args: ApiServerAuditArgs, program?: PulumiFn): Promise<AuditStack> {
        const engine = await testEngine();
        const directory = mkdtempSync(join(tmpdir(), "kube-apiserver-audit-e2e-"));
        const log = join(directory, "commands.jsonl");
        const created: { stack?: AuditStack } = {};
        const run: PulumiFn =
            program ??
            (() => {
                const audit = new ApiServerAudit("audit", created.stack!.args);
                return Promise.resolve({ reports: pulumi.output(audit.reports) });
            });
        const stack = await engine.stack(`t${randomBytes(4).toString("hex")}`, run, {
            KUBE_APISERVER_AUDIT_COMMAND_LOG: log,
        });
        created.stack = new AuditStack(stack, log, args);
        return created.stack;
    }

    get name(): string {
        return this.stack.name;
    }

    preview(): Promise<Run> {
        return this.run((listeners) => this.stack.preview({ diff: true, ...listeners }));
    }

    up(): Promise<Run> {
        return this.run((listeners) => this.stack.up(listeners));
    }

    destroy(): Promise<Run> {
        return this.run((listeners) => this.stack.destroy(listeners));
    }

    /** `preview --expect-no-changes`. */
    previewInSync(): Promise<Run> {
        return this.run((listeners) => this.stack.preview({ expectNoChanges: true, ...listeners }));
    }

    /** The state as `pulumi stack export` gives it: secrets encrypted, which the Automation API's own export undoes. */
    async state(): Promise<string> {
        const engine = await testEngine();
        const { stdout } = await promisify(execFile)("pulumi", ["stack", "export", "--stack", this.name], {
            cwd: this.stack.workspace.workDir,
            env: { ...process.env, ...engine.env },
            maxBuffer: 2 ** 28,
        });
        return stdout;
    }

    outputs(): ReturnType<Stack["outputs"]> {
        return this.stack.outputs();
    }

    /** The commands that reached hosts since the last call. */
    sentCommands(): SentCommand[] {
        let text = "";
        try {
            text = readFileSync(this.log, "utf8");
        } catch {
            return [];
        }
        rmSync(this.log);
        return text
            .trimEnd()
            .split("\n")
            .map((line) => JSON.parse(line) as SentCommand);
    }

    private async run(
        work: (listeners: Listeners) => Promise<{ changeSummary?: object; summary?: { resourceChanges?: object } }>,
    ): Promise<Run> {
        let output = "";
        const messages = new Map<string, Message>();
        const onOutput = (text: string): void => {
            output += text;
        };
        const onEvent = ({ diagnosticEvent }: EngineEvent): void => {
            const severity = SEVERITIES.get(diagnosticEvent?.severity ?? "");
            if (diagnosticEvent !== undefined && severity !== undefined) {
                const text = diagnosticEvent.message.replace(/<\{%[^%]*%\}>/g, "").trimEnd();
                messages.set(`${severity} ${text}`, { severity, text });
            }
        };
        const said = () => [...messages.values()];
        try {
            const result = await work({ color: "never", onOutput, onError: onOutput, onEvent });
            const summary = (result.changeSummary ?? result.summary?.resourceChanges ?? {}) as Record<string, number>;
            const changes = Object.entries(summary).reduce(
                (sum, [kind, count]) => sum + (kind === "same" ? 0 : count),
                0,
            );
            return { ok: true, output, changes, messages: said() };
        } catch (error) {
            const text = error instanceof Error ? error.message : String(error);
            return { ok: false, output: `${output}\n${text}`, changes: 0, messages: said() };
        }
    }
}

/** How a stack reaches a node. */
export function hostOf(node: SandboxHost): HostArgs {
    return { name: node.name, host: node.address, hostKey: node.hostKey };
}

/** How all nodes are logged in to. */
export async function login(): Promise<{ user: string; privateKey: string }> {
    const { sandbox, nodes } = await testCluster();
    return { user: nodes[0].users.admin, privateKey: sandbox.credentials.privateKey };
}
