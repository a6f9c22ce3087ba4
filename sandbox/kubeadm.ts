import { KUBERNETES } from "./versions";

export interface KubeadmSettings {
    readonly nodeName: string;
    readonly address: string;
    /** A directory of kubeadm patches. @default none */
    readonly patches?: string;
    /** @default the sandbox's own */
    readonly version?: string;
}

/** The directory of the host image whose patch gives the API server 3 s to end instead of 30. */
export const FAST_RESTART_PATCHES = "/etc/kubeadm/patches";

/**
 * What `kubeadm init` is told. The cgroup and swap settings let a kubelet live inside a container; nothing in it
 * touches the API server. The one controller manager and the one scheduler have nobody to elect a leader among, and a
 * leader that cannot renew its lease ends: each restart of the API server would be three.
 */
export function kubeadmConfig(settings: KubeadmSettings): string {
    const patches = settings.patches === undefined ? "" : `patches:\n    directory: ${settings.patches}\n`;
    return `apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint:
    advertiseAddress: ${settings.address}
nodeRegistration:
    name: ${settings.nodeName}
    criSocket: unix:///run/containerd/containerd.sock
    taints: []
    ignorePreflightErrors: [all]
    imagePullPolicy: IfNotPresent
${patches}skipPhases: [addon/coredns, addon/kube-proxy]
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
clusterName: ${settings.nodeName}
kubernetesVersion: ${settings.version ?? KUBERNETES}
networking:
    podSubnet: 10.244.0.0/16
controllerManager:
    extraArgs: [{ name: leader-elect, value: "false" }]
scheduler:
    extraArgs: [{ name: leader-elect, value: "false" }]
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
cgroupDriver: cgroupfs
failCgroupV1: false
failSwapOn: false
localStorageCapacityIsolation: false
imageGCHighThresholdPercent: 100
evictionHard:
    nodefs.available: 0%
    imagefs.available: 0%
`;
}

/** A namespace and a pod in it, which the examples and the audit policies talk about. */
export const WEBAPP = `apiVersion: v1
kind: Namespace
metadata:
    name: prod-namespace
---
apiVersion: v1
kind: Pod
metadata:
    name: webapp-pod
    namespace: prod-namespace
    labels: { app: webapp }
spec:
    terminationGracePeriodSeconds: 1
    containers:
        - name: webapp
          image: registry.k8s.io/pause:3.10.1
          imagePullPolicy: IfNotPresent
`;
