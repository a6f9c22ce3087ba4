/** Hosts on which kube-apiserver is a systemd unit, as a probe finds them. */

import { dropInPath, planDropIn } from "../../host/dropIn";
import { auditFlags } from "../../host/flags";
import type { Observation, ObservedFile, ObservedUnit } from "../../host/observation";
import { MANIFEST, RECEIPT } from "../../host/paths";
import { findUnitCommand } from "../../host/unitCommand";
import { sha256, type Wish } from "../../host/wish";
import { APPLIED, appliedHost, receiptOf, STARTED, wishOf, withFile, without } from "./observedHost";

export const UNIT = "kube-apiserver.service";
export const UNIT_FILE = `/etc/systemd/system/${UNIT}`;
export const ENVIRONMENT_FILE = "/etc/kubernetes/apiserver.env";
export const DROP_IN = dropInPath(UNIT);

export const UNIT_TEXT = [
    "[Unit]",
    "Description=Kubernetes API Server",
    "[Service]",
    `EnvironmentFile=-${ENVIRONMENT_FILE}`,
    "ExecStart=/usr/local/bin/kube-apiserver \\",
    "  --advertise-address=192.0.2.11 \\",
    "  --secure-port=6444 \\",
    "  --client-ca-file=/pki/ca.crt --tls-cert-file=/pki/apiserver.crt \\",
    "  $KUBE_API_ARGS",
    "Restart=on-failure",
    "",
].join("\n");

export const ENVIRONMENT = 'KUBE_API_ARGS="--etcd-servers=https://127.0.0.1:2379"\n';

/** What systemd says of the unit, where nothing else is said. */
const STATE: ObservedUnit = {
    name: UNIT,
    loadState: "loaded",
    activeState: "active",
    mainPid: 4321,
    needsReload: false,
    files: [UNIT_FILE],
    environmentFiles: [ENVIRONMENT_FILE],
    version: "Kubernetes v1.34.4",
};

const PROCESS = ["/usr/local/bin/kube-apiserver", "--advertise-address=192.0.2.11", "--secure-port=6444"];

/** A host that nobody has turned audit logging on on. */
export function freshUnitHost(text = UNIT_TEXT, unit: Partial<ObservedUnit> = {}): Observation {
    const host: Observation = {
        machineId: "0123456789abcdef0123456789abcdef",
        files: new Map(),
        processes: [{ pid: 4321, started: APPLIED - 86_000, commandLine: PROCESS }],
        unit: { ...STATE, ...unit },
    };
    return withUnitFile(withUnitFile(host, UNIT_FILE, text), ENVIRONMENT_FILE, ENVIRONMENT);
}

/** The host with a file as an administrator leaves it. */
export function withUnitFile(host: Observation, path: string, text: string): Observation {
    const change: Partial<ObservedFile> = { text, mode: "644", modified: APPLIED, changed: APPLIED };
    return withFile(host, path, change);
}

/** A host as a transaction for the wish leaves it. */
export function appliedUnitHost(wish: Wish = wishOf()): Observation {
    const fresh = freshUnitHost();
    const flags = auditFlags(wish.settings);
    const dropIn = dropInOf(flags);
    const pod = without(appliedHost(wish), MANIFEST);
    const receipt = {
        ...receiptOf(pod),
        mounts: [],
        manifestSha256: sha256(dropIn),
        unit: UNIT,
        address: "192.0.2.11:6444",
        unitDirectory: "made",
    };
    const host: Observation = {
        ...fresh,
        files: new Map([...pod.files, ...fresh.files]),
        processes: [{ pid: 4321, started: STARTED, commandLine: [...PROCESS, ...flags] }],
        unit: { ...fresh.unit!, files: [UNIT_FILE, DROP_IN] },
    };
    return withFile(withUnitFile(host, DROP_IN, dropIn), RECEIPT, { text: `${JSON.stringify(receipt, null, 4)}\n` });
}

/** Our drop-in of the host's unit. */
export function dropInOf(flags: readonly string[], text = UNIT_TEXT): string {
    const files = [{ path: UNIT_FILE, text }];
    return planDropIn(UNIT, files, findUnitCommand(UNIT, files, [ENVIRONMENT]), flags).text;
}
