import { manifestSettings, type ManifestSettings } from "../../host/kubeadmManifest";
import { Choices } from "./choices";
import { YamlWriter } from "./yamlWriter";

/** A manifest made up, with what a patch must make of it. */
export interface GeneratedManifest {
    readonly text: string;
    readonly settings: ManifestSettings;
    /** What the text parses to. */
    readonly original: unknown;
    /** What the patched text must parse to. */
    readonly expected: unknown;
}

/** A flag of the manifest, in one word or two, and whether it is there after the patch. */
interface FlagWords {
    readonly words: readonly string[];
    readonly stays: boolean;
}

/** A mount of the manifest: one that stays, one that serves one of our paths, or one that is in the way of it. */
interface MadeMount {
    readonly mount: Record<string, unknown>;
    readonly volume?: Record<string, unknown>;
    readonly servesPath?: string;
    readonly stays: boolean;
}

const FILLER_FLAGS: readonly (readonly string[])[] = [
    ["--advertise-address=10.0.0.1"],
    ["--allow-privileged=true"],
    ["--anonymous-auth"],
    ["--v", "2"],
    ["--service-account-issuer=https://kubernetes.default.svc.cluster.local"],
    ["--service-account-issuer", 'it\'s: a "test" # no comment'],
    ["--audit-webhook-config-file=/etc/kubernetes/webhook.yaml"],
    ["--oidc-issuer-url=https://x/#y"],
    ["--feature-gates=A=true,B=false"],
    ["--tls-cipher-suites=TLS_AES_128_GCM_SHA256,TLS_AES_256_GCM_SHA384"],
    ["--profiling"],
    ["--authorization-mode=Node,RBAC"],
];

const FOREIGN_FLAGS: readonly (readonly string[])[] = [
    ["--audit-log-path=/elsewhere/audit.log"],
    ["--audit-policy-file", "/etc/kubernetes/policy.yaml"],
    ["--audit-log-compress"],
    ["--audit_log_maxage=3"],
    ["--audit-log-maxbackup", "5"],
    ["--audit-log-format=legacy"],
    ["--audit-log-maxsize", "100"],
    ["--audit-log-truncate-enabled"],
];

/** Makes up a manifest and settings from decisions. */
export function generateManifest(tape: Uint8Array): GeneratedManifest {
    const choices = new Choices(tape);
    const settings = generateSettings(tape.slice(-20));
    const groups = generateFlags(choices, settings);
    const mounts = generateMounts(choices, settings);
    const style = new Choices(tape.slice(200));
    const words = groups.flatMap((group) => group.words.map((word) => ({ word, stays: group.stays })));
    const split = choices.pick([words.length, 1, choices.below(words.length) + 1]);
    const added = addedLists(settings, groups, mounts);
    const lists = (patched: boolean) => {
        const kept = (from: number, to?: number) =>
            words
                .slice(from, to)
                .filter(({ stays }) => stays || !patched)
                .map(({ word }) => word);
        const inArgs = split < words.length;
        const extra = patched ? added : NOTHING_ADDED;
        return {
            command: [...kept(0, split), ...(inArgs ? [] : extra.flags)],
            args: inArgs ? [...kept(split), ...extra.flags] : [],
            volumeMounts: [
                ...mounts.filter(({ stays }) => stays || !patched).map(({ mount }) => mount),
                ...extra.mounts,
            ],
            volumes: [...mounts.flatMap(({ volume }) => (volume ? [volume] : [])), ...extra.volumes],
        };
    };
    const pod = podBuilder(choices);
    const emptiness = [style.below(3), style.below(3), style.below(3)] as const;
    const [before, after] = [lists(false), lists(true)];
    const original = pod(before, before, emptiness);
    const writer = new YamlWriter(style);
    const lines = writer.mapping(original, "", ["spec", "containers"]);
    const text = style.pick(["", "---\n", "# kubeadm\n"]) + lines.join("\n") + style.pick(["\n", "\n", "", "\n\n"]);
    return {
        text: style.seldom(4) ? text.replaceAll("\n", "\r\n") : text,
        settings,
        original,
        expected: pod(after, before, emptiness),
    };
}

/** Makes up settings from decisions. */
export function generateSettings(tape: Uint8Array): ManifestSettings {
    const choices = new Choices(tape);
    return manifestSettings({
        policyFile: `/etc/kubernetes/audit/policy-${choices.pick(["0123456789ab", "deadbeef0000"])}.yaml`,
        log: {
            path: choices.pick([undefined, "/data/k8s audit/audit.log", "/var/log/kubernetes/audit/a.log", "-"]),
            maxSize: choices.pick([undefined, 7]),
            format: choices.pick([undefined, "legacy"]),
            compress: choices.pick([undefined, true]),
            batch: choices.pick([undefined, { maxWait: "5s" }]),
        },
    });
}

function generateFlags(choices: Choices, settings: ManifestSettings): FlagWords[] {
    const binary = choices.pick([
        ["kube-apiserver"],
        ["/usr/local/bin/kube-apiserver"],
        [
            "/go-runner",
            "--log-file=/var/log/kube-apiserver.log",
            "--also-stdout=false",
            "/usr/local/bin/kube-apiserver",
        ],
    ]);
    const flags = choices.some(7, (): FlagWords => {
        switch (choices.below(4)) {
            case 0:
            case 1:
                return { words: choices.pick(FILLER_FLAGS), stays: true };
            case 2:
                return { words: [choices.pick(settings.flags)], stays: true };
            default: {
                const words = choices.seldom(3) ? twoWords(choices.pick(settings.flags)) : choices.pick(FOREIGN_FLAGS);
                return { words, stays: words.length === 1 && settings.flags.includes(words[0]!) };
            }
        }
    });
    return [{ words: binary, stays: true }, ...flags];
}

/** A switch does not take a second word, so it stays one. */
function twoWords(flag: string): string[] {
    const equals = flag.indexOf("=");
    return flag.startsWith("--audit-log-compress")
        ? ["--audit-log-compress"]
        : [flag.slice(0, equals), flag.slice(equals + 1)];
}

function generateMounts(choices: Choices, settings: ManifestSettings): MadeMount[] {
    const [policy, log] = settings.mounts;
    const wanted = choices.pick([policy!, log ?? policy!]);
    let volumes = 0;
    return choices.some(4, (): MadeMount => {
        const name = `v${volumes++}`;
        const mount = (mountPath: string, more: object = {}) => ({ name, mountPath, ...more });
        const volume = (path: string, type?: string) => ({
            name,
            hostPath: type === undefined ? { path } : { path, type },
        });
        switch (choices.below(8)) {
            case 0:
            case 1:
                return {
                    mount: mount(`/etc/ssl/${name}`, { readOnly: true }),
                    volume: volume("/etc/ssl"),
                    stays: true,
                };
            case 2:
                return {
                    mount: mount(wanted.path + choices.pick(["", "/"])),
                    volume: volume(choices.pick(["", "/"]) + wanted.path, choices.pick([undefined, "Directory"])),
                    servesPath: wanted.path,
                    stays: true,
                };
            case 3:
                return { mount: mount(`${wanted.path}/`), volume: volume("/elsewhere"), stays: false };
            case 4:
                return { mount: mount(wanted.path, { subPath: "a" }), volume: volume(wanted.path), stays: false };
            case 5:
                return log?.plainFiles
                    ? {
                          mount: mount(log.plainFiles[0]!),
                          volume: volume(log.plainFiles[0]!, "FileOrCreate"),
                          stays: false,
                      }
                    : { mount: mount("/run/x"), volume: { name, emptyDir: { sizeLimit: "1Gi" } }, stays: true };
            case 6:
                return { mount: { name: wanted.name, mountPath: `/mnt/${name}` }, stays: true };
            default:
                return {
                    mount: mount(wanted.path, { readOnly: true }),
                    volume: volume(wanted.path, "File"),
                    stays: false,
                };
        }
    });
}

interface Added {
    readonly flags: readonly string[];
    readonly mounts: readonly object[];
    readonly volumes: readonly object[];
}

const NOTHING_ADDED: Added = { flags: [], mounts: [], volumes: [] };

function addedLists(settings: ManifestSettings, groups: readonly FlagWords[], mounts: readonly MadeMount[]): Added {
    const kept = groups.filter(({ stays }) => stays).flatMap(({ words }) => (words.length === 1 ? words : []));
    const missing = settings.mounts
        .filter(({ path }) => !mounts.some(({ servesPath }) => servesPath === path))
        .map((mount) => ({
            ...mount,
            name: mounts.some((theirs) => theirs.mount.name === mount.name) ? `${mount.name}-2` : mount.name,
        }));
    return {
        flags: settings.flags.filter((flag) => !kept.includes(flag)),
        mounts: missing.map(({ name, path, readOnly }) => ({ mountPath: path, name, ...(readOnly && { readOnly }) })),
        volumes: missing.map(({ name, path, type }) => ({ name, hostPath: { path, type } })),
    };
}

interface Lists {
    readonly command: readonly string[];
    readonly args: readonly string[];
    readonly volumeMounts: readonly object[];
    readonly volumes: readonly object[];
}

/** How a list is written that was empty before the patch: not at all, as null, or as an empty list. */
type Emptiness = readonly [number, number, number];

/** Decides all the rest of a pod; what it gives puts the lists into it. */
function podBuilder(choices: Choices) {
    const sidecar = choices.seldom(3)
        ? { name: "sidecar", image: "x", command: ["/bin/x", "--audit-log-path=/x"] }
        : undefined;
    const sidecarFirst = choices.seldom(2);
    const env = choices.pick([
        undefined,
        [{ name: "HTTPS_PROXY", value: "http://user:secret@proxy:3128" }],
        [{ name: "TEXT", value: "# not a comment\n- --audit-log-path=/x\n" }],
        [
            { name: "KEEP", value: "a\n\n\n" },
            { name: "STRIP", value: "a\nb" },
        ],
    ]);
    const containerOrder = choices.shuffled(["image", "env", "command", "args", "name", "volumeMounts", "resources"]);
    const specOrder = choices.shuffled(["containers", "hostNetwork", "priority", "volumes"]);
    const podOrder = choices.shuffled(["apiVersion", "kind", "metadata", "spec"]);
    return (lists: Lists, before: Lists, [args, volumeMounts, volumes]: Emptiness): Record<string, unknown> => {
        const optional = (list: readonly unknown[], was: readonly unknown[], emptiness: number) =>
            list.length > 0 ? list : was.length > 0 ? null : [undefined, null, []][emptiness];
        const container = ordered(containerOrder, {
            image: "registry.k8s.io/kube-apiserver:v1.34.4",
            env,
            command: lists.command,
            args: optional(lists.args, before.args, args),
            name: "kube-apiserver",
            volumeMounts: optional(lists.volumeMounts, before.volumeMounts, volumeMounts),
            resources: { requests: { cpu: "250m" } },
        });
        const containers = sidecar ? (sidecarFirst ? [sidecar, container] : [container, sidecar]) : [container];
        const spec = ordered(specOrder, {
            containers,
            hostNetwork: true,
            priority: 2000001000,
            volumes: optional(lists.volumes, before.volumes, volumes),
        });
        return ordered(podOrder, {
            apiVersion: "v1",
            kind: "Pod",
            metadata: { name: "kube-apiserver", labels: { component: "kube-apiserver" } },
            spec,
        });
    };
}

/** A block of text comes before what it would otherwise end, as its last line end is part of it. */
function ordered(keys: readonly string[], fields: Record<string, unknown>): Record<string, unknown> {
    const order = keys.at(-1) === "env" ? ["env", ...keys.slice(0, -1)] : keys;
    return Object.fromEntries(
        order.map((key) => [key, fields[key]] as const).filter(([, value]) => value !== undefined),
    );
}
