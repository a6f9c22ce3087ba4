import { upCluster, upSandbox, type Engine, type Progress, type Sandbox, type SandboxNode } from "../../sandbox";
import type { ApiServerAuditArgs } from "kube-apiserver-audit";
import { AuditStack } from "../clusters/auditStack";
import { hostOf } from "../e2e/stack";
import { KINDS, type Kind } from "./plan";
import { policyOf, type Settings } from "./settings";
import { originalOf, type Original } from "./traces";

/** What is disturbed. */
export interface Subject {
    readonly kind: Kind;
    readonly nodes: readonly SandboxNode[];
    readonly stack: AuditStack;
    /** Each node as it was without audit settings. */
    readonly originals: readonly Original[];
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
    const stack = await AuditStack.create(engine, { hosts: [] });
    return { kind, nodes, stack, originals, argsOf, updateSeconds: KINDS[kind].updateSeconds };
}
