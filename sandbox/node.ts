import { request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { exec, type ExecOptions } from "./container";
import { docker } from "./docker";
import { ProcessError, type ProcessResult } from "./process";

/** How a host is told from the others, and where it is. */
export interface HostAddress {
    /** For people: `cp-1`. */
    readonly name: string;
    readonly containerName: string;
    readonly address: string;
    /** The host's own ed25519 key, as an authorized_keys-style line: what `hostKey` takes. */
    readonly hostKey: string;
}

/** The accounts of every host. */
export const USERS = {
    /** Root itself, by key. */
    root: "root",
    /** Passwordless sudo, by key or password. */
    admin: "ops",
    /** May do nothing but log in. */
    unprivileged: "nosudo",
} as const;

/** After a reboot the phase alone says what was before it. */
const READY_POD = "jsonpath={.status.phase} {.status.containerStatuses[0].ready}";

/** One host of a sandbox: a machine to log in to. */
export class SandboxHost implements HostAddress {
    readonly name: string;
    readonly containerName: string;
    readonly address: string;
    readonly hostKey: string;
    readonly sshPort = 22;
    readonly users = USERS;

    constructor(at: HostAddress) {
        this.name = at.name;
        this.containerName = at.containerName;
        this.address = at.address;
        this.hostKey = at.hostKey;
    }

    /** Runs a shell command on the host, not over SSH; any exit code is an answer. */
    exec(command: string, options: ExecOptions = {}): Promise<ProcessResult> {
        return exec(this.containerName, command, options);
    }

    /**
     * Runs a shell command that has to succeed.
     *
     * @returns its stdout
     * @throws ProcessError
     */
    async check(command: string, options: ExecOptions = {}): Promise<string> {
        const result = await this.exec(command, options);
        if (result.code !== 0) {
            throw new ProcessError(`${this.name}: sh`, ["-c", command], result);
        }
        return result.stdout;
    }
}

/** A host with a control plane on it. */
export class SandboxNode extends SandboxHost {
    /** Runs kubectl on the host, as the cluster's administrator. */
    kubectl(args: readonly string[], options: ExecOptions = {}): Promise<ProcessResult> {
        const quoted = args.map((arg) => `'${arg.replaceAll("'", `'\\''`)}'`).join(" ");
        return this.exec(`exec kubectl --kubeconfig /etc/kubernetes/admin.conf ${quoted}`, options);
    }

    /** Whether the API server says that it is ready, at this moment. */
    isHealthy(): Promise<boolean> {
        return new Promise((resolve) => {
            const url = `https://${this.address}:6443/readyz`;
            const asked = request(url, { rejectUnauthorized: false, timeout: 2000, agent: false }, (answer) => {
                answer.resume();
                resolve(answer.statusCode === 200);
            });
            asked.on("timeout", () => asked.destroy());
            asked.on("error", () => {
                resolve(false);
            });
            asked.end();
        });
    }

    /**
     * Waits until the API server is ready.
     *
     * @throws Error with the containers' state after the time is up
     */
    async waitHealthy(timeoutSeconds = 180): Promise<void> {
        const deadline = Date.now() + timeoutSeconds * 1000;
        while (!(await this.isHealthy())) {
            if (Date.now() > deadline) {
                const { stdout } = await this.exec("journalctl -u kubelet -n 20 --no-pager");
                throw new Error(`${this.name}: the API server is not ready after ${timeoutSeconds} s.\n${stdout}`);
            }
            await sleep(100);
        }
    }

    /** Waits until the pod runs and is ready. */
    async waitForPod(namespace: string, pod: string, timeoutSeconds = 120): Promise<void> {
        const deadline = Date.now() + timeoutSeconds * 1000;
        for (;;) {
            const phase = await this.kubectl(["-n", namespace, "get", "pod", pod, "-o", READY_POD]);
            if (phase.stdout === "Running true") {
                return;
            }
            if (Date.now() > deadline) {
                const { stdout } = await this.kubectl(["-n", namespace, "describe", "pod", pod]);
                throw new Error(`${this.name}: ${pod} is not running after ${timeoutSeconds} s.\n${stdout}`);
            }
            await sleep(200);
        }
    }

    /**
     * Reboots the machine and waits until its API server has come back by itself.
     *
     * @param powerCut - without a shutdown, as if the cable were pulled
     */
    async reboot({ powerCut = false } = {}): Promise<void> {
        if (powerCut) {
            await docker(["kill", this.containerName]);
            await docker(["start", this.containerName]);
        } else {
            await docker(["restart", "--time", "60", this.containerName]);
        }
        await this.waitHealthy();
    }
}
