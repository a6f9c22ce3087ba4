import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Writes files into a directory that is removed when the work is done. */
export async function withFiles<T>(
    files: Readonly<Record<string, string | Buffer>>,
    work: (directory: string) => T | Promise<T>,
): Promise<T> {
    const directory = mkdtempSync(join(tmpdir(), "kube-audit-"));
    try {
        for (const [name, content] of Object.entries(files)) {
            mkdirSync(dirname(join(directory, name)), { recursive: true });
            writeFileSync(join(directory, name), content);
        }
        return await work(directory);
    } finally {
        rmSync(directory, { recursive: true });
    }
}
