import { readFile, writeFile } from "node:fs/promises";
import type { Progress } from "./progress";

/**
 * What several machines under one kernel use up together. Each has a systemd, a containerd and a kubelet of root's, and
 * the kernel's default of 128 inotify instances for a user is spent after five of them: the next one's systemd never
 * gets as far as starting sshd.
 */
const LIMITS: Readonly<Record<string, number>> = {
    "/proc/sys/fs/inotify/max_user_instances": 8192,
    "/proc/sys/fs/inotify/max_user_watches": 524288,
};

/** Raises the limits that are too low, where that is allowed. */
export async function raiseKernelLimits(progress: Progress): Promise<void> {
    for (const [path, least] of Object.entries(LIMITS)) {
        if (Number(await readFile(path, "utf8")) < least) {
            await writeFile(path, String(least)).catch(() => {
                progress(`${path} is below ${least} and cannot be raised; only a few machines may fit side by side.`);
            });
        }
    }
}
