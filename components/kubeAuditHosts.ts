import * as pulumi from "@pulumi/pulumi";
import type { ResolvedConnection, ResolvedEndpoint } from "../host/connection";
import type { Wish } from "../host/wish";
import type { HostArgs } from "./args";

/** One host in {@link KubeAuditHosts}: its name, its log, and everything that a connection needs. */
export interface KubeAuditHost extends KubeAuditEndpoint {
    name: string;
    log: { path: string };
    proxy?: KubeAuditEndpoint;
}

/** An SSH server. Without a `hostKey`, `insecureIgnoreHostKey` is true. */
export interface KubeAuditEndpoint extends ResolvedEndpoint {
    insecureIgnoreHostKey?: boolean;
}

/** What a hosts file of `kube-audit` has in it. */
export interface KubeAuditHosts {
    hosts: KubeAuditHost[];
}

/** The hosts that have an API server, as `kube-audit` wants them; a secret, as the connections are. */
export function kubeAuditHosts(
    hosts: readonly { readonly host: HostArgs; readonly connection: pulumi.Output<ResolvedConnection> }[],
    wish: pulumi.Output<Wish>,
): pulumi.Output<KubeAuditHosts> {
    const members = hosts.filter(({ host }) => host.preJoin !== true);
    return pulumi.all([pulumi.all(members.map(({ connection }) => connection)), wish]).apply(([connections, wish]) => ({
        hosts: connections.map(({ proxy, ...connection }, index) => ({
            name: members[index]!.host.name,
            ...withProof(connection),
            ...(proxy !== undefined && { proxy: withProof(proxy) }),
            log: { path: wish.settings.log.path! },
        })),
    }));
}

function withProof(endpoint: ResolvedEndpoint): KubeAuditEndpoint {
    return endpoint.hostKey === undefined ? { ...endpoint, insecureIgnoreHostKey: true } : endpoint;
}
