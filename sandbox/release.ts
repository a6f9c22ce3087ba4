import { createHash } from "node:crypto";
import { chmod, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { check } from "./process";

/** How long a server may take to say anything before it counts as out of reach. */
const ANSWER_WITHIN_MS = 5000;

/** How long a whole file may take. */
const COMPLETE_WITHIN_MS = 600_000;

/** One published file and where its SHA-256 is published. */
export interface Release {
    readonly url: string;
    readonly checksumUrl: string;
    /** Members to take, by their path inside, where the file is a gzipped tar. @default it is the program itself */
    readonly members?: Readonly<Record<string, string>>;
}

const unreachable = new Set<string>();

/**
 * Fetches an official release and checks it against its published checksum.
 *
 * @param target - where the program goes; for a tar, the directory its members go to
 * @returns false when the server cannot be reached or does not have it
 * @throws Error when the checksum is another
 */
export async function download(release: Release, target: string): Promise<boolean> {
    const checksums = await get(release.checksumUrl);
    if (checksums === undefined) {
        return false;
    }
    const content = await get(release.url);
    if (content === undefined) {
        return false;
    }
    const actual = createHash("sha256").update(content).digest("hex");
    const expected = checksumFor(checksums.toString(), release.url);
    if (actual !== expected) {
        throw new Error(`${release.url} has SHA-256 ${actual}, but ${expected ?? "nothing"} is published for it.`);
    }
    await install(content, release.members, target);
    return true;
}

/**
 * Finds a file's SHA-256 in a list of checksums, or in a file that holds nothing but one.
 *
 * @param list - lines of `<sha256>  <file name>`, or one bare `<sha256>`
 */
export function checksumFor(list: string, url: string): string | undefined {
    const name = url.slice(url.lastIndexOf("/") + 1);
    const lines = list
        .trim()
        .split("\n")
        .map((line) => line.trim().split(/\s+/));
    const bare = lines.length === 1 && lines[0]?.length === 1;
    const line = bare ? lines[0] : lines.find(([, file]) => file?.replace(/^\*/, "") === name);
    return line?.[0]?.toLowerCase();
}

async function get(url: string): Promise<Buffer | undefined> {
    const { host } = new URL(url);
    if (unreachable.has(host)) {
        return undefined;
    }
    const hurry = new AbortController();
    const signal = AbortSignal.any([hurry.signal, AbortSignal.timeout(COMPLETE_WITHIN_MS)]);
    const timer = setTimeout(() => {
        hurry.abort();
    }, ANSWER_WITHIN_MS);
    try {
        const response = await fetch(url, { signal });
        clearTimeout(timer);
        return response.ok ? Buffer.from(await response.arrayBuffer()) : undefined;
    } catch {
        unreachable.add(host);
        return undefined;
    } finally {
        clearTimeout(timer);
    }
}

async function install(content: Buffer, members: Release["members"], target: string): Promise<void> {
    const scratch = await mkdtemp(join(dirname(target), ".download-"));
    try {
        const file = join(scratch, "file");
        await writeFile(file, content);
        if (members === undefined) {
            await chmod(file, 0o755);
            await rename(file, target);
            return;
        }
        for (const [name, member] of Object.entries(members)) {
            await check("tar", ["-xzf", file, "-C", scratch, member]);
            await rename(join(scratch, member), join(target, name));
        }
    } finally {
        await rm(scratch, { recursive: true, force: true });
    }
}
