import { randomBytes } from "node:crypto";
import { ETCD_IMAGE_TAG } from "./versions";
import { kubeadmConfig, type KubeadmSettings } from "./kubeadm";

/** What the nodes of one cluster have in common. */
export interface ClusterSettings {
    /** Where clients find whichever API server works: `address:port`. */
    readonly controlPlaneEndpoint: string;
    /** `abcdef.0123456789abcdef`: lets machines join. */
    readonly token: string;
    /** 32 bytes in hexadecimal: gives new control-plane nodes the cluster's keys. */
    readonly certificateKey: string;
}

/** Settings with secrets of their own. */
export function clusterSettings(controlPlaneEndpoint: string): ClusterSettings {
    const token = randomBytes(11).toString("hex");
    return {
        controlPlaneEndpoint,
        token: `${token.slice(0, 6)}.${token.slice(6)}`,
        certificateKey: randomBytes(32).toString("hex"),
    };
}

/** What `kubeadm init --upload-certs` is told on the first node. */
export function initConfig(cluster: ClusterSettings, settings: KubeadmSettings): string {
    return kubeadmConfig(settings)
        .replace(/^controllerManager:\n.*\nscheduler:\n.*\n/m, "") // Of several, one has to lead.
        .replace("kind: InitConfiguration\n", () =>
            [
                "kind: InitConfiguration",
                "bootstrapTokens:",
                `    - token: ${cluster.token}`,
                `certificateKey: ${cluster.certificateKey}`,
                "",
            ].join("\n"),
        )
        .replace("kind: ClusterConfiguration\n", () =>
            [
                "kind: ClusterConfiguration",
                `controlPlaneEndpoint: ${cluster.controlPlaneEndpoint}`,
                // Whatever the version of Kubernetes: it is the one that the sandbox has.
                `etcd: { local: { imageTag: ${ETCD_IMAGE_TAG} } }`,
                "",
            ].join("\n"),
        );
}

/** What `kubeadm join` is told on every other node. */
export function joinConfig(cluster: ClusterSettings, { nodeName, address, patches }: KubeadmSettings): string {
    return `apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
discovery:
    bootstrapToken:
        apiServerEndpoint: ${cluster.controlPlaneEndpoint}
        token: ${cluster.token}
        unsafeSkipCAVerification: true
controlPlane:
    certificateKey: ${cluster.certificateKey}
    localAPIEndpoint:
        advertiseAddress: ${address}
nodeRegistration:
    name: ${nodeName}
    criSocket: unix:///run/containerd/containerd.sock
    taints: []
    ignorePreflightErrors: [all]
    imagePullPolicy: IfNotPresent
${patches === undefined ? "" : `patches:\n    directory: ${patches}\n`}`;
}

/**
 * The load balancer's configuration. Who is not ready gets no new connection; a connection that one refuses goes to
 * another; those that are established stay where they are until their API server ends them.
 *
 * @param servers - the nodes that the API servers run on
 */
export function balancerConfig(servers: readonly { readonly name: string; readonly address: string }[]): string {
    return `global
    maxconn 2000
    stats socket /run/haproxy.sock mode 600

defaults
    mode tcp
    timeout connect 1s
    timeout check 5s
    timeout client 1h
    timeout server 1h
    retries 3
    option redispatch 1

frontend kubernetes
    bind :6443
    default_backend api-servers

backend api-servers
    balance roundrobin
    option httpchk GET /readyz
    http-check expect status 200
    default-server check check-ssl verify none inter 1s fall 2 rise 2
${servers.map(({ name, address }) => `    server ${name} ${address}:6443\n`).join("")}`;
}
