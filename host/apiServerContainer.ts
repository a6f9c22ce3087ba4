import { posix } from "node:path";
import { binaryPosition, isShellStart, readFlags, type Flag, type Word } from "./commandLine";
import { ManifestError } from "./manifestSource";

/** A mapping of a manifest, parsed. */
export type Fields = Readonly<Record<string, unknown>>;

/** A mount of the kube-apiserver container, together with its volume. */
export interface MountFact {
    readonly name: string;
    readonly mountPath: string;
    readonly readOnly: boolean;
    /** Whether only a part of the volume is mounted. */
    readonly partial: boolean;
    /** The directory or file on the host; undefined where the volume is of another kind or missing. */
    readonly hostPath: string | undefined;
    /** The hostPath's type, such as `DirectoryOrCreate`; undefined or empty is unchecked. */
    readonly hostPathType: string | undefined;
}

/** The container that runs kube-apiserver, parsed. */
export interface ApiServerContainer {
    /** Among the pod's containers. */
    readonly index: number;
    readonly fields: Fields;
    /** Command and args, one after the other. */
    readonly words: readonly Word[];
    readonly flags: readonly Flag[];
    /** In the order of its volumeMounts. */
    readonly mounts: readonly MountFact[];
    /** Every name that a volume has or that a mount of any container asks for. */
    readonly volumeNames: ReadonlySet<string>;
}

/**
 * Finds the container that runs kube-apiserver.
 *
 * @param pod - a parsed manifest
 * @throws ManifestError when the value is no pod, or when not exactly one container will do
 */
export function findApiServer(pod: Fields): ApiServerContainer {
    if (pod.kind !== "Pod" || pod.apiVersion !== "v1") {
        throw new ManifestError(
            `The manifest is of kind ${show(pod.kind)} and apiVersion ${show(pod.apiVersion)}; a static pod is a Pod of v1. Put a pod into the file.`,
        );
    }
    const spec = asFields(pod.spec);
    const containers = asList(spec.containers, "spec.containers").map(asFields);
    const words = containers.map((container, index) => wordsOf(container, `spec.containers[${index}]`));
    const index = choose(containers, words);
    const path = `spec.containers[${index}]`;
    const volumes = asList(spec.volumes, "spec.volumes").map(asFields);
    const mounts = containers.map(({ volumeMounts }, i) =>
        asList(volumeMounts, `spec.containers[${i}].volumeMounts`).map(asFields),
    );
    return {
        index,
        fields: containers[index]!,
        words: words[index]!,
        flags: flagsOf(words[index]!, path),
        mounts: mounts[index]!.map((mount) => mountFact(mount, volumes)),
        volumeNames: new Set([...volumes, ...mounts.flat()].map(({ name }) => asString(name) ?? "")),
    };
}

/** Whether a container of a parsed manifest, of any shape, runs kube-apiserver, be it through a shell. */
export function runsApiServer(container: Fields): boolean {
    const words = [container.command, container.args]
        .flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : []))
        .map((word) => asString(word) ?? "");
    return binaryPosition(words) !== undefined || words.some(isShellStart);
}

function choose(containers: readonly Fields[], words: readonly (readonly Word[])[]): number {
    const indices = containers.map((_, index) => index);
    const running = indices.filter((index) => runsApiServer(containers[index]!));
    const named = indices.filter((index) => containers[index]!.name === "kube-apiserver");
    const both = running.filter((index) => named.includes(index));
    // An image can bring the binary's name itself: then all words are flags.
    const flagsOnly = named.filter((index) => words[index]![0]?.text.startsWith("-"));
    const candidates = [both, running, flagsOnly].find((list) => list.length > 0) ?? [];
    if (candidates.length !== 1) {
        const found = candidates.length > 1 ? `${candidates.length} containers run` : "no container runs";
        throw new ManifestError(
            `In the manifest, ${found} kube-apiserver. Edit the manifest in which one container does.`,
        );
    }
    return candidates[0]!;
}

function wordsOf(container: Fields, path: string): Word[] {
    return (["command", "args"] as const).flatMap((list) =>
        asList(container[list], `${path}.${list}`).map((item, index) => {
            if (typeof item !== "string") {
                throw new ManifestError(
                    `${path}.${list}[${index}] in the manifest is ${kindOf(item)}, not text. Put it in quotes.`,
                );
            }
            return { list, index, text: item };
        }),
    );
}

function flagsOf(words: readonly Word[], path: string): Flag[] {
    const binary = binaryPosition(words.map(({ text }) => text));
    if (binary === undefined && words.some(({ text }) => isShellStart(text))) {
        throw new ManifestError(
            `${path} in the manifest starts kube-apiserver through a shell, so its flags are part of a script. Write the command as a list of flags.`,
        );
    }
    const rest = words.slice(binary === undefined ? 0 : binary + 1);
    const flags = readFlags(rest);
    if (flags.some(({ text }) => text === "--")) {
        throw new ManifestError(`${path} in the manifest has the word --, after which no flag is read. Remove it.`);
    }
    return flags;
}

function mountFact(mount: Fields, volumes: readonly Fields[]): MountFact {
    const volume = volumes.find(({ name }) => name === mount.name) ?? {};
    const hostPath = asFields(volume.hostPath);
    return {
        name: asString(mount.name) ?? "",
        mountPath: asString(mount.mountPath) ?? "",
        readOnly: mount.readOnly === true,
        partial: Boolean(mount.subPath) || Boolean(mount.subPathExpr),
        hostPath: asString(hostPath.path),
        hostPathType: asString(hostPath.type),
    };
}

/** The mount that shows a directory of the host under the same path; undefined where none does. */
export function mountOf(directory: string, mounts: readonly MountFact[]): MountFact | undefined {
    return mounts.find(
        ({ mountPath, hostPath, partial }) =>
            plainPath(mountPath) === directory && plainPath(hostPath ?? "") === directory && !partial,
    );
}

/** `/var/log/audit/` and `/var/log//audit` are the same place as `/var/log/audit`. */
export function plainPath(path: string): string {
    return posix.normalize(path).replace(/(?<=.)\/$/, "");
}

/** A value's fields; none for what is no mapping. */
export function asFields(value: unknown): Fields {
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function asList(value: unknown, path: string): readonly unknown[] {
    if (value !== undefined && value !== null && !Array.isArray(value)) {
        throw new ManifestError(`${path} in the manifest is ${kindOf(value)}, not a list. Write it as a list.`);
    }
    return (value as unknown[] | null | undefined) ?? [];
}

function asString(value: unknown): string | undefined {
    return typeof value === "string" ? value : undefined;
}

/** Names a value's kind, never the value: it can be a secret. */
function kindOf(value: unknown): string {
    if (value === null) {
        return "empty";
    }
    return Array.isArray(value) ? "a list" : typeof value === "object" ? "a mapping" : `a ${typeof value}`;
}

function show(value: unknown): string {
    return typeof value === "string" ? JSON.stringify(value) : kindOf(value ?? null);
}
