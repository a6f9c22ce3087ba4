import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { LocalWorkspace, PulumiCommand, type PulumiFn, type Stack } from "@pulumi/pulumi/automation";
import * as settings from "@pulumi/pulumi/runtime/settings";
import { ensurePulumi } from "./binaries";
import { ensureCommandPlugin, type PluginKind } from "./commandPlugin";
import { silent, type Progress } from "./progress";

/** What the SDK makes its clients of an engine with; its types do not show it. */
export const { grpcClientOptions } = settings as unknown as { readonly grpcClientOptions: Record<string, unknown> };

// By default @grpc/grpc-js shares connections by address in the whole process, those to engines that have ended too, and remembers
// for a while that nobody answered there: a program whose engine is given such an address again would fail at once, and the
// Automation API would answer that it has ended well, with no resource at all.
grpcClientOptions["grpc.use_local_subchannel_pool"] = 1;

export interface EngineOptions {
    /** Where the stacks' state is kept. @default a new temporary directory, removed by {@link Engine.close} */
    readonly workDir?: string;
    /** Encrypts the stacks' secrets. @default a fixed one: nothing in a sandbox is worth more */
    readonly passphrase?: string;
    /** The project of every stack. @default "sandbox" */
    readonly project?: string;
    readonly onProgress?: Progress;
}

/** The real Pulumi engine with a local file backend. */
export interface Engine {
    /** Whose command plugin runs the commands. */
    readonly pluginKind: PluginKind;
    readonly workDir: string;
    /** The environment for a `pulumi` of one's own. */
    readonly env: Readonly<Record<string, string>>;
    /** The stack of that name, made when it does not exist, with an inline program. */
    stack(name: string, program: PulumiFn, env?: Readonly<Record<string, string>>): Promise<Stack>;
    /** Forgets the stacks, if their directory was made for them. */
    close(): void;
}

/** Makes the Pulumi CLI and a command plugin available. */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
    const progress = options.onProgress ?? silent;
    const { pluginKind, home } = await ensureCommandPlugin(await ensurePulumi(progress), progress);
    const workDir = options.workDir ?? mkdtempSync(join(tmpdir(), "kube-apiserver-audit-engine-"));
    const backend = join(workDir, "state");
    mkdirSync(backend, { recursive: true });
    const env = {
        PATH: [join(home, "bin"), process.env.PATH ?? ""].join(delimiter),
        PULUMI_HOME: home,
        PULUMI_BACKEND_URL: `file://${backend}`,
        PULUMI_CONFIG_PASSPHRASE: options.passphrase ?? "sandbox",
        PULUMI_SKIP_UPDATE_CHECK: "true",
    };
    const pulumiCommand = await PulumiCommand.get({ root: home });
    const projectName = options.project ?? "sandbox";
    return {
        pluginKind,
        workDir,
        env,
        stack: (stackName, program, more = {}) =>
            LocalWorkspace.createOrSelectStack(
                { stackName, projectName, program },
                { envVars: { ...env, ...more }, pulumiCommand },
            ),
        close: () => {
            if (options.workDir === undefined) {
                rmSync(workDir, { recursive: true, force: true });
            }
        },
    };
}
