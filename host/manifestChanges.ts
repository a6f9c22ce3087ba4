import { asFields, plainPath, type ApiServerContainer, type Fields, type MountFact } from "./apiServerContainer";
import { isOwnedFlag } from "./flags";

/** What a manifest is to have. */
export interface ManifestSettings {
    /** Each as `--name=value`. */
    readonly flags: readonly string[];
    readonly mounts: readonly ManifestMount[];
}

/** A directory of the host that the container is to see under the same path. */
export interface ManifestMount {
    /** The volume's name; another one is made from it where it is taken. */
    readonly name: string;
    /** Absolute and normalised. */
    readonly path: string;
    readonly readOnly: boolean;
    readonly type: "Directory" | "DirectoryOrCreate";
    /** Files in it that must not be mounts of their own: what is mounted cannot be renamed, so a log could not rotate. */
    readonly plainFiles?: readonly string[];
}

/** A list of the manifest that the settings touch: the first three are the container's, `volumes` is the pod's. */
export type ListName = "command" | "args" | "volumeMounts" | "volumes";

/** What happens to one list. */
export interface ListChange {
    readonly list: ListName;
    /** The items that go, by index. */
    readonly displaced: readonly number[];
    /** What is appended, as parsed values. */
    readonly added: readonly unknown[];
}

/** Decides what has to change for a container to have the settings; a list that stays as it is, is not named. */
export function manifestChanges(container: ApiServerContainer, settings: ManifestSettings): ListChange[] {
    const mounts = settings.mounts.map((mount) => mountChange(container, mount));
    const added = mounts.filter(({ volume }) => volume !== undefined);
    const changes: ListChange[] = [
        ...flagChanges(container, settings.flags),
        {
            list: "volumeMounts",
            displaced: [...new Set(mounts.flatMap(({ displaced }) => displaced))].sort((a, b) => a - b),
            added: added.map(({ mount }) => mount),
        },
        { list: "volumes", displaced: [], added: added.map(({ volume }) => volume) },
    ];
    return changes.filter(({ displaced, added }) => displaced.length + added.length > 0);
}

/** Makes the changes to a parsed pod: what the edited text must parse to. */
export function applyChanges(pod: Fields, containerIndex: number, changes: readonly ListChange[]): Fields {
    const changed = (owner: Fields, lists: readonly ListName[]): Fields => ({
        ...owner,
        ...Object.fromEntries(
            changes
                .filter(({ list }) => lists.includes(list))
                .map((change) => [change.list, changedList(owner, change)]),
        ),
    });
    const spec = asFields(pod.spec);
    const containers = (spec.containers as Fields[]).map((container, index) =>
        index === containerIndex ? changed(container, ["command", "args", "volumeMounts"]) : container,
    );
    return { ...pod, spec: { ...changed(spec, ["volumes"]), containers } };
}

function changedList(owner: Fields, { list, displaced, added }: ListChange): unknown[] | null {
    const kept = ((owner[list] ?? []) as unknown[]).filter((_, index) => !displaced.includes(index));
    const items = [...kept, ...added];
    return items.length > 0 ? items : null;
}

/** Other values of our flags go; those that are not there in our very words are added behind the last word. */
function flagChanges({ words, flags }: ApiServerContainer, wanted: readonly string[]): ListChange[] {
    const text = (list: string, index: number) =>
        words.find((word) => word.list === list && word.index === index)?.text;
    const satisfied = (flag: (typeof flags)[number]) =>
        flag.places.length === 1 && wanted.includes(text(flag.places[0]!.list, flag.places[0]!.index)!);
    const displaced = flags
        .filter((flag) => isOwnedFlag(flag.name) && !satisfied(flag))
        .flatMap(({ places }) => places);
    const present = new Set(flags.filter(satisfied).map((flag) => flag.text));
    const missing = wanted.filter((flag) => !present.has(flag));
    const target = words.at(-1)!.list;
    return (["command", "args"] as const).map((list) => ({
        list,
        displaced: displaced.filter((place) => place.list === list).map(({ index }) => index),
        added: list === target ? missing : [],
    }));
}

interface MountChange {
    displaced: number[];
    /** Undefined where a mount of theirs serves. */
    mount?: unknown;
    volume?: unknown;
}

function mountChange({ mounts, volumeNames }: ApiServerContainer, wanted: ManifestMount): MountChange {
    const paths = [wanted.path, ...(wanted.plainFiles ?? [])];
    const same = [...mounts.keys()].filter((index) => paths.includes(plainPath(mounts[index]!.mountPath)));
    const serving = same.filter((index) => serves(mounts[index]!, wanted));
    const displaced = same.filter((index) => !serving.includes(index));
    if (serving.length > 0) {
        return { displaced };
    }
    const name = freeName(wanted.name, volumeNames);
    const { path, type, readOnly } = wanted;
    return {
        displaced,
        mount: readOnly ? { mountPath: path, name, readOnly } : { mountPath: path, name },
        volume: { hostPath: { path, type }, name },
    };
}

/** Whether a mount of theirs does already what is asked for. */
function serves(mount: MountFact, wanted: ManifestMount): boolean {
    return (
        plainPath(mount.mountPath) === wanted.path &&
        mount.hostPath !== undefined &&
        plainPath(mount.hostPath) === wanted.path &&
        ["", "Directory", "DirectoryOrCreate"].includes(mount.hostPathType ?? "") &&
        !mount.partial &&
        (wanted.readOnly || !mount.readOnly)
    );
}

function freeName(name: string, taken: ReadonlySet<string>): string {
    let free = name;
    for (let i = 2; taken.has(free); i++) {
        free = `${name}-${i}`;
    }
    return free;
}
