/** `npm run bench:rollout`: what an update of real control-plane nodes takes beyond the restarts of their API servers. */
import { parseArgs } from "node:util";
import type { EngineEvent, Stack } from "@pulumi/pulumi/automation";
import { ApiServerAudit, type HostReport } from "kube-apiserver-audit";
import { createEngine, upCluster, type Cluster, type SandboxNode } from "../sandbox";
import { load, median, table, verdict } from "./measure";

const BOUND_SECONDS = 2;

/**
 * Puts a manifest with another flag in the place of the old one, and waits as the transaction does: until another process
 * is ready. The next call undoes it. It prints hundredths of a second.
 */
const RESTART_BY_HAND = String.raw`
set -eu
manifest=/etc/kubernetes/manifests/kube-apiserver.yaml
new=/etc/kubernetes/manifests/.by-hand
now() { awk '{ print int($1 * 100) }' /proc/uptime; }
old=$(pgrep -x kube-apiserver)
if grep -q -- '- --v=1$' "$manifest"; then
    sed '/- --v=1$/d' "$manifest" >"$new"
else
    sed 's/^\( *\)- kube-apiserver$/&\n\1- --v=1/' "$manifest" >"$new"
fi
sync "$new"
start=$(now)
mv -f "$new" "$manifest"
until found=$(pgrep -x kube-apiserver) && [ "$found" != "$old" ] &&
    kubectl --kubeconfig=/etc/kubernetes/admin.conf --request-timeout=5s get --raw /readyz >/dev/null 2>&1; do
    sleep 0.3
done
echo $(($(now) - start))
`;

/** What an update does on one host, in seconds. */
interface HostStep {
    readonly host: string;
    /** The transaction: from the engine's announcement of that step to its result. */
    readonly step: number;
    /** The kubelet's part of it: from the manifest's replacement until the new process is ready. */
    readonly restart: number;
}

/** One update that changes the policy. */
interface Update {
    /** All of `pulumi up` in seconds, with the engine's start, the reading of the hosts and kubeadm's configuration. */
    readonly up: number;
    readonly hosts: readonly HostStep[];
}

const say = (line: string): void => {
    console.log(line);
};

async function main(count: number, rounds: number): Promise<void> {
    const cluster = await upCluster({ name: "bench", nodes: count, onProgress: say });
    const engine = await createEngine({ project: "bench", onProgress: say });
    try {
        let level: "Metadata" | "Request" = "Metadata";
        const stack = await engine.stack("rollout", () => Promise.resolve(audit(cluster, level)));
        await update(stack); // Turns audit logging on; what is measured is a change.
        say(`Load of this machine before the rounds: ${load()}`);
        const byHand: number[] = [];
        const updates: Update[] = [];
        const inSync: number[] = [];
        for (let round = 1; round <= rounds; round++) {
            for (const node of cluster.nodes) {
                byHand.push(await restartByHand(node), await restartByHand(node));
            }
            level = level === "Metadata" ? "Request" : "Metadata";
            updates.push(await update(stack));
            inSync.push((await timed(() => stack.up())).seconds);
            say(`Round ${round} of ${rounds} is over.`);
        }
        report(byHand, updates, inSync);
        await stack.destroy();
    } finally {
        engine.close();
        await cluster.down();
    }
}

/** A policy with an event for the proof, so that the proof is part of the update. */
function audit({ credentials, nodes }: Cluster, level: "Metadata" | "Request") {
    const { reports } = new ApiServerAudit("audit", {
        hosts: nodes.map(({ name, address, hostKey }) => ({ name, host: address, hostKey })),
        connection: { user: nodes[0]!.users.admin, privateKey: credentials.privateKey },
        policy: { omitStages: ["RequestReceived"], rules: [{ level }] },
    });
    return { reports };
}

async function update(stack: Stack): Promise<Update> {
    const began = new Map<string, number>();
    const ended = new Map<string, number>();
    const onEvent = ({ resourcePreEvent, resOutputsEvent }: EngineEvent): void => {
        if (resourcePreEvent !== undefined) {
            began.set(nameOf(resourcePreEvent.metadata.urn), performance.now());
        } else if (resOutputsEvent !== undefined) {
            ended.set(nameOf(resOutputsEvent.metadata.urn), performance.now());
        }
    };
    const { seconds, result } = await timed(() => stack.up({ onEvent }));
    const reports = result.outputs.reports!.value as HostReport[];
    const hosts = reports.map(({ host, restarted, seconds: { renameToReady } }) => {
        const step = `audit-${host}-apply`;
        if (!restarted) {
            throw new Error(`${host}: the API server was not restarted:\n${JSON.stringify(reports, undefined, 4)}`);
        }
        return { host, step: (ended.get(step)! - began.get(step)!) / 1000, restart: renameToReady! };
    });
    return { up: seconds, hosts };
}

function nameOf(urn: string): string {
    return urn.slice(urn.lastIndexOf("::") + 2);
}

async function restartByHand(node: SandboxNode): Promise<number> {
    const hundredths = Number(await node.check(RESTART_BY_HAND));
    await node.waitHealthy();
    return hundredths / 100;
}

async function timed<T>(work: () => Promise<T>): Promise<{ seconds: number; result: T }> {
    const before = performance.now();
    const result = await work();
    return { seconds: (performance.now() - before) / 1000, result };
}

function report(byHand: readonly number[], updates: readonly Update[], inSync: readonly number[]): void {
    const row = (label: string, values: readonly number[]) => [
        label,
        median(values).toFixed(2),
        Math.min(...values).toFixed(2),
        Math.max(...values).toFixed(2),
    ];
    const steps = updates.flatMap(({ hosts }) => hosts);
    const names = updates[0]!.hosts.map(({ host }) => host);
    const overheadOf = (host: string) =>
        steps.filter((each) => each.host === host).map(({ step, restart }) => step - restart);
    const beyondRestarts = updates.map(({ up, hosts }) => up - hosts.reduce((sum, { restart }) => sum + restart, 0));
    const rows = [
        ["seconds", "median", "least", "most"],
        row("restart by hand: manifest replaced, to ready", byHand),
        row(
            "restart in an update: the same",
            steps.map(({ restart }) => restart),
        ),
        row(
            "an update's step on a host",
            steps.map(({ step }) => step),
        ),
        row(
            "all of pulumi up",
            updates.map(({ up }) => up),
        ),
        row("pulumi up with nothing to do", inSync),
        ...names.map((host) => row(`overhead of the step on ${host}: beyond its restart`, overheadOf(host))),
        row("overhead of pulumi up: beyond all restarts", beyondRestarts),
    ];
    say(`
${updates.length} updates of ${names.length} control-plane nodes on this machine, two policies in turn. Load of this machine after them: ${load()}

${table(rows)}
`);
    for (const host of names) {
        say(verdict(`Overhead of the step on ${host}`, median(overheadOf(host)), "at most", BOUND_SECONDS, " s"));
    }
    say(
        `A step beside a restart by hand: ${(median(steps.map(({ step }) => step)) / median(byHand)).toFixed(2)} times`,
    );
}

const { values } = parseArgs({
    options: { nodes: { type: "string", default: "3" }, rounds: { type: "string", default: "5" } },
});
main(Number(values.nodes), Number(values.rounds)).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
});
