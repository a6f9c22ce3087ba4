/** `npm run recordings`: records real audit logs of a real API server, and proves the commands that read them. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { record } from "./record";
import { RecordingDirectory } from "./recording";
import { keepSample } from "./sample";

const HELP = `Records the audit log of a real API server that is driven at a constant rate, and checks kube-audit with it.

    npm run recordings -- record  [--minutes 60] [--rate 10] [--seed 1] [--max-size 8] [--max-backup 20]
    npm run recordings -- again   [--minutes 4]
    npm run recordings -- filters | replay | compare | predict
    npm run recordings -- check
    npm run recordings -- sample

record    Turns auditing on in a sandbox, with policies/a.yaml, and drives it: with a sequence of requests that follows from
          the seed, with kubectl, and with what a cluster does by itself. Keeps the log, whole, in DIRECTORY/a. The sandbox
          is made where there is none, and stays.
again     Drives the beginning of the same sequence on the same sandbox, with policies/b.yaml, into DIRECTORY/b.
filters   Every filter of kube-audit logs, against jq, on DIRECTORY/a.
replay    Replays DIRECTORY/a with the policy that recorded it: each event, and no other, with its level.
compare   Replays DIRECTORY/a with policies/b.yaml: as many events of each kind as there are in DIRECTORY/b.
predict   Bytes a day and retention, from the first sixth of DIRECTORY/a, against the whole of it.
check     The last four.
sample    Keeps a round of both recordings, without long events, as the unit tests' fixture.

Options:
    --directory DIRECTORY   outside of the checkout; default: /tmp/recordings
    --sandbox NAME          default: recordings

An hour at 10 requests a second is more than 1 GB, and takes a third of a core. The checks need jq and npm run build. Exit codes: 0
done, and everything holds; 1 something does not; 2 wrong usage.
`;

type Check = (directory: string) => Promise<boolean>;

const CHECKS: Readonly<Record<string, () => Promise<{ check: Check }>>> = {
    filters: () => import("./filters"),
    replay: () => import("./replay"),
    compare: () => import("./compare"),
    predict: () => import("./predict"),
};

async function main(): Promise<number> {
    const { values, positionals } = parseArgs({
        allowPositionals: true,
        options: {
            minutes: { type: "string" },
            rate: { type: "string", default: "10" },
            seed: { type: "string", default: "1" },
            "max-size": { type: "string", default: "8" },
            "max-backup": { type: "string", default: "20" },
            directory: { type: "string", default: "/tmp/recordings" },
            sandbox: { type: "string", default: "recordings" },
            help: { type: "boolean", short: "h", default: false },
        },
    });
    const [verb = ""] = positionals;
    const { directory, sandbox } = values;
    const common = {
        sandbox,
        rate: Number(values.rate),
        seed: Number(values.seed),
        maxSize: Number(values["max-size"]),
        maxBackup: Number(values["max-backup"]),
        progress: (line: string) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`),
    };
    if (values.help || positionals.length !== 1) {
        process.stdout.write(HELP);
        return values.help ? 0 : 2;
    }
    switch (verb) {
        case "record":
            await recordWith("a", { ...common, minutes: Number(values.minutes ?? "60") }, directory);
            return 0;
        case "again": {
            const { seed, rate, maxSize, maxBackup } = new RecordingDirectory(join(directory, "a")).readFacts();
            const same = { ...common, seed, rate, maxSize, maxBackup };
            await recordWith("b", { ...same, minutes: Number(values.minutes ?? "4") }, directory);
            return 0;
        }
        case "sample":
            keepSample(directory);
            return 0;
        case "check":
            return runChecks(Object.keys(CHECKS), directory);
        default:
            if (!(verb in CHECKS)) {
                process.stderr.write(`There is no "${verb}".\n\n${HELP}`);
                return 2;
            }
            return runChecks([verb], directory);
    }
}

async function recordWith(
    name: "a" | "b",
    options: Omit<Parameters<typeof record>[0], "directory" | "policyFile">,
    directory: string,
): Promise<void> {
    const policyFile = join(__dirname, "policies", `${name}.yaml`);
    const { count, latest } = await record({ ...options, policyFile, directory: join(directory, name) });
    options.progress(`${count} requests, the latest ${Math.round(latest)} ms late`);
}

async function runChecks(names: readonly string[], directory: string): Promise<number> {
    let holds = true;
    for (const name of names) {
        console.log(`\n${name}`);
        const { check } = await CHECKS[name]!();
        holds = (await check(directory)) && holds;
    }
    return holds ? 0 : 1;
}

main().then(
    (code) => {
        process.exitCode = code;
    },
    (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
        process.exitCode = 1;
    },
);
