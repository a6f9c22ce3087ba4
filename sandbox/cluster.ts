import { Balancer, startBalancer } from "./balancer";
import { admit, load, type NodeSettings } from "./boot";
import { withLock } from "./cache";
import { startLight, startMachine } from "./container";
import { makeCredentials } from "./credentials";
import { clusterSettings, initConfig, joinConfig } from "./highAvailability";
import { FAST_RESTART_PATCHES, type KubeadmSettings } from "./kubeadm";
import { addressOf, makeNetwork } from "./network";
import { SandboxHost, SandboxNode } from "./node";
import { silent, step, type Progress } from "./progress";
import { downSandbox, ensureMaterials, networkName, openSandbox, place, standing, type Sandbox } from "./sandbox";
import { writeState, type SandboxState } from "./state";

/** What a cluster should be. */
export interface ClusterOptions {
    /** As of any sandbox. @default "default" */
    readonly name?: string;
    /** Control-plane nodes with an etcd member each, named cp-1, cp-2 …. @default 3 */
    readonly nodes?: number;
    /** Keeps the 30 s that kubeadm gives an API server to end. @default false */
    readonly defaultGrace?: boolean;
    /**
     * Done on each machine before kubeadm runs on it, to have another version there for instance.
     * @default nothing
     */
    readonly prepare?: (node: SandboxNode) => Promise<void>;
    /** The version that kubeadm is to set up. @default the sandbox's own */
    readonly version?: string;
    readonly onProgress?: Progress;
}

/** One cluster of several control-plane nodes behind a load balancer. */
export interface Cluster extends Sandbox {
    readonly balancer: Balancer;
    /** A host that has sshd and nothing else: a way to the nodes. */
    readonly bastion: SandboxHost;
    /** Boots one more machine, which {@link Cluster.join} can make a node. */
    addMachine(): Promise<SandboxNode>;
    /** Makes a machine a control-plane node, and gives it its share of the load. */
    join(machine: SandboxNode): Promise<void>;
}

/** Host numbers of the network, apart from the nodes'. */
const BALANCER = 91;
const BASTION = 92;

/** Makes a cluster. One of that name that exists already is taken as it is, and nodes that it lacks are added. */
export function upCluster(options: ClusterOptions = {}): Promise<Cluster> {
    const { name = "default", nodes = 3, onProgress: progress = silent } = options;
    return withLock(`sandbox-${name}`, async () => {
        const { image, images } = await ensureMaterials(progress);
        const state = (await existing(name)) ?? (await found(name, image, options));
        const builder = new Builder(options, state, image, images, progress);
        await builder.makeLightHosts();
        for (let n = state.nodes.length; n < nodes; n++) {
            await builder.join(await builder.addMachine());
        }
        return builder.opened();
    });
}

async function existing(name: string): Promise<SandboxState | undefined> {
    const state = await standing(name);
    if (state !== undefined && state.cluster === undefined) {
        throw new Error(`The sandbox "${name}" is no cluster. Remove it: npm run sandbox -- --name ${name} down`);
    }
    return state;
}

async function found(name: string, image: string, options: ClusterOptions): Promise<SandboxState> {
    await downSandbox(name); // What an interrupted run may have left.
    const network = await makeNetwork(networkName(name));
    const state = {
        name,
        network,
        credentials: await makeCredentials(image),
        defaultGrace: options.defaultGrace ?? false,
        flavour: "kubeadm" as const,
        cluster: clusterSettings(`${addressOf(network, BALANCER)}:6443`),
        nodes: [],
        lightHosts: [],
    };
    await writeState(state);
    return state;
}

/** Makes a cluster step by step; what is done is remembered. */
class Builder {
    private machines: number;

    constructor(
        private readonly options: ClusterOptions,
        private state: SandboxState,
        private readonly image: string,
        private readonly images: NodeSettings["images"],
        private readonly progress: Progress,
    ) {
        this.machines = state.nodes.length;
    }

    async makeLightHosts(): Promise<void> {
        if (this.state.lightHosts.length > 0) {
            return;
        }
        const { name, credentials } = this.state;
        const balancer = await startBalancer(
            name,
            place(this.state, this.image, "balancer", BALANCER),
            credentials,
            this.progress,
        );
        const container = place(this.state, this.image, "bastion", BASTION);
        await startLight(name, container);
        const hostKey = await admit(container, credentials);
        const bastion = new SandboxHost({ ...container, name: container.hostname, hostKey });
        await this.remember({ lightHosts: [balancer, bastion] });
    }

    async addMachine(): Promise<SandboxNode> {
        const n = ++this.machines;
        const { name, credentials } = this.state;
        const container = place(this.state, this.image, `cp-${n}`, n);
        return step(this.progress, `${container.hostname}: booting`, async () => {
            await startMachine(name, container);
            const hostKey = await admit(container, credentials);
            const node = new SandboxNode({ ...container, name: container.hostname, hostKey });
            await load(node, this.images);
            await this.options.prepare?.(node);
            return node;
        });
    }

    async join(node: SandboxNode): Promise<void> {
        const { cluster, nodes, defaultGrace } = this.state;
        const settings: KubeadmSettings = {
            nodeName: node.name,
            address: node.address,
            ...(this.options.version === undefined ? {} : { version: this.options.version }),
            ...(defaultGrace ? {} : { patches: FAST_RESTART_PATCHES }),
        };
        const isFirst = nodes.length === 0;
        const config = (isFirst ? initConfig : joinConfig)(cluster!, settings);
        const command = isFirst ? "init --upload-certs" : "join";
        await node.check("umask 077; cat >/etc/kubeadm/config.yaml", { stdin: config });
        await step(this.progress, `${node.name}: kubeadm ${command}`, async () => {
            // kubeadm itself asks through the load balancer.
            await this.balancer.serve(isFirst ? [node] : nodes);
            await node.check(`kubeadm ${command} --config /etc/kubeadm/config.yaml`);
            await node.waitHealthy();
        });
        await this.balancer.serve([...nodes, node]);
        await this.remember({ nodes: [...nodes, node] });
    }

    async opened(): Promise<Cluster> {
        const sandbox = await openSandbox(this.state.name);
        return {
            ...sandbox,
            balancer: this.balancer,
            bastion: sandbox.lightHosts[1]!,
            addMachine: () => this.addMachine(),
            join: (machine) => this.join(machine),
        };
    }

    private get balancer(): Balancer {
        return new Balancer(this.state.lightHosts[0]!);
    }

    private async remember(change: Partial<SandboxState>): Promise<void> {
        this.state = { ...this.state, ...change };
        await writeState(this.state);
    }
}
