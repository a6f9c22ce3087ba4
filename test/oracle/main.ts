/**
 * Compares with the API server's own code at length:
 *
 *     npm run test:oracle -- [--policies N] [--pairs N] [--seed N] [--kubernetes 30,34,36]
 *
 * or with a real kube-apiserver, which is started once for every policy:
 *
 *     npm run test:oracle -- --binary [--policies 250] [--seed N]
 *
 * Needs Go, and its module proxy for the first run. Ends with 1 when something differs.
 */
import { parseArgs } from "node:util";
import { compareWithBinary } from "./binary";
import { usualMinors } from "./program";
import { run, type Figures } from "./run";

const secondsBetweenReports = 15;

async function main(): Promise<void> {
    const { values } = parseArgs({
        options: {
            binary: { type: "boolean", default: false },
            policies: { type: "string" },
            pairs: { type: "string", default: "200000" },
            seed: { type: "string", default: "1" },
            kubernetes: { type: "string", default: usualMinors.join(",") },
        },
    });
    const seed = Number(values.seed);
    const differences = values.binary
        ? await askBinary(Number(values.policies ?? 250), seed)
        : await askPackages(
              values.kubernetes.split(",").map(Number),
              Number(values.policies ?? 20_000),
              Number(values.pairs),
              seed,
          );
    process.exitCode = differences > 0 ? 1 : 0;
}

async function askPackages(minors: readonly number[], policies: number, pairs: number, seed: number): Promise<number> {
    const started = Date.now();
    let reported = started;
    const onProgress = (soFar: Figures) => {
        if (Date.now() - reported > secondsBetweenReports * 1000) {
            reported = Date.now();
            console.error(inWords(soFar));
        }
    };
    const figures = await run({ minors, policies, pairs, seed, onProgress });
    for (const difference of figures.firstDifferences) {
        console.log(difference);
    }
    console.log(`Kubernetes 1.{${minors.join()}}, seed ${seed}, ${seconds(started)} s: ${inWords(figures)}`);
    return figures.differences;
}

async function askBinary(policies: number, seed: number): Promise<number> {
    const started = Date.now();
    const { accepted, refused, refusals, differences } = await compareWithBinary(policies, seed, console.error);
    for (const difference of differences) {
        console.log(difference);
    }
    console.log(
        `kube-apiserver, seed ${seed}, ${seconds(started)} s: ${accepted} policies accepted, ${refused} refused in ` +
            `${refusals} kinds of words: ${differences.length} differences`,
    );
    return differences.length;
}

function inWords(figures: Figures): string {
    const { policies, accepted, refused, logged, otherWords, pairs, resolved, differences } = figures;
    return (
        `${policies} policies (${accepted} accepted, ${refused} refused, ${otherWords} of them in words not compared; ` +
        `${logged} with something logged), ${pairs} pairs, ${resolved} raw requests: ${differences} differences`
    );
}

function seconds(since: number): number {
    return Math.round((Date.now() - since) / 1000);
}

void main();
