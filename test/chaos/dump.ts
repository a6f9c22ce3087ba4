import type { SandboxNode } from "../../sandbox";
import type { Result } from "./round";

const NODE = `
cd /
for file in /var/lib/kube-apiserver-audit/receipt.json /etc/kubernetes/manifests/*kube-apiserver* /etc/systemd/system/kube-apiserver.service.d/*; do
    [ ! -f "$file" ] || { echo "--- $file"; cat "$file"; }
done
echo "--- files"
find /etc/kubernetes/manifests /etc/kubernetes/audit /var/lib/kube-apiserver-audit /run/kube-apiserver-audit /var/log/kubernetes -printf '%p %y %m %u:%g %s %t\\n' 2>/dev/null
for directory in /run/kube-apiserver-audit/transaction.*; do
    for name in phase step started exit stdout stderr; do
        [ ! -e "$directory/$name" ] || { echo "--- $directory/$name"; cat "$directory/$name"; }
    done
done
echo "--- processes"
ps -eo pid,ppid,lstart,args | cut -c 1-200
echo "--- containers"
crictl ps -a 2>/dev/null || ctr -n k8s.io tasks ls 2>/dev/null
for file in /var/log/pods/kube-system_kube-apiserver-*/kube-apiserver/*.log; do
    [ ! -e "$file" ] || { echo "--- $file"; tail -n 15 "$file" | cut -c 1-300; }
done
echo "--- journal"
journalctl --no-pager --lines=60 -u kubelet -u kube-apiserver -u ssh -u 'kube-apiserver-audit-*' | cut -c 1-300`;

/** Everything that tells why a round is broken, as text. */
export async function dump(nodes: readonly SandboxNode[], { disturbed }: Result): Promise<string> {
    const hosts = await Promise.all(nodes.map(async (node) => `===== ${node.name}\n${(await node.exec(NODE)).stdout}`));
    return [`===== the disturbed update\n${disturbed?.output ?? "It has not ended."}`, ...hosts].join("\n");
}
