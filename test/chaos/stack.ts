import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { ApiServerAuditArgs } from "kube-apiserver-audit";
import type { Engine } from "../../sandbox";
import type { Outcome } from "../clusters/auditStack";

/** The project of the stacks. */
export const PROJECT = "chaos";

/** What the engine is told to do with a stack. */
export type Verb = "up" | "destroy" | "previewInSync" | "cancel";

/** What the process of one command is sent. */
export interface Command {
    readonly workDir: string;
    readonly name: string;
    readonly verb: Verb;
    readonly args: ApiServerAuditArgs;
}

/**
 * A stack of one `ApiServerAudit`, each of whose commands has a process of its own, as a user's has.
 *
 * In one process for all, the SDK's globals would remember an engine that was killed: the next program fails where it talks to
 * it, and the Automation API answers the engine that the program has ended well, with no resource at all.
 */
export class ProcessStack {
    readonly name = `c${randomBytes(4).toString("hex")}`;
    /** The process of the command that is carried out. */
    processId: number | undefined;

    constructor(
        private readonly engine: Engine,
        /** What the next command gives the component. */
        public args: ApiServerAuditArgs,
    ) {}

    up(): Promise<Outcome> {
        return this.run("up");
    }

    destroy(): Promise<Outcome> {
        return this.run("destroy");
    }

    /** `preview --expect-no-changes`. */
    previewInSync(): Promise<Outcome> {
        return this.run("previewInSync");
    }

    /** `cancel`: forgets the lock of an engine that is no more. */
    cancel(): Promise<Outcome> {
        return this.run("cancel");
    }

    private run(verb: Verb): Promise<Outcome> {
        const { name, args } = this;
        return new Promise((resolve, reject) => {
            const child = fork(join(__dirname, "command.ts"), {
                execArgv: ["--require", require.resolve("tsx/cjs")],
                // What the SDK prints of a program that fails is in the outcome too.
                stdio: ["ignore", "ignore", "pipe", "ipc"],
            });
            this.processId = child.pid;
            let stderr = "";
            let outcome: Outcome | undefined;
            child.stderr!.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
            child.on("message", (message) => (outcome = message as Outcome));
            child.on("error", reject);
            child.on("close", (code) => {
                this.processId = undefined;
                resolve(outcome ?? { ok: false, output: `The process of ${verb} has ended with ${code}.\n${stderr}` });
            });
            const command: Command = { workDir: this.engine.workDir, name, verb, args };
            child.send(command);
        });
    }
}
