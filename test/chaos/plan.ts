import { Random } from "../oracle/random";
import { drawChange, OFF, type Change, type Settings } from "./settings";

/** What the rounds happen to: one kubeadm node, a cluster of three, or two hosts with units of systemd. */
export type Kind = "node" | "ha" | "systemd";

/** How many nodes each has, and how long an update of them takes where it has not been measured yet. */
export const KINDS: Readonly<Record<Kind, { readonly nodes: number; readonly updateSeconds: number }>> = {
    node: { nodes: 1, updateSeconds: 22 },
    ha: { nodes: 3, updateSeconds: 60 },
    systemd: { nodes: 2, updateSeconds: 12 },
};

/** More than an update and its repair can take: what waits on a host for something else ends by then. */
export const ROUND_WITHIN_SECONDS = 1800;

/** What is killed, stopped or cut off. */
export const VICTIMS = [
    "runner",
    "runner and recovery",
    "session",
    "sshd",
    "kubelet",
    "kubelet for a while",
    "containerd",
    "API server",
    "etcd",
    "etcd for a while",
    "engine",
    "network",
    "connections",
] as const;
export type Victim = (typeof VICTIMS)[number];

/** The kubelet starts an etcd that ends again and again later each time, up to five minutes. */
const NOT_OF: Readonly<Record<Kind, readonly Victim[]>> = {
    node: ["etcd"],
    ha: ["etcd"],
    systemd: ["kubelet", "kubelet for a while", "containerd"],
};

/** The steps of both transactions, in their order. */
export const STEPS = [
    "take_lock",
    "check_owner",
    "check_manifest",
    "check_host",
    "check_health",
    "check_removal",
    "check_peers",
    "write_policy",
    "prepare_log_directory",
    "write_manifest",
    "begin_restart",
    "await_restart",
    "prove_event",
    "write_receipt",
    "remove_files",
    "clean_up",
] as const;
export type Step = (typeof STEPS)[number];

/** When a part of the time is over that updates take, or when the transaction on that host has reached the step. */
export type Moment = { readonly fraction: number } | { readonly step: Step };

export interface Fault {
    readonly victim: Victim;
    /** The node's place in the cluster. */
    readonly node: number;
    readonly moment: Moment;
    /** How long it lasts, where it does. */
    readonly seconds: number;
}

/** One update that is disturbed. */
export interface Round {
    readonly number: number;
    readonly before: Settings;
    readonly change: Change;
    readonly faults: readonly Fault[];
}

/**
 * The rounds that follow from a seed. Each has its own random numbers, so a round is the same however many are asked for.
 *
 * @param first - the number of the first one wanted, from 1
 */
export function planRounds(seed: number, kind: Kind, first: number, count: number): Round[] {
    const rounds: Round[] = [];
    let before = OFF;
    for (let number = 1; number < first + count; number++) {
        const random = new Random(seed * 10_007 + number);
        const change = drawChange(before, KINDS[kind].nodes, random);
        const faults = Array.from({ length: random.percent(30) ? 2 : 1 }, () => drawFault(kind, random));
        rounds.push({ number, before, change, faults });
        before = change.settings;
    }
    return rounds.slice(first - 1);
}

function drawFault(kind: Kind, random: Random): Fault {
    const victim = random.pick(VICTIMS.filter((one) => !NOT_OF[kind].includes(one)));
    const node = random.below(KINDS[kind].nodes);
    const moment = random.percent(50) ? { fraction: random.below(100) / 100 } : { step: random.pick(STEPS) };
    return { victim, node, moment, seconds: 1 + random.below(8) };
}

/** A fault in words, without how it went. */
export function faultWords({ victim, node, moment }: Fault): string {
    const place = victim === "engine" && "fraction" in moment ? "" : ` of cp-${node + 1}`;
    const when = "step" in moment ? `at ${moment.step}` : `after ${Math.round(moment.fraction * 100)}%`;
    return `${victim}${place} ${when}`;
}
