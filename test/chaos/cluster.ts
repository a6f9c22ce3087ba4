import { upCluster, upSandbox, type Engine, type Progress, type Sandbox, type SandboxNode } from "../../sandbox";
import type { ApiServerAuditArgs } from "kube-apiserver-audit";
import { clusterConfiguration } from "../e2e/controlPlane";
import { hostOf } from "../e2e/stack";
import { KINDS, type Kind } from "./plan";
import { policyOf, type Settings } from "./settings";
import { ProcessStack } from "./stack";
import { findTraces, originalOf, type Original } from "./traces";

/** What is disturbed. */
export interface Subject {
    readonly kind: Kind;
    readonly nodes: readonly SandboxNode[];
    readonly stack: ProcessStack;
    /** Each node as it was without audit settings. */
    readonly originals: readonly Original[];
    /** kubeadm's configuration of the cluster without audit settings; empty where there is none. */
    readonly configuration: string;
    /** How long the last update took that has succeeded. */
    updateSeconds: number;
    argsOf(settings: Settings): ApiServerAuditArgs;
}

/** Boots the machines of a kind, or takes those that there are. */
export function upKind(kind: Kind, name: string, onProgress: Progress): Promise<Sandbox> {
    const { nodes } = KINDS[kind];
    return kind === "ha"
        ? upCluster({ name, nodes, onProgress })
        : upSandbox({ name, nodes, flavour: kind === "systemd" ? "systemd" : "kubeadm", onProgress });
}

/** Makes a stack for nodes that have no audit settings. */
export async function subjectOf(
    kind: Kind,
    sandbox: Sandbox,
    nodes: readonly SandboxNode[],
    engine: Engine,
): Promise<Subject> {
    const argsOf = (settings: Settings): ApiServerAuditArgs => ({
        hosts: settings.hosts.map((place) => hostOf(nodes[place]!)),
        connection: { user: nodes[0]!.users.admin, privateKey: sandbox.credentials.privateKey },
        policy: policyOf(settings),
        log: settings.log,
        rollout: { timeoutSeconds: 120 },
        ...(settings.readerGroup === "" ? {} : { readerGroup: settings.readerGroup }),
    });
    const originals = await Promise.all(nodes.map(originalOf));
    if (originals.some(({ files }) => files.join().includes("kube-apiserver-audit"))) {
        throw new Error(
            `The sandbox ${sandbox.name} has audit settings of an earlier run. Remove it, or give another name.`,
        );
    }
    const configuration = await clusterConfiguration(nodes[0]!);
    const stack = new ProcessStack(engine, { hosts: [] });
    return { kind, nodes, stack, originals, configuration, argsOf, updateSeconds: KINDS[kind].updateSeconds };
}

/** What the nodes have that they should not have, or lack, after an update to these settings that has succeeded. */
export async function tracesOf(subject: Subject, settings: Settings): Promise<string[]> {
    const { kind, nodes, originals } = subject;
    const now = await Promise.all(nodes.map(originalOf));
    const traces = nodes.flatMap(({ name }, place) =>
        findTraces(kind, place, settings, originals[place]!, now[place]!).map((trace) => `${name}: ${trace}`),
    );
    const isOff = settings.hosts.length === 0;
    const configuration = isOff ? await clusterConfiguration(nodes[0]!) : subject.configuration;
    return configuration === subject.configuration ? traces : [...traces, `kubeadm-config:\n${configuration}`];
}
