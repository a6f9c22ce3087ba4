import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { cp, link, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kubernetesPath } from "./binaries";
import { cacheDirectory, cachePath, contentKey, withLock } from "./cache";
import { installPackages } from "./debian";
import { docker, dockerSucceeds } from "./docker";
import { check, onPath, run } from "./process";
import { step, type Progress } from "./progress";
import { KUBERNETES } from "./versions";

/** What a host has of Debian. */
const PACKAGES = [
    "busybox",
    "ca-certificates",
    "conntrack",
    "containerd",
    "containernetworking-plugins",
    "curl",
    "dbus",
    "iproute2",
    "iptables",
    "kmod",
    "less",
    "libpam-systemd",
    "mount",
    "openssh-server",
    "procps",
    "socat",
    "sudo",
    "systemd",
    "systemd-sysv",
    "util-linux",
];

const SOURCE = join(__dirname, "image");

/** How long a registry may take to hand over debian:12. */
const PULL_WITHIN_SECONDS = 180;

/** Makes the hosts' image, unless it is there, and returns its name. */
export async function ensureHostImage(progress: Progress): Promise<string> {
    const base = `kube-apiserver-audit-base:${contentKey([...PACKAGES, read("Dockerfile.base")])}`;
    const image = `kube-apiserver-audit-host:${contentKey([base, KUBERNETES, ...files(SOURCE)])}`;
    if (await exists(image)) {
        return image;
    }
    return withLock("host-image", async () => {
        if (!(await exists(base))) {
            await makeBase(base, progress);
        }
        if (!(await exists(image))) {
            await step(progress, "Making the host image", () => makeHost(base, image));
        }
        return image;
    });
}

async function makeBase(base: string, progress: Progress): Promise<void> {
    if (await step(progress, "Asking a registry for debian:12", canPull)) {
        await step(progress, "Building the base image", () =>
            docker(
                ["build", "--build-arg", `PACKAGES=${PACKAGES.join(" ")}`, "-f", "Dockerfile.base", "-t", base, "."],
                { cwd: SOURCE },
            ),
        );
        return;
    }
    const tar = cachePath(`debian-12-${contentKey(PACKAGES)}.tar`);
    if (!existsSync(tar)) {
        await step(progress, "Out of reach; making Debian 12 with debootstrap", () => debootstrap(tar));
    }
    await step(progress, "Importing Debian 12", () => docker(["import", tar, base]));
}

async function canPull(): Promise<boolean> {
    if (await exists("debian:12")) {
        return true;
    }
    const pull = run("docker", ["pull", "--quiet", "debian:12"], { timeoutSeconds: PULL_WITHIN_SECONDS });
    return pull.then(
        ({ code }) => code === 0,
        () => false,
    );
}

async function debootstrap(tar: string): Promise<void> {
    if (!(await onPath("debootstrap"))) {
        await installPackages(["debootstrap"]);
    }
    const root = await mkdtemp(join(tmpdir(), "debootstrap-"));
    try {
        await check("debootstrap", ["--variant=minbase", `--include=${PACKAGES.join(",")}`, "bookworm", root]);
        await rm(join(root, "var/cache/apt/archives"), { recursive: true });
        await check("tar", ["-C", root, "--numeric-owner", "-cf", `${tar}.making`, "."]);
        await rename(`${tar}.making`, tar);
    } finally {
        await rm(root, { recursive: true, force: true });
    }
}

async function makeHost(base: string, image: string): Promise<void> {
    // In the cache, so that the binaries are linked into the build's directory instead of copied.
    const context = await mkdtemp(join(cacheDirectory("build"), "host-image-"));
    try {
        await cp(SOURCE, context, { recursive: true });
        await mkdir(join(context, "bin"));
        for (const program of ["kubeadm", "kubectl", "kubelet"] as const) {
            await link(kubernetesPath(program), join(context, "bin", program));
        }
        await docker(["build", "--build-arg", `BASE=${base}`, "-t", image, context]);
    } finally {
        await rm(context, { recursive: true, force: true });
    }
}

function exists(image: string): Promise<boolean> {
    return dockerSucceeds(["image", "inspect", image]);
}

function read(name: string): string {
    return readFileSync(join(SOURCE, name), "utf8");
}

/** The path and content of every file below a directory, in a fixed order. */
function files(directory: string): string[] {
    return readdirSync(directory, { recursive: true, encoding: "utf8" })
        .sort()
        .map((name) => join(directory, name))
        .filter((path) => statSync(path).isFile())
        .flatMap((path) => [path.slice(directory.length), readFileSync(path, "utf8")]);
}
