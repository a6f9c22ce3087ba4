import { spawn } from "node:child_process";
import { existsSync, openSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { cachePath, withLock } from "./cache";
import { installPackages } from "./debian";
import { check, onPath, run, type ProcessOptions } from "./process";
import { step, type Progress } from "./progress";

/** Carries out a docker command that has to succeed and returns its stdout without the final newline. */
export async function docker(args: readonly string[], options: ProcessOptions = {}): Promise<string> {
    return (await check("docker", args, options)).trimEnd();
}

/** Whether docker carries out a command. */
export async function dockerSucceeds(args: readonly string[]): Promise<boolean> {
    return (await run("docker", args)).code === 0;
}

/** Makes sure that a Docker daemon answers: the one that runs, else one that is installed and started here. */
export async function ensureDocker(progress: Progress): Promise<void> {
    if (await answers()) {
        return;
    }
    await withLock("docker", async () => {
        if (await answers()) {
            return;
        }
        if (process.getuid?.() !== 0) {
            throw new Error(
                "No Docker daemon answers, and only root can install or start one. Start Docker, then try again.",
            );
        }
        if (!(await onPath("dockerd"))) {
            await step(progress, "Installing Docker", install);
        }
        await step(progress, "Starting the Docker daemon", start);
    });
}

/** Ends the daemon that {@link ensureDocker} started, and no other. */
export async function stopDocker(): Promise<boolean> {
    const pidFile = cachePath("dockerd.pid");
    if (!existsSync(pidFile)) {
        return false;
    }
    const pid = Number(await readFile(pidFile, "utf8"));
    await rm(pidFile);
    const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "");
    if (name.trim() !== "dockerd") {
        return false;
    }
    process.kill(pid, "SIGTERM");
    return true;
}

async function answers(): Promise<boolean> {
    return (await onPath("docker")) && (await dockerSucceeds(["version"]));
}

async function install(): Promise<void> {
    await installPackages(["docker.io", "iptables"]);
    if (!(await onPath("docker"))) {
        await installPackages(["docker-cli"]); // a package of its own from Debian 13 on
    }
}

/** What a daemon that was killed leaves: another process may have its number by now, and a new daemon would not start. */
async function removeStalePidFiles(): Promise<void> {
    for (const [file, program] of [
        ["/var/run/docker.pid", "dockerd"],
        ["/var/run/docker/containerd/containerd.pid", "containerd"],
    ] as const) {
        const pid = (await readFile(file, "utf8").catch(() => "")).trim();
        const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "");
        if (pid !== "" && name.trim() !== program) {
            await rm(file);
        }
    }
}

async function start(): Promise<void> {
    await removeStalePidFiles();
    const log = cachePath("dockerd.log");
    const output = openSync(log, "w");
    const daemon = spawn("dockerd", [], { detached: true, stdio: ["ignore", output, output] });
    const started = new Promise((_, reject) => daemon.on("error", reject));
    daemon.unref();
    await Promise.race([started, ready(daemon.pid ?? 0, log)]);
}

async function ready(pid: number, log: string): Promise<void> {
    for (let waited = 0; waited < 60; waited += 0.5) {
        if (await dockerSucceeds(["version"])) {
            await writeFile(cachePath("dockerd.pid"), String(pid));
            return;
        }
        if (!existsSync(`/proc/${pid}`)) {
            break;
        }
        await sleep(500);
    }
    const said = (await readFile(log, "utf8")).trim().split("\n").slice(-10).join("\n");
    throw new Error(`The Docker daemon did not start. Its log, ${log}, ends in:\n${said}`);
}
