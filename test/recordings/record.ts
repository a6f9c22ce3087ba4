import { copyFileSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createEngine, upSandbox, type Progress, type SandboxNode } from "../../sandbox";
import { serverCounts, turnOn } from "./auditing";
import { Client } from "./client";
import { Collector } from "./collect";
import { drive, type Driven } from "./drive";
import { issueCredentials } from "./identities";
import { RecordingDirectory } from "./recording";
import { rounds } from "./requests";

/** What is recorded. */
export interface RecordOptions {
    /** A sandbox's name; it is made where there is none of that name, and stays. */
    readonly sandbox: string;
    /** Where the recording goes; an older one there is removed. */
    readonly directory: string;
    readonly policyFile: string;
    readonly minutes: number;
    /** Requests a second. */
    readonly rate: number;
    readonly seed: number;
    /** `--audit-log-maxsize`, MiB. */
    readonly maxSize: number;
    readonly maxBackup: number;
    readonly progress: Progress;
}

/** So long what asks at the API server's start is let pass. */
const SETTLE_SECONDS = 30;

/** Where the logs of recordings are on the host, each in a directory of its own. */
const LOGS = "/var/log/kubernetes/recordings";

/** Drives a real API server, and keeps all that it writes into its audit log. */
export async function record(options: RecordOptions): Promise<Driven> {
    const { progress, policyFile, maxSize, maxBackup, seed, rate } = options;
    const sandbox = await upSandbox({ name: options.sandbox, onProgress: progress });
    const node = sandbox.nodes[0]!;
    rmSync(options.directory, { recursive: true, force: true });
    const recording = new RecordingDirectory(options.directory);
    recording.make();
    copyFileSync(policyFile, recording.policy);

    await setUp(node);
    const logDirectory = `${LOGS}/${Date.now()}`;
    const engine = await createEngine({ project: "recordings", onProgress: progress });
    await turnOn({ engine, sandbox, node }, { policyFile, logDirectory, maxSize, maxBackup });
    engine.close();
    await node.check(`cd ${LOGS} && ls -d 1* | grep -vx '${logDirectory.slice(LOGS.length + 1)}' | xargs -r rm -rf`);
    const client = new Client(node.address, await issueCredentials(node));
    const collector = new Collector(node, logDirectory, recording);
    await sleep(SETTLE_SECONDS * 1000);
    progress(`Driving ${rate} requests a second for ${options.minutes} minutes into ${recording.log}`);

    const start = await serverCounts(client);
    const people = new People(node);
    const seconds = options.minutes * 60;
    const driven = await drive(rounds(seed), { client, rate, seconds, requests: recording.requests });
    await people.stop();

    const before = await serverCounts(client);
    await collector.finish();
    const after = await serverCounts(client);
    client.close();
    const { user, system } = process.cpuUsage();
    const cpu = { apiServer: before.cpuSeconds - start.cpuSeconds, recorder: (user + system) / 1e6 };
    recording.writeFacts({ seed, rate, maxSize, maxBackup, ...driven, counted: [before, after], cpu });
    return driven;
}

async function setUp(node: SandboxNode): Promise<void> {
    const stdin = readFileSync(join(__dirname, "setup.yaml"), "utf8");
    const applied = await node.kubectl(["apply", "-f", "-"], { stdin });
    if (applied.code !== 0) {
        throw new Error(applied.stderr);
    }
}

const COMMANDS = [
    "get pods --all-namespaces",
    "get nodes -o wide",
    "describe namespace prod-namespace",
    "logs -n kube-system etcd-cp-1 --tail=3",
    "create configmap note -n staging --from-literal=a=b",
    "label configmap note -n staging seen=yes",
    "annotate configmap note -n staging example.com/why=because",
    "delete configmap note -n staging",
    "auth can-i --list -n ci",
    "api-resources",
    "get events -n staging",
    "exec -n kube-system etcd-cp-1 -- etcd --version",
];

/** So often somebody runs kubectl. */
const KUBECTL_EVERY_MS = 15_000;

/** Runs kubectl now and then. */
class People {
    private readonly stopping = new AbortController();
    private readonly done: Promise<void>;

    constructor(node: SandboxNode) {
        this.done = this.run(node);
    }

    stop(): Promise<void> {
        this.stopping.abort();
        return this.done;
    }

    private async run(node: SandboxNode): Promise<void> {
        const { signal } = this.stopping;
        for (let n = 0; !signal.aborted; n++) {
            await node.kubectl(COMMANDS[n % COMMANDS.length]!.split(" "));
            await sleep(KUBECTL_EVERY_MS, undefined, { signal }).catch(() => undefined);
        }
    }
}
