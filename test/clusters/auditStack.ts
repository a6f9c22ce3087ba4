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

/** A stack of one `ApiServerAudit`, run by the real engine. */
export class AuditStack {
    private constructor(
        private readonly stack: Stack,
        /** What the next run gives the component. */
        public args: ApiServerAuditArgs,
    ) {}

    static async create(engine: Engine, args: ApiServerAuditArgs): Promise<AuditStack> {
        const made: { stack?: AuditStack } = {};
        const stack = await engine.stack(`c${randomBytes(4).toString("hex")}`, () => {
            const audit = new ApiServerAudit("audit", made.stack!.args);
            return Promise.resolve({ reports: pulumi.output(audit.reports) });
        });
        made.stack = new AuditStack(stack, args);
        return made.stack;
    }

    get name(): string {
        return this.stack.name;
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
        const { reports } = await this.stack.outputs();
        return reports!.value as HostReport[];
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
