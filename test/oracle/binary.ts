import { generateKeyPairSync } from "node:crypto";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadPolicy } from "../../policy/load";
import { parseKubernetesVersion } from "../../policy/kubernetes";
import { ensureKubernetesProgram } from "../../sandbox/binaries";
import { KUBERNETES } from "../../sandbox/versions";
import { errorsAgree } from "./compare";
import { generatePolicy } from "./policies";
import { Random } from "./random";
import { writeBadly, writePolicy } from "./texts";

/** What the real API server was asked, and whether it agreed. */
export interface BinaryFigures {
    accepted: number;
    refused: number;
    /** The kinds of refusals, told apart by their words without what they quote and count. */
    refusals: number;
    differences: string[];
}

const minor = parseKubernetesVersion(KUBERNETES);

/** What it logs when it has taken a policy; it looks for etcd only after that. */
const taken = "Load audit policy rules success";
const refusal = /loading audit policy file: ([^]*): from file /;

/**
 * Starts the real kube-apiserver of the sandbox's version with generated policies, chosen so that every kind of refusal
 * that turns up is among them, and compares whether it goes on, and what it says.
 *
 * @param wanted - how many policies
 */
export async function compareWithBinary(
    wanted: number,
    seed: number,
    onProgress: (line: string) => void,
): Promise<BinaryFigures> {
    const program = await ensureKubernetesProgram("kube-apiserver", KUBERNETES, onProgress);
    const directory = await mkdtemp(join(tmpdir(), "oracle-binary-"));
    const figures: BinaryFigures = { accepted: 0, refused: 0, refusals: 0, differences: [] };
    try {
        const start = await prepareServer(program, directory);
        const { texts, refusals } = chooseTexts(wanted, seed);
        figures.refusals = refusals;
        for (const [i, text] of texts.entries()) {
            const here = loadPolicy(text, minor).error;
            const there = await start(text);
            figures.accepted += there === undefined ? 1 : 0;
            figures.refused += there === undefined ? 0 : 1;
            if (!errorsAgree(here, there)) {
                const shown = JSON.stringify(Buffer.from(text).toString("utf8"));
                figures.differences.push(`here: ${here ?? "accepted"}\nthere: ${there ?? "accepted"}\n${shown}\n`);
            }
            if ((i + 1) % 20 === 0) {
                onProgress(`${i + 1} of ${texts.length}: ${figures.differences.length} differences`);
            }
        }
    } finally {
        await rm(directory, { recursive: true });
    }
    return figures;
}

/** Texts of every kind of refusal, as evenly as they turn up, and a fifth that is accepted. */
function chooseTexts(wanted: number, seed: number): { texts: Uint8Array[]; refusals: number } {
    const random = new Random(seed);
    const kinds = new Map<string, Uint8Array[]>();
    for (let i = 0; i < 60 * wanted; i++) {
        const odd = () => Buffer.from(writePolicy(random, generatePolicy(random, { odd: 15 })));
        const text = random.percent(70) ? writeBadly(random) : odd();
        const kind = kindOf(loadPolicy(text, minor).error);
        const alike = kinds.get(kind) ?? [];
        alike.push(text);
        kinds.set(kind, alike);
    }
    const accepted = kinds.get("accepted") ?? [];
    kinds.delete("accepted");
    const texts = accepted.slice(0, Math.ceil(wanted / 5));
    for (let turn = 0; texts.length < wanted; turn++) {
        texts.push(...[...kinds.values()].flatMap((alike) => alike.slice(turn, turn + 1)));
    }
    return { texts, refusals: kinds.size };
}

/** An error without what it quotes and counts; of several the first. */
function kindOf(error: string | undefined): string {
    return (error ?? "accepted")
        .replace(/^\[([^]*?), (?:rules|omitStages)[^]*$/, "$1")
        .replace(/`[^]*`|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, "…")
        .replace(/\[[^\]]*\]|value: [^:]*|key: .*/g, "…")
        .replace(/\d+/g, "#");
}

/** @returns what starts the server with a policy, and says what it refuses it with */
async function prepareServer(
    program: string,
    directory: string,
): Promise<(text: Uint8Array) => Promise<string | undefined>> {
    const path = (name: string) => join(directory, name);
    const { privateKey, publicKey } = generateKeyPairSync("rsa", {
        modulusLength: 2048,
        privateKeyEncoding: { type: "pkcs8", format: "pem" },
        publicKeyEncoding: { type: "spki", format: "pem" },
    });
    await writeFile(path("key.pem"), privateKey);
    await writeFile(path("key.pub"), publicKey);
    const flags = [
        `--audit-policy-file=${path("policy.yaml")}`,
        "--v=4",
        "--etcd-servers=http://127.0.0.1:1",
        "--bind-address=127.0.0.1",
        "--advertise-address=192.0.2.1",
        `--secure-port=${await freePort()}`,
        `--cert-dir=${path("certificates")}`,
        "--service-cluster-ip-range=10.96.0.0/16",
        "--service-account-issuer=https://kubernetes.default.svc",
        `--service-account-key-file=${path("key.pub")}`,
        `--service-account-signing-key-file=${path("key.pem")}`,
        "--authorization-mode=AlwaysAllow",
    ];
    return async (text) => {
        await writeFile(path("policy.yaml"), text);
        return startOnce(program, flags);
    };
}

async function startOnce(program: string, flags: readonly string[]): Promise<string | undefined> {
    const child = spawn(program, flags, { stdio: ["ignore", "ignore", "pipe"] });
    const exited = once(child, "exit");
    let said = "";
    for await (const chunk of child.stderr.setEncoding("utf8")) {
        said += chunk as string;
        if (said.includes(taken)) {
            child.kill("SIGKILL");
        }
    }
    await exited;
    if (said.includes(taken)) {
        return undefined;
    }
    const words = refusal.exec(lastError(said))?.[1];
    if (words === undefined) {
        throw new Error(`kube-apiserver ended over something else:\n${said.slice(-2000)}`);
    }
    return words;
}

/** The error that ended it, which is logged in quotes, or with a tab before each of its lines. */
function lastError(said: string): string {
    const [, quoted, lines = ""] = /"command failed" err=(?:"((?:[^"\\]|\\.)*)"|<\n([^]*?)\n >)/.exec(said) ?? [];
    return quoted === undefined ? lines.replace(/^\t/gm, "") : unquote(quoted);
}

const escapes: Readonly<Record<string, string>> = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

function unquote(quoted: string): string {
    return quoted.replace(
        /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/g,
        (_, byte?: string, short?: string, long?: string, letter = "") => {
            const code = byte ?? short ?? long;
            return code === undefined
                ? (escapes[String(letter)] ?? String(letter))
                : String.fromCodePoint(parseInt(code, 16));
        },
    );
}

async function freePort(): Promise<number> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    return port;
}
