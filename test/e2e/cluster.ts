import { createEngine, type Engine } from "../../sandbox/engine";
import { upSandbox, type Sandbox, type SandboxNode } from "../../sandbox";

/** The machines that all end-to-end tests share: three control planes, each a cluster of its own, and a light host. */
export interface TestCluster {
    readonly sandbox: Sandbox;
    readonly nodes: readonly [SandboxNode, SandboxNode, SandboxNode];
    readonly engine: Engine;
}

let cluster: Promise<TestCluster> | undefined;
let engine: Promise<Engine> | undefined;

/** Boots the machines on the first call. */
export function testCluster(): Promise<TestCluster> {
    cluster ??= boot();
    return cluster;
}

/** The engine alone, for machines other than these. */
export function testEngine(): Promise<Engine> {
    engine ??= makeEngine();
    return engine;
}

async function makeEngine(): Promise<Engine> {
    const made = await createEngine({ project: "e2e", onProgress });
    console.log(`    The command plugin is the ${made.pluginKind} one.`);
    return made;
}

export function onProgress(line: string): void {
    console.log(`    ${line}`);
}

async function boot(): Promise<TestCluster> {
    const sandbox = await upSandbox({ name: process.env.TEST_SANDBOX ?? "test", nodes: 3, lightHosts: 1, onProgress });
    const [first, second, third] = sandbox.nodes;
    return { sandbox, engine: await testEngine(), nodes: [first!, second!, third!] };
}

export const mochaHooks = {
    async afterAll(): Promise<void> {
        const booted = await cluster;
        (await engine)?.close();
        if (process.env.KEEP_SANDBOX === undefined) {
            await booted?.sandbox.down();
        }
    },
};
