import { setTimeout as sleep } from "node:timers/promises";
import type { SandboxNode } from "../../sandbox";
import { check } from "../../sandbox/process";
import type { Subject } from "./cluster";
import { ROUND_WITHIN_SECONDS, STEPS, type Fault, type Step, type Victim } from "./plan";

/** A fault that has happened, or not. */
export interface Happened {
    readonly fault: Fault;
    /** What was done; undefined where the update was over before. */
    readonly words: string | undefined;
}

/** Shell that says what it has done. Everything is as before when it ends. */
type Shell = (seconds: number) => string;

/** Kills processes and says which. */
const kill = (find: string) =>
    `victims=$(${find} | tr '\\n' ' '); [ -z "$victims" ] || kill -9 $victims; echo "killed \${victims:-nobody}"`;

const killUnit = (unit: string) => `systemctl kill --signal=KILL ${unit} && echo "killed ${unit}"`;

/** Packets of other machines; those of the node to itself are left alone. */
const cut = (target: string, seconds: number) => {
    const rules = (action: string) =>
        `iptables -w ${action} INPUT -i eth0 ${target}; iptables -w ${action} OUTPUT -o eth0 ${target}`;
    return `${rules("-I")}; sleep ${seconds}; ${rules("-D")}; echo "cut for ${seconds} s"`;
};

const SHELL: Readonly<Record<Exclude<Victim, "engine">, Shell>> = {
    runner: () => `
        victims=
        for directory in /run/kube-apiserver-audit/transaction.*; do
            ! { read -r _ && read -r pid _; } 2>/dev/null <"$directory/started" || [ -e "$directory/exit" ] || victims="$victims -$pid"
        done
        if [ -n "$victims" ] && kill -9 -- $victims 2>/dev/null; then echo "killed the group$victims"; else echo "killed nobody"; fi`,
    "runner and recovery": () => `
        unit=$(systemctl list-units --plain --no-legend 'kube-apiserver-audit-*' | cut -d ' ' -f 1 | head -n 1)
        for _ in 1 2 3; do
            [ -z "$unit" ] || systemctl kill --signal=KILL "$unit" 2>/dev/null || break
            sleep 0.3
        done
        echo "killed all of \${unit:-nobody}"`,
    session: () => kill("pgrep -f '^sshd: ops'"),
    sshd: () => killUnit("ssh"),
    kubelet: () => killUnit("kubelet"),
    "kubelet for a while": (seconds) =>
        `systemctl stop kubelet; sleep ${seconds}; systemctl start kubelet; echo "stopped for ${seconds} s"`,
    containerd: () => killUnit("containerd"),
    "API server": () => kill("pgrep -x kube-apiserver"),
    etcd: () => killUnit("etcd"),
    "etcd for a while": (seconds) =>
        `pkill -STOP -x etcd; sleep ${seconds}; pkill -CONT -x etcd; echo "stopped for ${seconds} s"`,
    network: (seconds) => cut("-j DROP", seconds),
    connections: (seconds) => cut("-p tcp -j REJECT --reject-with tcp-reset", seconds),
};

/**
 * Waits for a fault's moment and carries it out.
 *
 * @param over - is aborted when the update has ended
 */
export async function carryOut(fault: Fault, subject: Subject, over: AbortSignal): Promise<Happened> {
    const node = subject.nodes[fault.node]!;
    const words = (await isTime(fault, node, subject.updateSeconds, over))
        ? await strike(fault, node, subject)
        : undefined;
    return { fault, words };
}

async function strike(fault: Fault, node: SandboxNode, subject: Subject): Promise<string> {
    return fault.victim === "engine"
        ? killEngine(subject)
        : (await node.check(SHELL[fault.victim](fault.seconds))).trim();
}

/** False where the update was over first. */
async function isTime(
    { moment }: Fault,
    node: SandboxNode,
    updateSeconds: number,
    over: AbortSignal,
): Promise<boolean> {
    if ("fraction" in moment) {
        await sleep(moment.fraction * updateSeconds * 1000, undefined, { signal: over }).catch(() => undefined);
        return !over.aborted;
    }
    const file = `/run/chaos-${moment.step}.wait`;
    const end = () => void node.exec(`rm -f ${file}`);
    over.addEventListener("abort", end);
    const waited = await node.check(awaitStep(moment.step, file), { timeoutSeconds: ROUND_WITHIN_SECONDS });
    over.removeEventListener("abort", end);
    return waited === "reached\n";
}

/** Shell: waits for a transaction on the host to reach a step, or one after it, while there is the file. */
function awaitStep(step: Step, file: string): string {
    const steps = STEPS.slice(STEPS.indexOf(step)).join(" | ");
    return `touch ${file}
while [ -e ${file} ]; do
    for step in /run/kube-apiserver-audit/transaction.*/step; do
        at=
        read -r at 2>/dev/null <"$step" || continue
        case $at in ${steps})
            rm -f ${file}
            echo reached
            exit
            ;;
        esac
    done
    sleep 0.05
done`;
}

/** Kills the engine of a stack and its plugins, not the program; says which. */
export async function killEngine({ stack }: Subject): Promise<string> {
    const program = stack.processId;
    const list = await check("ps", ["-A", "-o", "pid=,ppid=,args="]);
    const processes = list
        .split("\n")
        .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
        .filter((match) => match !== null)
        .map(([, pid, parent, args]) => ({ pid: Number(pid), parent: Number(parent), args: args! }));
    const [engine] = processes.filter(({ parent, args }) => parent === program && args.includes(stack.name));
    if (engine === undefined) {
        return "killed nobody";
    }
    const family = [engine.pid];
    for (const pid of family) {
        family.push(...processes.filter(({ parent }) => parent === pid).map((child) => child.pid));
    }
    family.forEach((pid) => process.kill(pid, "SIGKILL"));
    return `killed ${family.join(" ")}`;
}
