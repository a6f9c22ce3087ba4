import { existsSync } from "node:fs";
import { cacheDirectory, cachePath, withLock } from "./cache";
import { goBuild, type GoModules } from "./goBuild";
import { step, type Progress } from "./progress";
import { download, type Release } from "./release";
import { ETCD, KUBERNETES, PULUMI } from "./versions";

const architecture = process.arch === "arm64" ? "arm64" : "amd64";

/** A program, where it is published and how it is built where that cannot be reached. */
interface Program {
    readonly name: string;
    readonly version: string;
    readonly release: Release;
    /** Where the release is an archive, its members land beside each other. */
    readonly modules: GoModules;
    readonly package: string;
}

export const KUBERNETES_PROGRAMS = [
    "kubeadm",
    "kubectl",
    "kubelet",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
] as const;

/** Makes the Kubernetes programs and etcd available. */
export async function ensureKubernetes(progress: Progress): Promise<void> {
    for (const name of KUBERNETES_PROGRAMS) {
        await ensure(kubernetes(name, KUBERNETES), progress);
    }
    await ensure(etcd("etcd"), progress);
    await ensure(etcd("etcdctl"), progress);
}

/** Makes the Pulumi CLI available and returns its path. */
export function ensurePulumi(progress: Progress): Promise<string> {
    return ensure(pulumi, progress);
}

/** Makes one Kubernetes program of any version available and returns its path. */
export function ensureKubernetesProgram(name: string, version: string, progress: Progress): Promise<string> {
    return ensure(kubernetes(name, version), progress);
}

/** Where {@link ensureKubernetes} puts a program. */
export function kubernetesPath(name: (typeof KUBERNETES_PROGRAMS)[number]): string {
    return pathOf(kubernetes(name, KUBERNETES));
}

export function etcdPath(name: "etcd" | "etcdctl"): string {
    return pathOf(etcd(name));
}

function pathOf(program: Program): string {
    return cachePath(`${program.modules.name.split("-")[0] ?? ""}-${program.version}`, program.name);
}

async function ensure(program: Program, progress: Progress): Promise<string> {
    const target = pathOf(program);
    if (existsSync(target)) {
        return target;
    }
    return withLock(`build-${program.modules.name}`, async () => {
        if (existsSync(target)) {
            return target;
        }
        const { members } = program.release;
        const downloaded = await step(progress, `Looking for the official ${program.name} ${program.version}`, () =>
            download(program.release, members === undefined ? target : cacheDirectory(target, "..")),
        );
        if (!downloaded) {
            await step(progress, `Out of reach; building ${program.name} ${program.version} from source`, () =>
                goBuild(program.modules, program.package, target),
            );
        }
        return target;
    });
}

function kubernetes(name: string, version: string): Program {
    const url = `https://dl.k8s.io/release/${version}/bin/linux/${architecture}/${name}`;
    return {
        name,
        version,
        release: { url, checksumUrl: `${url}.sha256` },
        modules: {
            name: `kubernetes-${version}`,
            require: { "k8s.io/kubernetes": version },
            staging: { module: "k8s.io/kubernetes", version: version.replace(/^v1\./, "v0.") },
            variables: kubernetesVersion(version),
        },
        package: `k8s.io/kubernetes/cmd/${name}`,
    };
}

/** What the programs answer when they are asked for their version; kubeadm reads it to know what it may install. */
function kubernetesVersion(version: string): Record<string, string> {
    const [major = "", minor = ""] = version.slice(1).split(".");
    const about = {
        gitVersion: version,
        gitMajor: major,
        gitMinor: minor,
        gitTreeState: "clean",
        buildDate: "1970-01-01T00:00:00Z",
    };
    const packages = ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"];
    return Object.fromEntries(
        packages.flatMap((pkg) => Object.entries(about).map(([name, value]) => [`${pkg}.${name}`, value])),
    );
}

function etcd(name: "etcd" | "etcdctl"): Program {
    const base = `https://github.com/etcd-io/etcd/releases/download/${ETCD}`;
    const directory = `etcd-${ETCD}-linux-${architecture}`;
    return {
        name,
        version: ETCD,
        release: {
            url: `${base}/${directory}.tar.gz`,
            checksumUrl: `${base}/SHA256SUMS`,
            members: { etcd: `${directory}/etcd`, etcdctl: `${directory}/etcdctl` },
        },
        modules: {
            name: `etcd-${ETCD}`,
            require: { "go.etcd.io/etcd/server/v3": ETCD, "go.etcd.io/etcd/etcdctl/v3": ETCD },
        },
        package: name === "etcd" ? "go.etcd.io/etcd/server/v3" : "go.etcd.io/etcd/etcdctl/v3",
    };
}

const pulumi: Program = {
    name: "pulumi",
    version: PULUMI,
    release: {
        url: `https://github.com/pulumi/pulumi/releases/download/${PULUMI}/pulumi-${PULUMI}-linux-${
            process.arch === "arm64" ? "arm64" : "x64"
        }.tar.gz`,
        checksumUrl: `https://github.com/pulumi/pulumi/releases/download/${PULUMI}/pulumi-${PULUMI.slice(1)}-checksums.txt`,
        members: { pulumi: "pulumi/pulumi", "pulumi-language-nodejs": "pulumi/pulumi-language-nodejs" },
    },
    modules: {
        name: `pulumi-${PULUMI}`,
        require: { "github.com/pulumi/pulumi/pkg/v3": PULUMI, "github.com/pulumi/pulumi/sdk/v3": PULUMI },
        variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": PULUMI },
    },
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
};
