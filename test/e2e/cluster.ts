import { createEngine, type Engine } from "../../sandbox/engine";
import { upSandbox, type Sandbox, type SandboxNode } from "../../sandbox";

/** The machines that all end-to-end tests share: three control planes, each a cluster of its own, and a light host. */
export interface TestCluster {
    readonly sandbox: Sandbox;
    readonly nodes: readonly [SandboxNode, SandboxNode, SandboxNode];
    readonly engine: Engine;
}

let cluster: Promise<TestCluster> | undefined;

/** Boots the machines on the first call. */
export function testCluster(): Promise<TestCluster> {
    cluster ??= boot();
    return cluster;
}

async function boot(): Promise<TestCluster> {
    const onProgress = (line: string): void => {
        console.log(`    ${line}`);
    };
    const sandbox = await upSandbox({ name: process.env.TEST_SANDBOX ?? "test", nodes: 3, lightHosts: 1, onProgress });
    const engine = await createEngine({ project: "e2e", onProgress });
    console.log(`    The command plugin is the ${engine.pluginKind} one.`);
    const [first, second, third] = sandbox.nodes;
    return { sandbox, engine, nodes: [first!, second!, third!] };
}

export const mochaHooks = {
    async afterAll(): Promise<void> {
        const booted = await cluster;
        booted?.engine.close();
        if (process.env.KEEP_SANDBOX === undefined) {
            await booted?.sandbox.down();
        }
    },
};
