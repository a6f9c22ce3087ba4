/**
 * `npm run chaos`: updates that are disturbed, and what has to hold after each.
 *
 *     npm run chaos -- [--cluster node|ha|systemd] [--rounds 100] [--seed 1] [--first 1] [--name chaos] [--keep]
 *
 * The rounds follow from the seed, apart from how fast things go. One round again: `--seed` and `--first` as it was printed, and
 * `--rounds 1`. Ends with 1 when something that has to hold does not, after a dump of what was found there.
 */
import { parseArgs } from "node:util";
import { createEngine } from "../../sandbox";
import { subjectOf, upKind, type Subject } from "./cluster";
import { dump } from "./dump";
import { faultWords, KINDS, planRounds, type Kind } from "./plan";
import { carryOutRound, settle, type Result } from "./round";
import { OFF } from "./settings";
import { findTraces, originalOf } from "./traces";

const say = (line: string): void => {
    console.log(line);
};

interface Options {
    readonly kind: Kind;
    readonly rounds: number;
    readonly seed: number;
    readonly first: number;
    readonly name: string;
    readonly keep: boolean;
}

async function main(options: Options): Promise<boolean> {
    const { kind, seed, first } = options;
    const sandbox = await upKind(kind, options.name, say);
    const engine = await createEngine({ project: "chaos", onProgress: say });
    try {
        const subject = await subjectOf(kind, sandbox, sandbox.nodes, engine);
        const rounds = planRounds(seed, kind, first, options.rounds);
        if (first > 1) {
            await settle(subject, rounds[0]!.before);
        }
        const results: Result[] = [];
        for (const round of rounds) {
            const result = await carryOutRound(subject, round);
            results.push(result);
            say(inWords(result));
            if (result.broken.length > 0) {
                say(result.broken.join("\n"));
                say(await dump(subject.nodes, result));
            }
        }
        const left = await undo(subject);
        say(summary(options, results, left));
        return left.length === 0 && results.every(({ broken }) => broken.length === 0);
    } finally {
        engine.close();
        if (!options.keep) {
            await sandbox.down();
        }
    }
}

/** Turns audit logging off everywhere, and says what is not as it was before the first round. */
async function undo(subject: Subject): Promise<string[]> {
    const { kind, nodes, originals } = subject;
    await settle(subject, { ...OFF, hosts: nodes.map((_, place) => place) });
    await settle(subject, OFF);
    const now = await Promise.all(nodes.map(originalOf));
    return nodes.flatMap(({ name }, place) =>
        findTraces(kind === "ha" ? "node" : kind, place, OFF, originals[place]!, now[place]!).map(
            (trace) => `${name}: ${trace}`,
        ),
    );
}

function inWords({ round, happened, disturbed, events, healthyAfter, seconds, broken }: Result): string {
    const faults = happened.map(({ fault, words }) => `${faultWords(fault)} (${words ?? "too late"})`);
    const outcome = disturbed === undefined ? "did not end" : disturbed.ok ? "succeeded" : "failed";
    return (
        `Round ${round.number}: ${round.change.words}; ${faults.join("; ")}: the update ${outcome}; healthy after ` +
        `${healthyAfter.toFixed(1)} s; ${events.expected} events, ${events.dropped.length} dropped, ` +
        `${events.lost.length} lost; ${seconds.toFixed(0)} s${broken.length > 0 ? "; BROKEN" : ""}`
    );
}

function summary({ kind, seed }: Options, results: readonly Result[], left: readonly string[]): string {
    const total = (count: (result: Result) => number) => results.reduce((sum, result) => sum + count(result), 0);
    const faults = results.flatMap(({ happened }) => happened.filter(({ words }) => words !== undefined));
    const victims = new Map<string, number>();
    faults.forEach(({ fault }) => victims.set(fault.victim, (victims.get(fault.victim) ?? 0) + 1));
    return [
        `${results.length} rounds on ${kind}, seed ${seed}: ${faults.length} faults (${[...victims].map(([victim, count]) => `${victim} ${count}`).join(", ")}), ` +
            `${total(({ disturbed }) => (disturbed?.ok === true ? 0 : 1))} updates failed`,
        `Slowest to be healthy: ${Math.max(...results.map(({ healthyAfter }) => healthyAfter)).toFixed(1)} s`,
        `Events: ${total(({ events }) => events.expected)} expected, ${total(({ events }) => events.dropped.length)} dropped with a batch, ` +
            `${total(({ events }) => events.lost.length)} lost`,
        `Broken rounds: ${
            results
                .filter(({ broken }) => broken.length > 0)
                .map(({ round }) => round.number)
                .join(", ") || "none"
        }`,
        ...(left.length > 0 ? ["In the end not as it was:", ...left] : ["In the end everything is as it was."]),
    ].join("\n");
}

const { values } = parseArgs({
    options: {
        cluster: { type: "string", default: "node" },
        rounds: { type: "string", default: "100" },
        seed: { type: "string", default: "1" },
        first: { type: "string", default: "1" },
        name: { type: "string", default: "chaos" },
        keep: { type: "boolean", default: false },
    },
});
if (!(values.cluster in KINDS)) {
    console.error(`--cluster is ${values.cluster}; give ${Object.keys(KINDS).join(", ")}.`);
    process.exit(2);
}
main({
    kind: values.cluster as Kind,
    rounds: Number(values.rounds),
    seed: Number(values.seed),
    first: Number(values.first),
    name: values.name,
    keep: values.keep,
}).then(
    (holds) => {
        process.exitCode = holds ? 0 : 1;
    },
    (error: unknown) => {
        console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
        process.exitCode = 1;
    },
);
