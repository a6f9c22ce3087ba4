import { setTimeout as sleep } from "node:timers/promises";
import type { SandboxNode } from "../../sandbox";
import type { Outcome } from "../clusters/auditStack";
import { awaitIdle } from "../e2e/controlPlane";
import { recordedEvents, startWitness, type Witness } from "./clients";
import { tracesOf, type Subject } from "./cluster";
import { carryOut, killEngine, type Happened } from "./faults";
import { findLost, settlingMs, type Verdict } from "./lost";
import type { Round } from "./plan";
import { OFF, type Settings } from "./settings";

/** How a round went. */
export interface Result {
    readonly round: Round;
    readonly happened: readonly Happened[];
    /** The update that was disturbed; undefined where it had to be ended. */
    readonly disturbed: Outcome | undefined;
    readonly events: Verdict;
    /** Seconds until every API server was healthy after the disturbed update. */
    readonly healthyAfter: number;
    readonly seconds: number;
    /** What should not be; empty where everything holds. */
    readonly broken: readonly string[];
}

const HEALTHY_WITHIN_SECONDS = 120;
/** A transaction gives up after two minutes, and gives the old settings three. */
const IDLE_WITHIN_SECONDS = 400;
/** Three nodes, a cut and what came before. */
const UPDATE_WITHIN_SECONDS = 900;

/** Disturbs one update, and looks at what should hold afterwards. */
export async function carryOutRound(subject: Subject, round: Round): Promise<Result> {
    const { nodes } = subject;
    const start = Date.now();
    const { settings } = round.change;
    const prefix = `chaos-${round.number}-${start.toString(36)}`;
    const broken: string[] = [];
    const attempt = async (work: () => Promise<void>) => {
        await work().catch((error: unknown) => broken.push(error instanceof Error ? error.message : String(error)));
    };

    const witnesses = await Promise.all(nodes.map((node) => startWitness(node, prefix)));
    const over = new AbortController();
    const striking = Promise.all(round.faults.map((fault) => carryOut(fault, subject, over.signal)));
    const disturbed = await timedUpdate(subject, settings);
    if (disturbed === undefined) {
        broken.push(
            `The disturbed update has not ended after ${UPDATE_WITHIN_SECONDS} s: ${await killEngine(subject)}.`,
        );
        await subject.stack.cancel();
    }
    const allHealthy = () =>
        seconds(() => all(nodes.map((node) => attempt(() => node.waitHealthy(HEALTHY_WITHIN_SECONDS)))));
    // A transaction goes on without the engine that has sent it, and can be struck too.
    const [healthy] = await Promise.all([
        allHealthy(),
        all(nodes.map((node) => attempt(() => awaitIdle(node, IDLE_WITHIN_SECONDS)))),
    ]);
    over.abort();
    const happened = await striking;
    const healthyAfter = Math.max(healthy, await allHealthy());
    await attempt(() => converge(subject, settings, happened));
    await attempt(() => assertNoTraces(subject, settings));
    const verdicts = await Promise.all(nodes.map((node, place) => verdictOf(node, witnesses[place]!, prefix, start)));
    broken.push(...verdicts.flatMap(({ words }) => words));
    return {
        round,
        happened,
        disturbed,
        events: sum(verdicts),
        healthyAfter,
        seconds: (Date.now() - start) / 1000,
        broken,
    };
}

/** Brings the nodes to some settings, with nothing in the way. */
export async function settle(subject: Subject, settings: Settings): Promise<void> {
    const outcome = await update(subject, settings);
    if (!outcome.ok) {
        throw new Error(outcome.output);
    }
}

/** Turns audit logging off everywhere, and says what is not as it was before the first round. */
export async function undo(subject: Subject): Promise<string[]> {
    // A host that has left the list may still have policies, until it is in it again.
    await settle(subject, { ...OFF, hosts: subject.nodes.map((_, place) => place) });
    await settle(subject, OFF);
    return tracesOf({ ...subject, kind: subject.kind === "ha" ? "node" : subject.kind }, OFF);
}

function update(subject: Subject, settings: Settings): Promise<Outcome> {
    const { stack } = subject;
    if (settings.hosts.length === 0) {
        return stack.destroy();
    }
    stack.args = subject.argsOf(settings);
    return stack.up();
}

/** The update's outcome; undefined where it has none in time. */
async function timedUpdate(subject: Subject, settings: Settings): Promise<Outcome | undefined> {
    const start = Date.now();
    const limit = sleep(UPDATE_WITHIN_SECONDS * 1000, undefined, { ref: false });
    const outcome = await Promise.race([update(subject, settings), limit]);
    if (outcome?.ok === true) {
        subject.updateSeconds = (Date.now() - start) / 1000;
    }
    return outcome;
}

async function all(work: readonly Promise<void>[]): Promise<void> {
    await Promise.all(work);
}

async function seconds(work: () => Promise<void>): Promise<number> {
    const start = Date.now();
    await work();
    return (Date.now() - start) / 1000;
}

/** One update, after which nothing is left to do. */
async function converge(subject: Subject, settings: Settings, happened: readonly Happened[]): Promise<void> {
    if (happened.some(({ fault, words }) => fault.victim === "engine" && words !== undefined)) {
        await subject.stack.cancel();
    }
    const updated = await update(subject, settings);
    if (!updated.ok) {
        throw new Error(`One update does not converge:\n${updated.output}`);
    }
    if (settings.hosts.length > 0) {
        const preview = await subject.stack.previewInSync();
        if (!preview.ok) {
            throw new Error(`There is still something to do:\n${preview.output}\nafter:\n${updated.output}`);
        }
    }
}

async function assertNoTraces(subject: Subject, settings: Settings): Promise<void> {
    const traces = await tracesOf(subject, settings);
    if (traces.length > 0) {
        throw new Error(traces.join("\n"));
    }
}

/** Which events a node has lost, in words too. */
async function verdictOf(
    node: SandboxNode,
    witness: Witness,
    prefix: string,
    since: number,
): Promise<Verdict & { readonly words: readonly string[] }> {
    const { requests, processes } = await witness.stop();
    await sleep(settlingMs(processes));
    const verdict = findLost(requests, processes, await recordedEvents(node, prefix, since));
    if (verdict.lost.length === 0) {
        return { ...verdict, words: [] };
    }
    const lost = verdict.lost.map(({ id, answered }) => `${id} answered ${new Date(answered).toISOString()}`);
    const who = processes.map(
        ({ pid, started, seen, flags }) =>
            `process ${pid} from ${new Date(started).toISOString()} to ${new Date(seen).toISOString()}: ${flags.join(" ")}`,
    );
    return { ...verdict, words: [[`${node.name}: ${lost.length} events lost:`, ...lost, ...who].join("\n")] };
}

function sum(verdicts: readonly Verdict[]): Verdict {
    return {
        expected: verdicts.reduce((total, { expected }) => total + expected, 0),
        lost: verdicts.flatMap(({ lost }) => lost),
        dropped: verdicts.flatMap(({ dropped }) => dropped),
    };
}
