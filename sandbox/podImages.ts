import { createHash } from "node:crypto";
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { copyFile, link, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { ensureKubernetesProgram, etcdPath, kubernetesPath } from "./binaries";
import { cacheDirectory, cachePath, contentKey, withLock } from "./cache";
import { goBuildFile } from "./goBuild";
import { check } from "./process";
import { step, type Progress } from "./progress";
import { ETCD, ETCD_IMAGE_TAG, KUBERNETES, PAUSE_IMAGE_TAG } from "./versions";

/** An image that holds static binaries and nothing else, as an archive that `ctr images import` takes. */
export interface PodImage {
    /** The archive's file name in {@link podImagesDirectory}. */
    readonly archive: string;
    /** The name under which kubeadm, containerd and the manifests ask for it. */
    readonly reference: string;
}

interface Recipe extends PodImage {
    readonly entrypoint: string;
    /** Paths inside the image and the files they are made from. */
    readonly files: () => Promise<Readonly<Record<string, string>>>;
}

/** What Kubernetes itself has of a control plane. */
const COMPONENTS = ["kube-apiserver", "kube-controller-manager", "kube-scheduler"] as const;

/** Where the archives lie, to be mounted into every host. */
export function podImagesDirectory(): string {
    return cacheDirectory("pod-images");
}

/** Makes what a control plane runs, unless it is there. */
export function ensurePodImages(progress: Progress): Promise<PodImage[]> {
    return ensureAll([...COMPONENTS.map((name) => component(name)), etcd, pause], progress);
}

/** The API server as it should be. */
export const genuineApiServer: PodImage = component("kube-apiserver");

/** Makes the API server that fails when it is told to, under the genuine one's name. */
export async function ensureFaultableApiServer(progress: Progress): Promise<PodImage> {
    const [image] = await ensureAll([faultable()], progress);
    return image!;
}

/** Makes the Kubernetes part of a control plane of another version, unless it is there. */
export function ensureControlPlaneImages(version: string, progress: Progress): Promise<PodImage[]> {
    return ensureAll(
        COMPONENTS.map((name) => ({
            ...component(name, version),
            files: async () => ({ [`/usr/local/bin/${name}`]: await ensureKubernetesProgram(name, version, progress) }),
        })),
        progress,
    );
}

function component(name: (typeof COMPONENTS)[number], version = KUBERNETES): Recipe {
    return {
        archive: `${name}-${version}.tar`,
        reference: `registry.k8s.io/${name}:${version}`,
        entrypoint: `/usr/local/bin/${name}`,
        files: () => Promise.resolve({ [`/usr/local/bin/${name}`]: kubernetesPath(name) }),
    };
}

const etcd: Recipe = {
    archive: `etcd-${ETCD}.tar`,
    reference: `registry.k8s.io/etcd:${ETCD_IMAGE_TAG}`,
    entrypoint: "/usr/local/bin/etcd",
    files: () =>
        Promise.resolve({ "/usr/local/bin/etcd": etcdPath("etcd"), "/usr/local/bin/etcdctl": etcdPath("etcdctl") }),
};

const pause: Recipe = {
    archive: `pause-${PAUSE_IMAGE_TAG}.tar`,
    reference: `registry.k8s.io/pause:${PAUSE_IMAGE_TAG}`,
    entrypoint: "/pause",
    files: async () => ({ "/pause": await ensureLocal("pause") }),
};

function faultable(): Recipe {
    return {
        archive: `kube-apiserver-faultable-${KUBERNETES}-${contentKey([readFileSync(sourceOf("faultable"))])}.tar`,
        reference: genuineApiServer.reference,
        entrypoint: "/usr/local/bin/kube-apiserver",
        files: async () => ({
            "/usr/local/bin/kube-apiserver": await ensureLocal("faultable"),
            "/genuine/kube-apiserver": kubernetesPath("kube-apiserver"),
        }),
    };
}

function sourceOf(name: "pause" | "faultable"): string {
    return join(__dirname, "go", name, "main.go");
}

/** Builds one of the sandbox's own small programs, unless it is there, and returns its path. */
export async function ensureLocal(name: "pause" | "faultable"): Promise<string> {
    const source = sourceOf(name);
    const target = cachePath("local", `${name}-${contentKey([await readFile(source)])}`);
    if (!existsSync(target)) {
        await goBuildFile(source, target);
    }
    return target;
}

function ensureAll(recipes: readonly Recipe[], progress: Progress): Promise<PodImage[]> {
    const missing = recipes.filter(({ archive }) => !existsSync(join(podImagesDirectory(), archive)));
    if (missing.length === 0) {
        return Promise.resolve([...recipes]);
    }
    return withLock("pod-images", () =>
        step(progress, `Making ${missing.length} pod images`, async () => {
            for (const recipe of missing) {
                await make(recipe);
            }
            return [...recipes];
        }),
    );
}

/** Writes a docker-archive with a single layer, the same for the same files. */
async function make(recipe: Recipe): Promise<void> {
    const scratch = await mkdtemp(join(podImagesDirectory(), ".making-"));
    try {
        const layer = join(scratch, "layer.tar");
        await layerOf(await recipe.files(), join(scratch, "root"), layer);
        const config = {
            architecture: process.arch === "arm64" ? "arm64" : "amd64",
            os: "linux",
            config: {
                Entrypoint: [recipe.entrypoint],
                Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
            },
            rootfs: { type: "layers", diff_ids: [`sha256:${await sha256(layer)}`] },
        };
        const manifest = [{ Config: "config.json", RepoTags: [recipe.reference], Layers: ["layer.tar"] }];
        await writeFile(join(scratch, "config.json"), JSON.stringify(config));
        await writeFile(join(scratch, "manifest.json"), JSON.stringify(manifest));
        const archive = join(scratch, "archive.tar");
        await check("tar", ["-C", scratch, "-cf", archive, "manifest.json", "config.json", "layer.tar"]);
        await rename(archive, join(podImagesDirectory(), recipe.archive));
    } finally {
        await rm(scratch, { recursive: true, force: true });
    }
}

async function layerOf(files: Readonly<Record<string, string>>, root: string, layer: string): Promise<void> {
    for (const [path, source] of Object.entries(files)) {
        const target = join(root, path);
        await mkdir(dirname(target), { recursive: true });
        await link(source, target).catch(() => copyFile(source, target));
    }
    const same = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--hard-dereference"];
    await check("tar", ["-C", root, ...same, "-cf", layer, "."]);
}

async function sha256(path: string): Promise<string> {
    const hash = createHash("sha256");
    await pipeline(createReadStream(path), hash);
    return hash.digest("hex");
}
