import { upSandbox, type Sandbox, type SandboxNode } from "../../sandbox";
import { delivery } from "../e2e/deliver";
import { onProgress } from "../e2e/cluster";
import { AuditStack, hostOf, type Run } from "../e2e/stack";
import { LOG_DIRECTORY, Subject } from "../e2e/subject";
import type { ApiServerAuditArgs } from "kube-apiserver-audit";

export const UNIT = "kube-apiserver.service";
export const UNIT_FILE = `/etc/systemd/system/${UNIT}`;
export const ENVIRONMENT_FILE = "/etc/kubernetes/apiserver.env";
export const DROP_IN = `${UNIT_FILE}.d/50-kube-apiserver-audit.conf`;

let sandbox: Promise<Sandbox> | undefined;

/** Three machines, each with etcd and kube-apiserver as units. */
export function systemdSandbox(): Promise<Sandbox> {
    const name = `${process.env.TEST_SANDBOX ?? "test"}-systemd`;
    sandbox ??= upSandbox({ name, nodes: 3, flavour: "systemd", onProgress });
    return sandbox;
}

after(async () => {
    if (process.env.KEEP_SANDBOX === undefined) {
        await (await sandbox)?.down();
    }
});

/** Everything that a transaction may change, what systemd makes of it, and what runs. */
const SHOW_STATE = `
kubectl --kubeconfig /etc/kubernetes/admin.conf get --raw /readyz; echo
for pid in $(pgrep -x kube-apiserver); do tr '\\0' '\\n' </proc/$pid/cmdline | grep '^--audit-'; done
for place in /etc/systemd/system /etc/kubernetes /var/lib/kube-apiserver-audit; do
    [ ! -e $place ] || find $place ! -name fault \\( -printf '%p %y %m %u:%g %l ' \\) \\( -type f -exec sha256sum {} \\; -o -printf '\\n' \\) | sort
done
[ ! -e ${LOG_DIRECTORY} ] || stat -c '%n %a %U:%G' ${LOG_DIRECTORY}
systemctl cat ${UNIT}
systemctl show --property=NeedDaemonReload,ActiveState,SubState,UnitFileState,DropInPaths ${UNIT}
[ ! -e /run/kube-apiserver-audit ] || find /run/kube-apiserver-audit -mindepth 1
`;

/** Everything on the host that audit logging touches, whole. */
export function hostState(node: SandboxNode): Promise<string> {
    return node.check(SHOW_STATE);
}

/** Puts a host back to how the sandbox has made it, whatever was left on it; does nothing where nothing was. */
export async function putBack(node: SandboxNode): Promise<void> {
    await node.check(`pkill -CONT -x etcd; umount /etc/kubernetes /var/log/kubernetes 2>/dev/null; rm -rf /root/reached /run/systemd/system/${UNIT}.d
sed -i '/^LimitCORE=0$/d' ${UNIT_FILE}
systemctl daemon-reload
if [ -e ${DROP_IN} ] || [ -e /var/lib/kube-apiserver-audit ]; then
    rm -rf ${DROP_IN} /etc/kubernetes/audit /var/lib/kube-apiserver-audit /var/log/kubernetes /etc/kubernetes/pki/fault
    rm -f /etc/systemd/system/kube-apiserver-audit-recover.service /etc/systemd/system/*.wants/kube-apiserver-audit-recover.service
    systemctl daemon-reload && systemctl restart ${UNIT}
fi`);
    await node.waitHealthy();
}

/** A machine with audit settings in force, to which failing changes are made. */
export class UnitSubject extends Subject {
    override readonly restored = "The old settings were restored; the API server is healthy with the old settings.";

    static override async all(): Promise<[UnitSubject, UnitSubject, UnitSubject]> {
        const made = await systemdSandbox();
        const [first, second, third] = made.nodes.map(
            (node) =>
                new UnitSubject(node, (policy, timeoutSeconds) => delivery(made, node, policy, timeoutSeconds ?? 60)),
        );
        return [first!, second!, third!];
    }

    override state(): Promise<string> {
        return hostState(this.node);
    }
}

/** A stack for one machine. */
export async function stackOf(node: SandboxNode, args: Partial<ApiServerAuditArgs> = {}): Promise<AuditStack> {
    const { credentials } = await systemdSandbox();
    return AuditStack.create({
        hosts: [hostOf(node)],
        connection: { user: node.users.admin, privateKey: credentials.privateKey },
        policy: { rules: [{ level: "Metadata" }] },
        ...args,
    });
}

/** What an update was refused with. */
export function refusal({ ok, messages, output }: Run): string {
    const errors = messages.filter(({ severity }) => severity === "error").map(({ text }) => text);
    const [message] = errors.filter((text) => text !== "update failed");
    if (ok || message === undefined) {
        throw new Error(`Nothing was refused.\n${output}`);
    }
    return message.replace('Process exited with status 1: running "sudo -n sh -s -- apply":\n', "");
}

/** Does something that restarts the API server, and waits until another one is ready. */
export async function restarting(node: SandboxNode, shell: string): Promise<void> {
    await node.check(`set -eu
before=$(pgrep -x kube-apiserver || echo none)
${shell}
tries=0
until pid=$(pgrep -x kube-apiserver) && [ "$pid" != "$before" ] &&
    kubectl --kubeconfig /etc/kubernetes/admin.conf --request-timeout 5s get --raw /readyz >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 200 ] || { echo "No new API server is ready." >&2; exit 1; }
    sleep 0.2
done`);
}

export const RELOAD = `systemctl daemon-reload && systemctl restart ${UNIT}`;
