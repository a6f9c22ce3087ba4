import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { Stack } from "@pulumi/pulumi/automation";
import { ApiServerAudit, type ApiServerAuditArgs, type HostReport } from "kube-apiserver-audit";
import type { Engine } from "../../sandbox";

/** What the engine made of one command. */
export interface Outcome {
    readonly ok: boolean;
    /** Standard output and error, without colours. */
    readonly output: string;
}

export function assertDone(outcome: Outcome): void {
    assert.equal(outcome.ok, true, outcome.output);
}

/** What a stack's program makes of the arguments; its outputs. */
export type AuditProgram = (args: ApiServerAuditArgs) => Record<string, pulumi.Output<unknown>>;

const auditAlone: AuditProgram = (args) => {
    const audit = new ApiServerAudit("audit", args);
    return { reports: pulumi.output(audit.reports) };
};

/** A stack of one `ApiServerAudit`, or of another program, run by the real engine. */
export class AuditStack {
    private constructor(
        private readonly stack: Stack,
        /** What the next run gives the component. */
        public args: ApiServerAuditArgs,
    ) {}

    /** The stack of that name, made when it does not exist; without a name, a new one. */
    static async create(
        engine: Engine,
        args: ApiServerAuditArgs,
        { program = auditAlone, name = `c${randomBytes(4).toString("hex")}` } = {},
    ): Promise<AuditStack> {
        const made: { stack?: AuditStack } = {};
        const stack = await engine.stack(name, () => Promise.resolve(program(made.stack!.args)));
        made.stack = new AuditStack(stack, args);
        return made.stack;
    }

    get name(): string {
        return this.stack.name;
    }

    /** Where a `pulumi` of one's own finds the stack's project. */
    get directory(): string {
        return this.stack.workspace.workDir;
    }

    up(): Promise<Outcome> {
        return this.run((listen) => this.stack.up({ color: "never", onOutput: listen, onError: listen }));
    }

    preview(): Promise<Outcome> {
        return this.run((listen) => this.stack.preview({ color: "never", onOutput: listen, onError: listen }));
    }

    /** `preview --expect-no-changes`. */
    previewInSync(): Promise<Outcome> {
        return this.run((listen) =>
            this.stack.preview({ color: "never", expectNoChanges: true, onOutput: listen, onError: listen }),
        );
    }

    destroy(): Promise<Outcome> {
        return this.run((listen) => this.stack.destroy({ color: "never", onOutput: listen, onError: listen }));
    }

    /** `cancel`: forgets the lock of an engine that is no more. */
    cancel(): Promise<Outcome> {
        return this.run(() => this.stack.cancel());
    }

    async reports(): Promise<HostReport[]> {
        return (await this.output("reports")) as HostReport[];
    }

    async output(name: string): Promise<unknown> {
        return (await this.stack.outputs())[name]?.value;
    }

    private async run(work: (listen: (text: string) => void) => Promise<unknown>): Promise<Outcome> {
        let output = "";
        try {
            await work((text) => (output += text));
            return { ok: true, output };
        } catch (error) {
            return { ok: false, output: `${output}\n${error instanceof Error ? error.message : String(error)}` };
        }
    }
}
