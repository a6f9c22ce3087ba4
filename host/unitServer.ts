import { X509Certificate } from "node:crypto";
import { posix } from "node:path";
import type { ApiServer, FileChange } from "./apiServer";
import { flagValue } from "./apiServerManifest";
import { DROP_IN_NAME, dropInPath, ownedFlags, planDropIn, renderDropIn, withoutComments, type DropIn } from "./dropIn";
import { auditFlags } from "./flags";
import { HostError, refusingHost } from "./hostError";
import type { Observation, ObservedUnit } from "./observation";
import type { KubeletClient } from "./proof";
import { findUnitCommand, type UnitCommand } from "./unitCommand";
import { findUnitDrift } from "./unitDrift";
import { parseUnitFiles, type UnitFile } from "./unitFile";

/** What is known of a unit that runs kube-apiserver. */
export interface UnitFacts {
    readonly unit: ObservedUnit;
    /** Its files, without our drop-in. */
    readonly files: readonly UnitFile[];
    readonly command: UnitCommand;
    /** Our drop-in's text, where there is one. */
    readonly dropIn: string | undefined;
    /** What it would be with some flags. */
    planned(flags: readonly string[]): DropIn;
}

/**
 * The API server that systemd starts.
 *
 * @throws HostError where it cannot be worked on
 */
export function unitServer(observation: Observation, unit: ObservedUnit): ApiServer {
    const facts = unitFacts(observation, unit);
    const flags = facts.command.flags.map(({ text }) => text);
    const path = dropInPath(unit.name);
    const certificate = flagValue(flags, "--kubelet-client-certificate") ?? "";
    const bind = flagValue(flags, "--bind-address") ?? "0.0.0.0";
    return {
        file: path,
        text: facts.dropIn ?? "",
        isMarked: facts.dropIn !== undefined,
        kubernetes: versionOf(unit),
        address: flagValue(flags, "--advertise-address") ?? (["0.0.0.0", "::"].includes(bind) ? "127.0.0.1" : bind),
        securePort: Number(flagValue(flags, "--secure-port") ?? 6443),
        theirFlags: ownedFlags(facts.command),
        kubeletClient: certificateUser(observation.files.get(certificate)?.text),
        changeWords: "its command line changes",
        drifts: (receipt) => findUnitDrift(observation, receipt, facts),
        remains: (settings) =>
            withoutComments(facts.planned(auditFlags(settings)).text) === withoutComments(facts.dropIn ?? ""),
        plan: (settings): FileChange => {
            const dropIn = facts.planned(auditFlags(settings));
            return {
                settings: [["unit", unit.name], ...clientSettings(flags)],
                mounts: [],
                edit: renderDropIn(dropIn.operations),
                strippedSha256: dropIn.baseSha256,
                patchedSha256: dropIn.sha256,
                showable: dropIn.operations.every(
                    (operation) => operation.kind !== "write" || operation.copies === undefined,
                ),
            };
        },
    };
}

function unitFacts(observation: Observation, unit: ObservedUnit): UnitFacts {
    if (unit.loadState !== "loaded") {
        throw new HostError(
            `${unit.name} cannot be started: systemd says that it is ${unit.loadState}. ` +
                `Mend it (systemctl status ${unit.name}), then run the update again.`,
        );
    }
    const ours = dropInPath(unit.name);
    const own = observation.files.get(ours);
    if (own !== undefined && own.text === undefined) {
        throw new HostError(`${ours} is no regular file. Move it away, then run the update again.`);
    }
    const files = unit.files.filter((path) => path !== ours).map((path) => ({ path, text: textOf(observation, path) }));
    checkOrder(unit, files);
    const environmentFiles = unit.environmentFiles.map((path) => textOf(observation, path));
    const command = refusingHost(ours, () => findUnitCommand(unit.name, files, environmentFiles));
    return {
        unit,
        files,
        command,
        dropIn: own?.text,
        planned: (flags) => refusingHost(ours, () => planDropIn(unit.name, files, command, flags)),
    };
}

function textOf(observation: Observation, path: string): string {
    const text = observation.files.get(path)?.text;
    if (text === undefined) {
        throw new HostError(
            `${path}, which systemd has read, is not there any more. Put it back, or run systemctl daemon-reload on the host.`,
        );
    }
    if (text.includes("\ufffd")) {
        throw new HostError(`${path} is not in UTF-8, so it cannot be compared. Write it in UTF-8.`);
    }
    return text;
}

/** Drop-ins are read in the order of their names, and the last one that gives a command line wins. */
function checkOrder(unit: ObservedUnit, files: readonly UnitFile[]): void {
    const [fragment, ...dropIns] = files;
    const later = dropIns.find(
        (file) =>
            file !== fragment &&
            posix.basename(file.path) > DROP_IN_NAME &&
            parseUnitFiles([file]).some(({ section, key }) => section === "Service" && key === "ExecStart"),
    );
    if (later !== undefined) {
        throw new HostError(
            `${later.path} gives ${unit.name} a command line, and is read after ${DROP_IN_NAME}, whose flags it would ` +
                `undo. Give it a name that sorts before ${DROP_IN_NAME}, then run systemctl daemon-reload.`,
        );
    }
}

function versionOf(unit: ObservedUnit): ApiServer["kubernetes"] {
    const minor = /^Kubernetes v1\.(\d+)/.exec(unit.version ?? "")?.[1];
    return minor === undefined ? undefined : Number(minor);
}

/** What curl needs to ask this API server, where kubeadm has not put it where it always is. */
function clientSettings(flags: readonly string[]): [string, string][] {
    return [
        ["ca", flagValue(flags, "--client-ca-file")],
        ["ca", flagValue(flags, "--tls-cert-file")],
        ["client-certificate", flagValue(flags, "--kubelet-client-certificate")],
        ["client-key", flagValue(flags, "--kubelet-client-key")],
    ].filter((line): line is [string, string] => line[1] !== undefined);
}

/** Whom the certificate belongs to with which the API server, and the runner, ask: a user and its groups. */
export function certificateUser(text: string | undefined): KubeletClient {
    try {
        const subject = new X509Certificate(text ?? "").subject.split("\n");
        const [user] = after("CN=", subject);
        return user === undefined ? "unknown" : { user, groups: [...after("O=", subject), "system:authenticated"] };
    } catch {
        return "unknown";
    }
}

function after(name: string, lines: readonly string[]): string[] {
    return lines.filter((line) => line.startsWith(name)).map((line) => line.slice(name.length));
}
