/** `npm run bench:rollout`: what an update of a real control plane takes beyond the restart of its API server. */
import { parseArgs } from "node:util";
import type { EngineEvent, Stack } from "@pulumi/pulumi/automation";
import { ApiServerAudit, type HostReport } from "kube-apiserver-audit";
import { createEngine, upSandbox, type Sandbox, type SandboxNode } from "../sandbox";
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

/** One update that changes the policy, in seconds. */
interface Update {
    /** All of `pulumi up`, with the engine's start and the reading of the host. */
    readonly up: number;
    /** The transaction: from the engine's announcement of that step to its result. */
    readonly step: number;
    /** The kubelet's part of it: from the manifest's replacement until the new process is ready. */
    readonly restart: number;
}

const say = (line: string): void => {
    console.log(line);
};

async function main(rounds: number): Promise<void> {
    const sandbox = await upSandbox({ name: "bench", onProgress: say });
    const engine = await createEngine({ project: "bench", onProgress: say });
    try {
        const node = sandbox.nodes[0]!;
        let level: "Metadata" | "Request" = "Metadata";
        const stack = await engine.stack("rollout", () => Promise.resolve(audit(sandbox, node, level)));
        await update(stack); // Turns audit logging on; what is measured is a change.
        say(`Load of this machine before the rounds: ${load()}`);
        const byHand: number[] = [];
        const updates: Update[] = [];
        const inSync: number[] = [];
        for (let round = 1; round <= rounds; round++) {
            byHand.push(await restartByHand(node), await restartByHand(node));
            level = level === "Metadata" ? "Request" : "Metadata";
            updates.push(await update(stack));
            inSync.push((await timed(() => stack.up())).seconds);
            say(`Round ${round} of ${rounds} is over.`);
        }
        report(byHand, updates, inSync);
        await stack.destroy();
    } finally {
        engine.close();
        await sandbox.down();
    }
}

/** A policy with an event for the proof, so that the proof is part of the update. */
function audit({ credentials }: Sandbox, node: SandboxNode, level: "Metadata" | "Request") {
    const { reports } = new ApiServerAudit("audit", {
        hosts: [{ name: node.name, host: node.address, hostKey: node.hostKey }],
        connection: { user: node.users.admin, privateKey: credentials.privateKey },
        policy: { omitStages: ["RequestReceived"], rules: [{ level }] },
    });
    return { reports };
}

async function update(stack: Stack): Promise<Update> {
    let began = 0;
    let ended = 0;
    const onEvent = ({ resourcePreEvent, resOutputsEvent }: EngineEvent): void => {
        if (resourcePreEvent?.metadata.urn.endsWith("-apply") === true) {
            began = performance.now();
        } else if (resOutputsEvent?.metadata.urn.endsWith("-apply") === true) {
            ended = performance.now();
        }
    };
    const { seconds, result } = await timed(() => stack.up({ onEvent }));
    const [report] = result.outputs.reports!.value as HostReport[];
    if (!report!.restarted) {
        throw new Error(`The API server was not restarted:\n${JSON.stringify(report, undefined, 4)}`);
    }
    return { up: seconds, step: (ended - began) / 1000, restart: report!.seconds.renameToReady! };
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
    const step = updates.map(({ step, restart }) => step - restart);
    const up = updates.map(({ up, restart }) => up - restart);
    const rows = [
        ["seconds", "median", "least", "most"],
        row("restart by hand: manifest replaced, to ready", byHand),
        row(
            "restart in an update: the same",
            updates.map(({ restart }) => restart),
        ),
        row(
            "the update's step on the host",
            updates.map(({ step }) => step),
        ),
        row(
            "all of pulumi up",
            updates.map(({ up }) => up),
        ),
        row("pulumi up with nothing to do", inSync),
        row("overhead of the step: beyond its restart", step),
        row("overhead of pulumi up: beyond its restart", up),
    ];
    say(`
${updates.length} updates of one control plane on this machine, two policies in turn. Load of this machine after them: ${load()}

${table(rows)}
`);
    say(verdict("Overhead per host, step", median(step), "at most", BOUND_SECONDS, " s"));
    say(
        `An update beside a restart by hand: ${(median(updates.map(({ step }) => step)) / median(byHand)).toFixed(2)} times`,
    );
}

const { values } = parseArgs({ options: { rounds: { type: "string", default: "5" } } });
main(Number(values.rounds)).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
});
