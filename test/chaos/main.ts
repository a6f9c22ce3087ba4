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
import { subjectOf, upKind } from "./cluster";
import { dump } from "./dump";
import { KINDS, planRounds, type Kind } from "./plan";
import { carryOutRound, settle, undo, type Result } from "./round";
import { inWords, summary } from "./words";

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
    const engine = await createEngine({ onProgress: say });
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
        const left = await undo(subject).catch((error: unknown) => [String(error)]);
        say(summary(kind, seed, results, left));
        return left.length === 0 && results.every(({ broken }) => broken.length === 0);
    } finally {
        engine.close();
        if (!options.keep) {
            await sandbox.down();
        }
    }
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
