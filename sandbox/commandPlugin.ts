import {
    chmodSync,
    existsSync,
    mkdirSync,
    readdirSync,
    readFileSync,
    statSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { cacheDirectory, cachePath, contentKey, withLock } from "./cache";
import { run } from "./process";
import { step, type Progress } from "./progress";
import { COMMAND_PLUGIN } from "./versions";

export type PluginKind = "official" | "stand-in";

/** Where the engine's programs are, and whose command plugin it will use. */
export interface EnginePrograms {
    readonly pluginKind: PluginKind;
    /** PULUMI_HOME, apart from the user's own: `pulumi` is in its `bin`, the plugin in its `plugins`. */
    readonly home: string;
}

/** Where a PULUMI_HOME has the plugin. One found on PATH instead would cost a warning in every run. */
const INSTALLED = join("plugins", `resource-command-v${COMMAND_PLUGIN}`, "pulumi-resource-command");

const SOURCE = join(__dirname, "command-provider");

/** How long the plugin's server may take, and how long it is then left alone. */
const INSTALL_WITHIN_SECONDS = 90;
const ASK_AGAIN_AFTER_MS = 24 * 3600 * 1000;

/** The official command plugin where it can be downloaded, else the stand-in. */
export async function ensureCommandPlugin(pulumi: string, progress: Progress): Promise<EnginePrograms> {
    const officialHome = cacheDirectory("engine", "official");
    const official = await withLock("command-plugin", () => installOfficial(pulumi, officialHome, progress));
    const home = official ? officialHome : await standIn(progress);
    mkdirSync(join(home, "bin"), { recursive: true });
    if (!existsSync(join(home, "bin", "pulumi"))) {
        symlinkSync(pulumi, join(home, "bin", "pulumi"));
    }
    progress(
        official
            ? `Command plugin: official ${COMMAND_PLUGIN}`
            : `Command plugin: stand-in (sandbox/command-provider), because the official ${COMMAND_PLUGIN} cannot be downloaded here`,
    );
    return { pluginKind: official ? "official" : "stand-in", home };
}

async function installOfficial(pulumi: string, home: string, progress: Progress): Promise<boolean> {
    const installed = join(home, INSTALLED);
    const refused = join(home, "command-plugin-out-of-reach");
    if (existsSync(installed)) {
        return true;
    }
    if (existsSync(refused) && Date.now() - statSync(refused).mtimeMs < ASK_AGAIN_AFTER_MS) {
        return false;
    }
    const done = await step(progress, "Looking for the official command plugin", () =>
        run(pulumi, ["plugin", "install", "resource", "command", COMMAND_PLUGIN], {
            env: { ...process.env, PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" },
            timeoutSeconds: INSTALL_WITHIN_SECONDS,
        }).then(
            ({ code }) => code === 0,
            () => false,
        ),
    );
    if (!done) {
        writeFileSync(refused, "");
    }
    return done && existsSync(installed);
}

/** Compiles the stand-in once for each content and returns the PULUMI_HOME that has it. */
async function standIn(progress: Progress): Promise<string> {
    const sources = readdirSync(SOURCE).sort();
    const lock = readFileSync(join(dirname(__dirname), "package-lock.json"));
    const key = contentKey([
        INSTALLED,
        process.execPath,
        lock,
        ...sources.map((name) => readFileSync(join(SOURCE, name))),
    ]);
    const home = cachePath("engine", `stand-in-${key}`);
    if (!existsSync(join(home, INSTALLED))) {
        await step(progress, "Compiling the stand-in for the command plugin", () => compile(home));
    }
    return home;
}

async function compile(home: string): Promise<void> {
    const making = `${home}.${process.pid}`;
    const starter = join(making, INSTALLED);
    const program = "command-provider.js";
    await build({
        entryPoints: [join(SOURCE, "main.ts")],
        outfile: join(dirname(starter), program),
        bundle: true,
        platform: "node",
        target: "node20",
        external: ["*.node", "cpu-features"], // optional native parts of ssh2
        logLevel: "error",
    });
    writeFileSync(starter, `#!/bin/sh\nexec '${process.execPath}' "$(dirname "$0")/${program}" "$@"\n`);
    chmodSync(starter, 0o755);
    await rename(making, home).catch(() => rm(making, { recursive: true })); // another process was faster
}
