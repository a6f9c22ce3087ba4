import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installPackages } from "../sandbox/debian";
import { check, onPath } from "../sandbox/process";
import type { BenchHosts } from "./hosts";
import { measured, type Sample } from "./measure";

/** What the playbook compares the hosts with. */
export interface Expectation {
    readonly flags: readonly string[];
    readonly policyPath: string;
    readonly policySha256: string;
    readonly logDirectory: string;
}

/** Debian's Ansible over the same hosts with the same login. */
export interface Ansible {
    readonly version: string;
    /** One `ansible-playbook --check --diff` over the first hosts. It fails unless all of them are in sync. */
    run(hosts: number, settings: "tuned" | "defaults"): Promise<Sample>;
    /** Ends the connections that it keeps open. */
    close(): Promise<void>;
}

const TUNED = {
    ANSIBLE_PIPELINING: "True",
    ANSIBLE_FORKS: "50",
    ANSIBLE_SSH_ARGS: "-o ControlMaster=auto -o ControlPersist=600s",
    ANSIBLE_PYTHON_INTERPRETER: "/usr/bin/python3",
};

/** Its processes' CPU is that of the children waited for; what its SSH masters use is not, in its favour. */
export async function prepareAnsible(
    { hosts, credentials }: BenchHosts,
    expectation: Expectation,
    directory: string,
): Promise<Ansible> {
    if (!(await onPath("ansible-playbook"))) {
        await installPackages(["ansible-core", "openssh-client"]);
    }
    const path = (name: string) => join(directory, name);
    const secret = { mode: 0o600 };
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(path("key"), credentials.privateKey, secret);
    writeFileSync(path("known_hosts"), hosts.map((host) => `${host.address} ${host.hostKey}\n`).join(""));
    writeFileSync(path("expectation.json"), JSON.stringify(expectation));
    const inventory = (count: number) => {
        const file = path(`inventory-${count}`);
        const lines = hosts.slice(0, count).map(({ name, address }) => `${name} ansible_host=${address}\n`);
        writeFileSync(file, lines.join(""));
        return file;
    };
    const env = (settings: "tuned" | "defaults") => ({
        ...process.env,
        ANSIBLE_PRIVATE_KEY_FILE: path("key"),
        ANSIBLE_REMOTE_USER: "root",
        ANSIBLE_SSH_COMMON_ARGS: `-o UserKnownHostsFile=${path("known_hosts")}`,
        ANSIBLE_SSH_CONTROL_PATH_DIR: path(settings),
        ANSIBLE_LOCAL_TEMP: path("tmp"),
        ANSIBLE_NOCOLOR: "1",
        ...(settings === "tuned" ? TUNED : {}),
    });
    const version = (await check("ansible-playbook", ["--version"])).split("\n", 1)[0]!;
    return {
        version,
        run: async (count, settings) => {
            const args = ["--check", "--diff", "-i", inventory(count), "-e", `@${path("expectation.json")}`];
            const gather = ["-e", `gather=${settings === "defaults" ? "true" : "false"}`];
            const play = [...args, ...gather, join(__dirname, "playbook.yaml")];
            const { result: output, ...sample } = await measured(() =>
                check("ansible-playbook", play, { env: env(settings), cwd: directory }),
            );
            const fine = output.match(/ok=\d+ +changed=0 +unreachable=0 +failed=0 /g)?.length ?? 0;
            if (fine !== count) {
                throw new Error(`Ansible found ${fine} of ${count} hosts in sync:\n${output}`);
            }
            return sample;
        },
        close: async () => {
            for (const settings of ["tuned", "defaults"]) {
                await closeMasters(path(settings));
            }
        },
    };
}

async function closeMasters(directory: string): Promise<void> {
    const script = 'for socket in "$1"/*; do [ ! -S "$socket" ] || ssh -o ControlPath="$socket" -O exit none; done';
    await check("sh", ["-c", script, "sh", directory]);
}
