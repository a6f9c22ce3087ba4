import { copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheDirectory } from "./cache";
import { check, onPath } from "./process";

/** A set of Go programs that are built from the same pinned modules. */
export interface GoModules {
    /** Names the build directory. */
    readonly name: string;
    /** The modules whose programs are built, with their versions. */
    readonly require: Readonly<Record<string, string>>;
    /** A required module whose `replace => ./staging/…` lines have to be repeated, as modules of this version. */
    readonly staging?: { readonly module: string; readonly version: string };
    /** String variables of the programs, by their import path and name. */
    readonly variables?: Readonly<Record<string, string>>;
}

/** Static binaries, the same for everybody. */
const environment = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=mod", GOWORK: "off" };

/**
 * Builds one program.
 *
 * @param pkg - the import path of its main package
 * @param target - the binary's path; it appears there only when it is complete
 */
export async function goBuild(modules: GoModules, pkg: string, target: string): Promise<void> {
    await requireGo();
    const directory = cacheDirectory("build", modules.name);
    await writeFile(join(directory, "go.mod"), await goMod(modules));
    const variables = Object.entries(modules.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
    await build(directory, ["-ldflags", ["-s -w", ...variables].join(" "), pkg], target);
}

/** Builds a program of this repository that needs nothing but Go's standard library. */
export async function goBuildFile(source: string, target: string): Promise<void> {
    await requireGo();
    const directory = cacheDirectory("build", "local");
    const copy = join(directory, "main.go");
    await copyFile(source, copy);
    await build(directory, ["-ldflags", "-s -w", copy], target);
}

/**
 * Upstream's `replace` lines for its staging directories, as lines for its published staging modules.
 *
 * @param upstream - upstream's go.mod
 */
export function stagingReplacements(upstream: string, version: string): string[] {
    return [...upstream.matchAll(/^\s*(\S+) => \.\/staging\/src\/\S+$/gm)].map(
        ([, module = ""]) => `\t${module} => ${module} ${version}`,
    );
}

async function build(directory: string, args: readonly string[], target: string): Promise<void> {
    await mkdir(dirname(target), { recursive: true });
    const unfinished = `${target}.building`;
    try {
        await check("go", ["build", "-trimpath", "-o", unfinished, ...args], { cwd: directory, env: environment });
        await rename(unfinished, target);
    } finally {
        await rm(unfinished, { force: true });
    }
}

async function goMod(modules: GoModules): Promise<string> {
    const require = Object.entries(modules.require).map(([module, version]) => `\t${module} ${version}`);
    const replace = modules.staging === undefined ? [] : await replacements(modules.staging, modules.require);
    return [
        `module sandbox/${modules.name}`,
        "",
        "go 1.24",
        "",
        "require (",
        ...require,
        ")",
        "",
        "replace (",
        ...replace,
        ")",
        "",
    ].join("\n");
}

async function replacements(staging: NonNullable<GoModules["staging"]>, require: GoModules["require"]) {
    const wanted = `${staging.module}@${require[staging.module] ?? ""}`;
    const answer = await check("go", ["mod", "download", "-json", wanted], {
        env: { ...process.env, GOWORK: "off", GO111MODULE: "on" },
        cwd: cacheDirectory("build"),
    });
    const { GoMod } = JSON.parse(answer) as { GoMod: string };
    return stagingReplacements(await readFile(GoMod, "utf8"), staging.version);
}

async function requireGo(): Promise<void> {
    if (!(await onPath("go"))) {
        throw new Error(
            "The official releases cannot be downloaded here, and there is no Go to build them from source.\n" +
                "Install Go 1.24 or newer (https://go.dev/dl) so that `go` is on PATH, or let this machine reach the internet.",
        );
    }
}
