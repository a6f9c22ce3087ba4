import { createEngine, type Engine } from "../../sandbox/engine";
import { downSandbox, ensureMaterials, upSandbox, type Sandbox, type SandboxNode } from "../../sandbox";

/** The machines of an end-to-end test: three control planes, each a cluster of its own, and a light host. */
export interface TestCluster {
    readonly sandbox: Sandbox;
    readonly nodes: readonly [SandboxNode, SandboxNode, SandboxNode];
    readonly engine: Engine;
}

/**
 * Test files run side by side: an API server's restart is mostly waiting. Each worker has its own machines, which one file
 * after another is given.
 */
const WORKERS = [0, 1];

const keepsSandbox = process.env.KEEP_SANDBOX !== undefined;

let cluster: Promise<TestCluster> | undefined;
let engine: Promise<Engine> | undefined;

/** Boots the machines on the first call of a process. */
export function testCluster(): Promise<TestCluster> {
    cluster ??= boot();
    return cluster;
}

/** The engine alone, for machines other than these. */
export function testEngine(): Promise<Engine> {
    engine ??= makeEngine();
    return engine;
}

export function onProgress(line: string): void {
    console.log(`    ${line}`);
}

async function makeEngine(): Promise<Engine> {
    const made = await createEngine({ project: "e2e" });
    process.once("exit", () => {
        made.close();
    });
    return made;
}

async function boot(): Promise<TestCluster> {
    const name = sandboxName(Number(process.env.MOCHA_WORKER_ID ?? 0));
    // What a run that was killed has left is in the middle of some test.
    const sandbox = await upSandbox({ name, nodes: 3, lightHosts: 1, anew: !keepsSandbox, onProgress });
    const [first, second, third] = sandbox.nodes;
    return { sandbox, engine: await testEngine(), nodes: [first!, second!, third!] };
}

function sandboxName(worker: number): string {
    return `test-${worker}`;
}

/** Makes what takes long on a machine that has nothing yet, where no test's time is measured. */
export async function mochaGlobalSetup(): Promise<void> {
    await ensureMaterials(onProgress);
    const engine = await createEngine({ onProgress });
    console.log(`    The command plugin is the ${engine.pluginKind} one.`);
    engine.close();
}

export async function mochaGlobalTeardown(): Promise<void> {
    if (!keepsSandbox) {
        await Promise.all(WORKERS.map((worker) => downSandbox(sandboxName(worker))));
    }
}
