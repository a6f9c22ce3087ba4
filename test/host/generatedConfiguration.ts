/** ClusterConfigurations as kubeadm writes them, and as people change them by hand. */

import { Choices } from "./choices";

type Entry = readonly [name: string, value: string];

const FLAGS: readonly Entry[] = [
    ["authorization-mode", "Node,RBAC"],
    ["audit-log-maxage", '"7"'],
    ["audit-policy-file", "/etc/kubernetes/policies/theirs.yaml"],
    ["audit-webhook-config-file", "/etc/kubernetes/webhook.yaml"],
    ["bind-address", "'*'"],
    ["feature-gates", '"A=true,B=false"'],
    ["audit-log-path", '"-"'],
];

const VOLUMES: readonly (readonly Entry[])[] = [
    [
        ["hostPath", "/etc/kubernetes/policies"],
        ["mountPath", "/etc/kubernetes/policies"],
        ["name", "policies"],
        ["readOnly", "true"],
    ],
    [
        ["name", "audit-of-theirs"],
        ["hostPath", "/srv/audit"],
        ["mountPath", "/var/log/kubernetes/audit/"],
        ["pathType", "DirectoryOrCreate"],
    ],
    [
        ["mountPath", '"/etc/kubernetes/audit"'],
        ["hostPath", "/srv/policies"],
        ["name", "'theirs'"],
    ],
];

/** Decides on one text; decision 0 gives what kubeadm itself writes where nothing is asked of it. */
export function generateConfiguration(tape: Uint8Array): string {
    const choices = new Choices(tape);
    const version = choices.pick(["v1beta4", "v1beta3"]);
    const lines = [
        ...apiServer(choices, version === "v1beta4"),
        `apiVersion: kubeadm.k8s.io/${version}`,
        "certificatesDir: /etc/kubernetes/pki",
        "controllerManager:",
        "  extraArgs:",
        ...(version === "v1beta4" ? ["  - name: audit-log-path", '    value: "x"'] : ['    audit-log-path: "x"']),
        "etcd:",
        "  local:",
        "    dataDir: /var/lib/etcd",
        "kind: ClusterConfiguration",
        "kubernetesVersion: v1.34.4",
        "networking: {}",
    ];
    if (choices.seldom(4)) {
        lines.push(...lines.splice(0, lines.indexOf(`apiVersion: kubeadm.k8s.io/${version}`)));
    }
    const end = choices.pick(["\n", "\n", "\n", "\r\n"]);
    return lines.join(end) + (choices.seldom(6) ? "" : end);
}

function apiServer(choices: Choices, isList: boolean): string[] {
    const kind = choices.below(6);
    if (kind < 3) {
        return [["apiServer: {}"], ["apiServer: {} # nothing yet"], []][kind]!;
    }
    const indent = choices.pick(["  ", "    "]);
    const children = choices.shuffled([
        ...(choices.seldom(2) ? [[`certSANs:`, `- lb.example.com`, "- extraArgs"]] : []),
        ...extra(choices, "extraArgs", isList, FLAGS),
        ...extraVolumes(choices),
        [`timeoutForControlPlane: 4m0s`],
    ]);
    const text = children.flat().map((line) => (line === "" ? "" : indent + line));
    return ["apiServer:", ...text];
}

function extra(choices: Choices, key: string, isList: boolean, entries: readonly Entry[]): string[][] {
    const chosen = entries.filter(() => choices.seldom(2));
    const empty = [[], [[`${key}: ${isList ? "[]" : "{}"}`]], [[`${key}:`]], [[`${key}: null # none`]]];
    if (chosen.length === 0) {
        return choices.pick(empty);
    }
    const dash = choices.pick(["", "  "]);
    const lines = chosen.flatMap(([name, value]) =>
        isList ? [`${dash}- name: ${name}`, `${dash}  value: ${value}`] : [`  ${quotedKey(choices, name)}: ${value}`],
    );
    return [[`${key}:`, ...commented(choices, lines)]];
}

function extraVolumes(choices: Choices): string[][] {
    const chosen = VOLUMES.filter(() => choices.seldom(2));
    if (chosen.length === 0) {
        return choices.pick([[], [["extraVolumes: []"]]]);
    }
    const dash = choices.pick(["", "  "]);
    const lines = chosen.flatMap((fields) =>
        fields.map(([name, value], index) => `${dash}${index === 0 ? "- " : "  "}${name}: ${value}`),
    );
    return [["extraVolumes:", ...commented(choices, lines)]];
}

function quotedKey(choices: Choices, key: string): string {
    return choices.seldom(4) ? `"${key}"` : key;
}

function commented(choices: Choices, lines: readonly string[]): string[] {
    return lines.flatMap((line) => {
        const kind = choices.below(9);
        return kind === 6 ? ["# name: audit-log-path", line] : kind === 7 ? ["", line] : [line];
    });
}
