import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Attributes, Decision } from "../../../policy/evaluate";
import type { Policy } from "../../../policy/types";

/** A policy text, and requests to evaluate if it can be loaded. */
export interface Question {
    policy: string;
    requests: Attributes[];
}

/** What the API server's own code says; the loader's error, or the loaded policy and its decisions. */
export interface Answer {
    error?: string;
    /** What the strict decoder found before the loader fell back to the lenient one. */
    warning?: string;
    policy?: Policy;
    decisions?: Omit<Decision, "rule">[];
}

/** The releases of k8s.io/apiserver to ask, by minor version; 1.34's is pinned by the go.mod beside main.go. */
export const releases: Readonly<Record<number, string>> = {
    24: "v0.24.1",
    26: "v0.26.3",
    30: "v0.30.14",
    33: "v0.33.13",
    34: "v0.34.4",
    36: "v0.36.6",
};

const pinned = 34;

/**
 * Asks the API server's own code, building the program first where the cache does not have it.
 *
 * @param minor - one of {@link releases}
 * @throws Error when there is no Go, or its module proxy cannot be reached
 */
export function askUpstream(questions: readonly Question[], minor: number): Answer[] {
    const input = questions.map((question) => `${JSON.stringify(question)}\n`).join("");
    const { status, stdout, stderr } = spawnSync(buildUpstream(minor), { input, maxBuffer: 2 ** 30, encoding: "utf8" });
    if (status !== 0) {
        throw new Error(`the upstream program failed: ${stderr}`);
    }
    return stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as Answer);
}

function buildUpstream(minor: number): string {
    const release = releases[minor];
    if (release === undefined) {
        throw new Error(`no release of Kubernetes 1.${minor} is listed here`);
    }
    const cache = process.env["KUBE_APISERVER_AUDIT_CACHE"] ?? join(homedir(), ".cache", "kube-apiserver-audit");
    const directory = join(cache, "upstream-policy", release);
    const program = join(directory, "upstream");
    const source = join(__dirname, "main.go");
    const copy = join(directory, "main.go");
    if (existsSync(program) && readFileSync(copy, "utf8") === readFileSync(source, "utf8")) {
        return program;
    }
    mkdirSync(directory, { recursive: true });
    if (minor === pinned) {
        copyFileSync(join(__dirname, "go.mod"), join(directory, "go.mod"));
        copyFileSync(join(__dirname, "go.sum"), join(directory, "go.sum"));
    } else {
        writeFileSync(join(directory, "go.mod"), goMod(release));
    }
    copyFileSync(source, copy);
    if (minor !== pinned) {
        run("go", ["mod", "tidy"], directory);
    }
    run("nice", ["go", "build", "-trimpath", "-o", program, "."], directory);
    return program;
}

function goMod(release: string): string {
    return `module upstream\n\ngo 1.24.0\n\nrequire (\n\tk8s.io/apimachinery ${release}\n\tk8s.io/apiserver ${release}\n)\n`;
}

function run(command: string, args: string[], cwd: string): void {
    const env = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-p=1 -buildvcs=false" };
    const { status, error, stderr } = spawnSync(command, args, { cwd, env, encoding: "utf8" });
    if (status !== 0) {
        throw new Error(`${command} ${args.join(" ")} failed: ${error?.message ?? stderr}`);
    }
}
