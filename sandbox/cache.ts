import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * A path in the cache, which lies outside the checkout and outlives it. Its directory is made.
 *
 * Set KUBE_APISERVER_AUDIT_CACHE to have it elsewhere than in `~/.cache/kube-apiserver-audit`.
 */
export function cachePath(...names: readonly string[]): string {
    const root = process.env.KUBE_APISERVER_AUDIT_CACHE ?? join(homedir(), ".cache", "kube-apiserver-audit");
    const path = join(root, ...names);
    mkdirSync(join(path, ".."), { recursive: true });
    return path;
}

/** A cache directory, made when missing. */
export function cacheDirectory(...names: readonly string[]): string {
    const path = cachePath(...names);
    mkdirSync(path, { recursive: true });
    return path;
}

/** A short name for exactly this content. */
export function contentKey(parts: readonly (string | Buffer)[]): string {
    const hash = createHash("sha256");
    for (const part of parts) {
        hash.update(`${part.length}:`).update(part);
    }
    return hash.digest("hex").slice(0, 16);
}

/** How long one process waits for another before it says so. */
const PATIENCE_MS = 5000;

/** Lets one process at a time do what is named; the others wait, then find it done. */
export async function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
    const path = cachePath("locks", name);
    let patience = PATIENCE_MS;
    while (!tryLock(path)) {
        await sleep(200);
        patience -= 200;
        if (patience === 0) {
            process.stderr.write(`Waiting for another process, which holds ${path} …\n`);
        }
    }
    try {
        return await work();
    } finally {
        rmSync(path, { force: true });
    }
}

function tryLock(path: string): boolean {
    try {
        writeFileSync(path, identityOf(process.pid), { flag: "wx" });
        return true;
    } catch {
        if (!holderLives(path)) {
            rmSync(path, { force: true });
        }
        return false;
    }
}

function holderLives(path: string): boolean {
    try {
        const holder = readFileSync(path, "utf8");
        // An empty file belongs to somebody who is just about to write into it.
        return holder === "" || holder === identityOf(parseInt(holder, 10));
    } catch {
        return false;
    }
}

/** A process, told from others that had or will have its number: by its boot and when it started. */
function identityOf(pid: number): string {
    const started = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[19] ?? "";
    return `${pid} ${started} ${readFileSync("/proc/sys/kernel/random/boot_id", "utf8")}`;
}
