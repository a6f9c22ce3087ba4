import type { SandboxNode } from "../../sandbox";
import { clientCertificate } from "../e2e/controlPlane";

/** Who sends the driven requests, and what the policy sees of them. */
export const IDENTITIES = {
    admin: { user: "kubernetes-admin", groups: ["kubeadm:cluster-admins", "system:authenticated"] },
    jane: { user: "jane", groups: ["developers", "system:authenticated"] },
    ops: { user: "ops@example.com", groups: ["operators", "system:authenticated"] },
    deployer: {
        user: "system:serviceaccount:ci:deployer",
        groups: ["system:serviceaccounts", "system:serviceaccounts:ci", "system:authenticated"],
    },
    inventory: {
        user: "system:serviceaccount:monitoring:inventory",
        groups: ["system:serviceaccounts", "system:serviceaccounts:monitoring", "system:authenticated"],
    },
    anonymous: { user: "system:anonymous", groups: ["system:unauthenticated"] },
    /** Sends a token that the API server does not know. */
    intruder: {},
} as const satisfies Record<string, { readonly user?: string; readonly groups?: readonly string[] }>;

export type Identity = keyof typeof IDENTITIES;

/** What a client proves its identity with. */
export interface Credential {
    readonly cert?: Buffer;
    readonly key?: Buffer;
    readonly token?: string;
}

/** Has kubeadm sign certificates, and the API server sign tokens. */
export async function issueCredentials(node: SandboxNode): Promise<Readonly<Record<Identity, Credential>>> {
    const signed = (name: string, group: string) =>
        clientCertificate(
            node,
            `kubeadm kubeconfig user --config /etc/kubeadm/config.yaml --client-name '${name}' --org ${group} 2>/dev/null`,
        );
    return {
        admin: await clientCertificate(node),
        jane: await signed("jane", "developers"),
        ops: await signed("ops@example.com", "operators"),
        deployer: await token(node, "ci", "deployer"),
        inventory: await token(node, "monitoring", "inventory"),
        anonymous: {},
        intruder: { token: "unknown" },
    };
}

async function token(node: SandboxNode, namespace: string, name: string): Promise<Credential> {
    const made = await node.kubectl(["create", "token", name, "-n", namespace, "--duration", "4h"]);
    return { token: made.stdout.trim() };
}
