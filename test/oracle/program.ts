import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Attributes, Decision } from "../../policy/evaluate";
import type { RawRequest } from "../../policy/requestInfo";
import type { Policy } from "../../policy/types";
import { cachePath, contentKey, withLock } from "../../sandbox/cache";
import { goBuild } from "../../sandbox/goBuild";

/** A policy file's bytes, and requests to resolve and, if it can be loaded, to evaluate. */
export interface Question {
    text: Uint8Array;
    requests: readonly (Attributes | RawRequest)[];
}

/** What the API server's own code says. */
export interface Answer {
    /** Why it does not start. */
    error?: string;
    /** What the loader logs. */
    log?: string;
    policy?: Policy;
    /** One for each request, without those that could not be resolved. */
    decisions?: Omit<Decision, "rule">[];
    /** One for each raw request. */
    resolved?: (Required<Omit<Attributes, "user" | "groups">> & { error?: string })[];
}

/** The releases of k8s.io/apiserver that can be asked, by minor version. */
export const releases: Readonly<Record<number, string>> = {
    24: "v0.24.17",
    26: "v0.26.15",
    30: "v0.30.14",
    31: "v0.31.14",
    33: "v0.33.13",
    34: "v0.34.4",
    35: "v0.35.4",
    36: "v0.36.6",
};

/** The minor versions that are asked unless others are wanted. */
export const usualMinors = [30, 34, 36];

/**
 * Builds the program around the API server's own code, where the cache does not have it, and returns its path.
 *
 * @param minor - one of {@link releases}
 * @throws Error when there is no Go, or its module proxy cannot be reached
 */
export async function buildOracle(minor: number): Promise<string> {
    const release = releases[minor];
    if (release === undefined) {
        throw new Error(`no release of Kubernetes 1.${minor} is listed in test/oracle/program.ts`);
    }
    const source = join(__dirname, "main.go");
    const program = cachePath("oracle", `${release}-${contentKey([readFileSync(source)])}`);
    await withLock("build-oracle", async () => {
        if (!existsSync(program)) {
            const require = { "k8s.io/apimachinery": release, "k8s.io/apiserver": release };
            await goBuild({ name: `oracle-${release}`, require }, source, program);
        }
    });
    return program;
}

/** A running oracle. */
export class Oracle {
    private constructor(
        private readonly child: ChildProcessWithoutNullStreams,
        private readonly lines: AsyncIterator<string>,
    ) {}

    static async start(minor: number): Promise<Oracle> {
        const child = spawn(await buildOracle(minor), { stdio: ["pipe", "pipe", "pipe"] });
        child.stderr.pipe(process.stderr);
        return new Oracle(child, createInterface({ input: child.stdout })[Symbol.asyncIterator]());
    }

    /** Asks several questions at once; the answers come in their order. */
    async ask(questions: readonly Question[]): Promise<Answer[]> {
        const input = questions.map(({ text, requests }) => {
            const base64 = Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString("base64");
            return `${JSON.stringify({ text: base64, requests })}\n`;
        });
        this.child.stdin.write(input.join(""));
        const answers: Answer[] = [];
        while (answers.length < questions.length) {
            const line = await this.lines.next();
            if (line.done === true) {
                throw new Error("the oracle ended before it had answered");
            }
            answers.push(JSON.parse(line.value) as Answer);
        }
        return answers;
    }

    async stop(): Promise<void> {
        this.child.stdin.end();
        await once(this.child, "exit");
    }
}
