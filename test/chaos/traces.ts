import { makeWish } from "../../host/wish";
import { POLICY_DIRECTORY, STATE_DIRECTORY } from "../../host/paths";
import type { SandboxNode } from "../../sandbox";
import type { Kind } from "./plan";
import { policyOf, type Settings } from "./settings";

/** Everything where a transaction writes, apart from the log. */
export interface Original {
    /** The API server's manifest, or what systemd makes of its unit. */
    readonly source: string;
    /** Paths. */
    readonly files: readonly string[];
}

const SOURCE = "cat /etc/kubernetes/manifests/kube-apiserver.yaml 2>/dev/null || systemctl cat kube-apiserver.service";

const FILES = `
for place in /etc/kubernetes/manifests ${POLICY_DIRECTORY} ${STATE_DIRECTORY} /run/kube-apiserver-audit; do
    [ ! -e $place ] || find $place -mindepth 1
done
find /etc/systemd/system -name '*audit*' -o -name 'kube-apiserver.service*'
systemctl list-units --state=active,activating,deactivating,failed --plain --no-legend 'kube-apiserver-audit-*' | cut -d ' ' -f 1`;

/** What a node is like now. */
export async function originalOf(node: SandboxNode): Promise<Original> {
    const [source, files] = await Promise.all([node.check(SOURCE), node.check(FILES)]);
    return { source, files: files.split("\n").filter((line) => line !== "") };
}

/**
 * What a node has that it should not have, or lacks, after an update that has succeeded.
 *
 * @param place - the node's, in the cluster
 */
export function findTraces(
    kind: Kind,
    place: number,
    settings: Settings,
    original: Original,
    now: Original,
): readonly string[] {
    const isOn = settings.hosts.includes(place);
    const wanted = new Set(isOn ? [...original.files, ...ours(kind, settings)] : original.files);
    const mayBe = isOn || kind === "ha" ? isOldPolicy : () => false;
    return [
        ...now.files.filter((file) => !wanted.has(file) && !mayBe(file)).map((file) => `left over: ${file}`),
        ...[...wanted].filter((file) => !now.files.includes(file)).map((file) => `missing: ${file}`),
        ...(!isOn && now.source !== original.source ? [`not as it was:\n${now.source}`] : []),
        ...tooManyPolicies(now.files),
    ];
}

function ours(kind: Kind, settings: Settings): string[] {
    const { policyFile } = makeWish({ owner: "chaos", policy: policyOf(settings) }).settings;
    const dropIn = "/etc/systemd/system/kube-apiserver.service.d";
    return [
        policyFile,
        `${POLICY_DIRECTORY}/policy.yaml`,
        `${STATE_DIRECTORY}/receipt.json`,
        `${STATE_DIRECTORY}/policy.yaml`,
        ...(kind === "systemd"
            ? [dropIn, `${dropIn}/50-kube-apiserver-audit.conf`]
            : [`${STATE_DIRECTORY}/kube-apiserver.yaml`]),
    ];
}

/**
 * The policy before this one is kept; and a host that leaves its cluster's list keeps those that kubeadm's configuration names
 * for the other nodes.
 */
function isOldPolicy(file: string): boolean {
    return /^\/etc\/kubernetes\/audit\/policy(-[0-9a-f]{12})?\.yaml$/.test(file);
}

function tooManyPolicies(files: readonly string[]): string[] {
    const policies = files.filter((file) => file.startsWith(`${POLICY_DIRECTORY}/policy-`));
    return policies.length > 2 ? [`more than two policies: ${policies.join(" ")}`] : [];
}
