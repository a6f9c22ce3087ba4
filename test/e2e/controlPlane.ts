import { parse } from "yaml";
import type { SandboxNode } from "../../sandbox";
import { MANIFEST } from "../../host/paths";

/** Shell: waits for one API server alone, other than the process "$1", whose command line has "$2", and which is ready. */
const SETTLE = `
settle() {
    tries=0
    until pid=$(pgrep -x kube-apiserver) && [ "$(echo "$pid" | wc -l)" = 1 ] && [ "$pid" != "$1" ] &&
        tr '\\0' ' ' </proc/$pid/cmdline | grep -q -- "$2" &&
        kubectl --kubeconfig /etc/kubernetes/admin.conf --request-timeout 5s get --raw /readyz >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ "$tries" -lt 400 ] || { echo "No new API server is ready." >&2; exit 1; }
        sleep 0.3
    done
}
`;

/** `pid start` of the API server. */
export function apiServer(node: SandboxNode): Promise<string> {
    return node.check('pid=$(pgrep -x kube-apiserver); echo "$pid $(cut -d " " -f 22 /proc/$pid/stat)"');
}

/** The `--audit-` flags that the API server was started with. */
export async function auditFlags(node: SandboxNode): Promise<string[]> {
    const words = await node.check("tr '\\0' '\\n' </proc/$(pgrep -x kube-apiserver)/cmdline");
    return words.split("\n").filter((word) => word.startsWith("--audit-"));
}

/** ClusterConfiguration as it is in the cluster; empty where kubeadm has made none. */
export async function clusterConfiguration(node: SandboxNode): Promise<string> {
    const words = ["-n", "kube-system", "get", "configmap", "kubeadm-config", "--ignore-not-found"];
    return (await node.kubectl([...words, "-o", "jsonpath={.data.ClusterConfiguration}"])).stdout;
}

/**
 * A client certificate and its key, as a kubeconfig on the host has them.
 *
 * @param command - prints it; default: the administrator's
 */
export async function clientCertificate(
    node: SandboxNode,
    command = "cat /etc/kubernetes/admin.conf",
): Promise<{ cert: Buffer; key: Buffer }> {
    const { users } = parse(await node.check(command)) as {
        users: { user: { "client-certificate-data": string; "client-key-data": string } }[];
    };
    const { user } = users[0]!;
    return {
        cert: Buffer.from(user["client-certificate-data"], "base64"),
        key: Buffer.from(user["client-key-data"], "base64"),
    };
}

/** Waits until no transaction runs on the host. */
export async function awaitIdle(node: SandboxNode, timeoutSeconds = 300): Promise<void> {
    await node.check(
        "while systemctl list-units --state=active,activating,deactivating --no-legend 'kube-apiserver-audit-*' | grep -q .; do sleep 0.2; done",
        { timeoutSeconds },
    );
}

/**
 * Does something that restarts the API server, and waits until the new one is ready.
 *
 * @param shell - what is done, on the host
 * @param flag - what the new one's command line has
 */
export async function restarting(node: SandboxNode, shell: string, flag = "kube-apiserver"): Promise<void> {
    await node.check(`set -eu\n${SETTLE}\nbefore=$(pgrep -x kube-apiserver)\n${shell}\nsettle "$before" '${flag}'`);
}

/** Shell that replaces the manifest by what a filter makes of it, in one step, as a careful administrator would. */
export function filterManifest(filter: string): string {
    return `${filter} ${MANIFEST} >/etc/kubernetes/edited && chmod 600 /etc/kubernetes/edited && mv /etc/kubernetes/edited ${MANIFEST}`;
}

/** Everything that a transaction may change, with mode, owner and content, and the process that runs. */
export function hostState(node: SandboxNode): Promise<string> {
    return node.check(`
for pid in $(pgrep -x kube-apiserver); do echo "$pid $(cut -d ' ' -f 22 /proc/$pid/stat)"; done
for place in /etc/kubernetes/manifests /etc/kubernetes/audit /var/lib/kube-apiserver-audit /var/log/kubernetes; do
    [ -e $place ] || { echo "$place: none"; continue; }
    find $place -printf '%p %y %m %u:%g %l\\n' -type f ! -path '/var/log/*' -exec sha256sum {} \\; | sort
done
find /etc/systemd/system -name '*audit*'`);
}

/** Shell: prints kubeadm's configuration of the cluster. */
const CONFIGURATION =
    "kubectl --kubeconfig /etc/kubernetes/admin.conf -n kube-system get configmap kubeadm-config -o jsonpath='{.data.ClusterConfiguration}'";

/** Remembers what kubeadm made, once. */
export async function rememberOriginal(node: SandboxNode): Promise<void> {
    await node.check(`set -eu
if ! [ -d /root/manifests ]; then
    ! grep -q kube-apiserver-audit ${MANIFEST} || { echo "The manifest is not kubeadm's." >&2; exit 1; }
    ${CONFIGURATION} >/root/cluster-configuration
    cp -rp /etc/kubernetes/manifests /root/manifests
fi`);
}

/** Puts a host back to how kubeadm left it, whatever was done to it; does nothing where nothing was done. */
export async function putBackOriginal(node: SandboxNode): Promise<void> {
    await node.check(`set -eu
${SETTLE}
systemctl start kubelet
pkill -CONT -x etcd || :
while umount /var/log/kubernetes 2>/dev/null; do :; done
cd /etc/kubernetes/manifests
before=
for file in *; do
    [ -f "/root/manifests/$file" ] || { before=$(pgrep -x kube-apiserver || echo none); rm -f "$file"; }
done
original=/root/manifests/kube-apiserver.yaml
cmp -s $original ${MANIFEST} || before=$(pgrep -x kube-apiserver || echo none)
if [ -L ${MANIFEST} ] || [ -n "$before" ]; then
    cp -p $original /etc/kubernetes/original && mv -f /etc/kubernetes/original ${MANIFEST}
fi
settle "\${before:-none}" '--secure-port=6443 --service-account-issuer'
rm -rf /etc/kubernetes/audit /var/lib/kube-apiserver-audit /var/log/kubernetes
if ! ${CONFIGURATION} | cmp -s - /root/cluster-configuration; then
    kubectl create configmap kubeadm-config --dry-run=client -o yaml --from-file=ClusterConfiguration=/root/cluster-configuration |
        kubectl --kubeconfig /etc/kubernetes/admin.conf -n kube-system replace -f -
fi`);
}
