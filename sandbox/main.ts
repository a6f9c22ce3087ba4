/** `npm run sandbox`: real control planes to play with. */
import { spawn } from "node:child_process";
import { parseArgs } from "node:util";
import { upCluster } from "./cluster";
import { installPackages } from "./debian";
import { stopDocker } from "./docker";
import { onPath } from "./process";
import { downSandbox, openSandbox, upSandbox } from "./sandbox";
import { knownHostsPath, sandboxNames } from "./state";

const HELP = `Disposable Kubernetes control planes in Docker, made by the real kubeadm.

    npm run sandbox -- up [--nodes N] [--systemd] [--default-grace] [--light-hosts N]
    npm run sandbox -- up --ha [--nodes N] [--default-grace]
    npm run sandbox -- ssh NODE [COMMAND…]
    npm run sandbox -- kubectl ARGUMENT…
    npm run sandbox -- list
    npm run sandbox -- down [--docker]

up         Makes N control planes (1), named cp-1, cp-2 …, each a cluster of its own. What is there already stays.
           --default-grace   leaves the API server the 30 s to end that kubeadm gives it; a restart takes 40 s, not 10
           --systemd         hosts whose API server and etcd are systemd units; no kubelet, so no pods
           --ha              one cluster of N nodes (3) with an etcd member each, behind a load balancer, and a bastion
           --light-hosts N   also N hosts that run sshd only, named light-1 …
ssh        Logs in to a node as ops, who has sudo without a password, or runs a command there.
kubectl    Runs kubectl as the cluster's administrator, on cp-1.
list       Names the sandboxes that there are.
down       Removes everything that belongs to the sandbox.
           --docker          also ends the Docker daemon, if the sandbox started it

Before the verb:
    --name NAME   another sandbox than "default"
    --node NODE   another node for kubectl
    --user USER   another user for ssh: root, or nosudo who may do nothing

Keys, passwords and programs are kept in ~/.cache/kube-apiserver-audit, or in $KUBE_APISERVER_AUDIT_CACHE.
Exit codes: 0 done; 1 failed; 2 wrong usage; for ssh and kubectl, theirs.
`;

class UsageError extends Error {}

interface Selection {
    readonly name: string;
    readonly node: string;
    readonly user: string;
}

async function main(args: readonly string[]): Promise<number> {
    const { selection, verb, rest } = split(args);
    switch (verb) {
        case "up":
            return up(selection, rest);
        case "ssh":
            return ssh(selection, rest);
        case "kubectl":
            return kubectl(selection, rest);
        case "list":
            process.stdout.write(
                sandboxNames()
                    .map((name) => `${name}\n`)
                    .join(""),
            );
            return 0;
        case "down":
            return down(selection, rest);
        case "help":
            process.stdout.write(HELP);
            return 0;
        default:
            throw new UsageError(verb === undefined ? "What should be done?" : `There is no "${verb}".`);
    }
}

async function up(selection: Selection, args: string[]): Promise<number> {
    const { values } = options(args, {
        name: { type: "string", default: selection.name },
        nodes: { type: "string" },
        ha: { type: "boolean", default: false },
        "light-hosts": { type: "string", default: "0" },
        "default-grace": { type: "boolean", default: false },
        systemd: { type: "boolean", default: false },
    });
    const started = Date.now();
    const common = {
        name: String(values.name),
        nodes: count("--nodes", values.nodes ?? (values.ha === true ? "3" : "1"), 1, 20),
        defaultGrace: values["default-grace"] === true,
        onProgress: (line: string) => process.stderr.write(`${line}\n`),
    };
    const sandbox = await (values.ha === true
        ? upCluster(common)
        : upSandbox({
              ...common,
              lightHosts: count("--light-hosts", values["light-hosts"], 0, 100),
              flavour: values.systemd === true ? "systemd" : "kubeadm",
          }));
    process.stderr.write(`Ready: ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
    for (const host of [...sandbox.nodes, ...sandbox.lightHosts]) {
        process.stdout.write(`${host.name}\t${host.users.admin}@${host.address}\t${host.hostKey}\n`);
    }
    process.stderr.write(`Private key: ${sandbox.privateKeyPath}\n`);
    return 0;
}

async function ssh({ name, user }: Selection, [node, ...command]: string[]): Promise<number> {
    if (node === undefined) {
        throw new UsageError("Which node? For example: ssh cp-1");
    }
    const sandbox = await openSandbox(name);
    const host = [...sandbox.nodes, ...sandbox.lightHosts].find((candidate) => candidate.name === node);
    if (host === undefined) {
        throw new UsageError(`The sandbox "${name}" has no "${node}".`);
    }
    if (!(await onPath("ssh"))) {
        await installPackages(["openssh-client"]);
    }
    const trust = ["-o", "StrictHostKeyChecking=yes", "-o", `UserKnownHostsFile=${knownHostsPath(name)}`];
    const login = ["-i", sandbox.privateKeyPath, "-o", "IdentitiesOnly=yes", "-l", user, host.address];
    return handOver("ssh", [...trust, ...login, ...command]);
}

async function kubectl({ name, node }: Selection, args: string[]): Promise<number> {
    const host = (await openSandbox(name)).nodes.find((candidate) => candidate.name === node);
    if (host === undefined) {
        throw new UsageError(`The sandbox "${name}" has no control plane "${node}".`);
    }
    const terminal = process.stdin.isTTY && process.stdout.isTTY ? ["-t"] : [];
    const inside = ["kubectl", "--kubeconfig", "/etc/kubernetes/admin.conf", ...args];
    return handOver("docker", ["exec", "-i", ...terminal, host.containerName, ...inside]);
}

async function down(selection: Selection, args: string[]): Promise<number> {
    const { values } = options(args, {
        name: { type: "string", default: selection.name },
        docker: { type: "boolean", default: false },
    });
    await downSandbox(String(values.name));
    if (values.docker === true && !(await stopDocker())) {
        process.stderr.write("The Docker daemon was not started by the sandbox; it was left alone.\n");
    }
    return 0;
}

/** Takes the options that stand before the verb; what stands after it belongs to the verb. */
function split(args: readonly string[]): { selection: Selection; verb: string | undefined; rest: string[] } {
    const selection: Record<string, string> = { name: "default", node: "cp-1", user: "ops" };
    const rest = [...args];
    for (let option = rest[0]; option?.startsWith("-") === true; option = rest[0]) {
        rest.shift();
        if (option === "--help" || option === "-h") {
            return { selection: selection as unknown as Selection, verb: "help", rest: [] };
        }
        const [key = "", given] = option.slice(2).split("=", 2);
        const value = given ?? rest.shift();
        if (!(key in selection) || value === undefined) {
            throw new UsageError(`${option}: before the verb there are --name, --node and --user, each with a value.`);
        }
        selection[key] = value;
    }
    return { selection: selection as unknown as Selection, verb: rest.shift(), rest };
}

function options(args: string[], known: NonNullable<Parameters<typeof parseArgs>[0]>["options"]) {
    try {
        return parseArgs({ args, options: known ?? {} });
    } catch (error) {
        throw new UsageError(error instanceof Error ? error.message : String(error));
    }
}

function count(option: string, value: unknown, least: number, most: number): number {
    const n = Number(value);
    if (!Number.isInteger(n) || n < least || n > most) {
        throw new UsageError(`${option} ${String(value)}: a whole number from ${least} to ${most} is needed.`);
    }
    return n;
}

function handOver(program: string, args: readonly string[]): Promise<number> {
    return new Promise((resolve, reject) => {
        const child = spawn(program, args, { stdio: "inherit" });
        child.on("error", reject);
        child.on("close", (code) => {
            resolve(code ?? 1);
        });
    });
}

main(process.argv.slice(2)).then(
    (code) => {
        process.exitCode = code;
    },
    (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
        if (error instanceof UsageError) {
            process.stderr.write("\nnpm run sandbox -- --help says more.\n");
        }
        process.exitCode = error instanceof UsageError ? 2 : 1;
    },
);
