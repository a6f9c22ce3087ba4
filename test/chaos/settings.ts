import type { LogSettings } from "../../host/settings";
import type { Level, Policy } from "../../policy/types";
import type { Random } from "../oracle/random";

/** The audit settings between two rounds. */
export interface Settings {
    /** The nodes that have them, by their place in the cluster; none where audit logging is off. */
    readonly hosts: readonly number[];
    readonly level: Exclude<Level, "None">;
    readonly stages: "all" | "no RequestReceived";
    /** Users whose requests are not recorded. */
    readonly silent: readonly string[];
    readonly log: LogSettings;
    readonly readerGroup: "" | "adm";
}

/** What a round turns its update into, and in which words. */
export interface Change {
    readonly words: string;
    readonly settings: Settings;
}

/** Before the first round. What rotation leaves has to hold all events of a round, however large they are. */
export const OFF: Settings = {
    hosts: [],
    level: "Metadata",
    stages: "all",
    silent: [],
    log: { maxAge: 30, maxBackup: 10, maxSize: 10, mode: "blocking" },
    readerGroup: "",
};

const CONTROL_PLANE = ["system:apiserver", "system:kube-controller-manager", "system:kube-scheduler"];

type Alteration = (settings: Settings, random: Random) => Change;

function alter(words: string, settings: Settings, changed: Partial<Settings>): Change {
    return { words, settings: { ...settings, ...changed } };
}

function alterLog(settings: Settings, log: LogSettings): Change {
    const words = Object.entries(log).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
    return alter(words.join(", "), settings, { log: { ...settings.log, ...log } });
}

const ALTERATIONS: readonly Alteration[] = [
    (settings, random) => {
        const level = other(["Metadata", "Request", "RequestResponse"] as const, settings.level, random);
        return alter(`level ${level}`, settings, { level });
    },
    (settings) => {
        const stages = settings.stages === "all" ? "no RequestReceived" : "all";
        return alter(`stages: ${stages}`, settings, { stages });
    },
    (settings, random) => {
        const silent = CONTROL_PLANE.slice(0, other([0, 1, 2, 3], settings.silent.length, random));
        return alter(`${silent.length} silent users`, settings, { silent });
    },
    (settings, random) => alterLog(settings, { maxAge: other([1, 7, 30, 90], settings.log.maxAge!, random) }),
    (settings, random) => alterLog(settings, { maxBackup: other([10, 15, 20], settings.log.maxBackup!, random) }),
    (settings, random) => alterLog(settings, { maxSize: other([2, 5, 10], settings.log.maxSize!, random) }),
    (settings) => alterLog(settings, { compress: settings.log.compress !== true }),
    alterMode,
    alterMode,
    (settings) => {
        const readerGroup = settings.readerGroup === "" ? "adm" : "";
        return alter(`readerGroup ${readerGroup === "" ? "none" : readerGroup}`, settings, { readerGroup });
    },
];

function alterMode(settings: Settings, random: Random): Change {
    const mode = other(["batch", "blocking", "blocking-strict"] as const, settings.log.mode!, random);
    const batch = { maxSize: random.pick([1, 50, 400]), maxWait: random.pick(["1s", "5s"]) };
    const words = mode === "batch" ? `mode batch ${JSON.stringify(batch)}` : `mode ${mode}`;
    return alter(words, settings, {
        log: { ...settings.log, mode, batch: mode === "batch" ? batch : undefined },
    });
}

function other<T>(values: readonly T[], than: T, random: Random): T {
    return random.pick(values.filter((value) => value !== than));
}

/**
 * Draws what a round changes: one to three settings, the list of hosts, or everything, off or on again.
 *
 * @param nodes - how many the cluster has
 */
export function drawChange(settings: Settings, nodes: number, random: Random): Change {
    const all = Array.from({ length: nodes }, (_, index) => index);
    if (settings.hosts.length === 0) {
        return alter("on", settings, { hosts: all });
    }
    if (random.percent(15)) {
        return alter("off", settings, { hosts: [] });
    }
    if (settings.hosts.length < nodes && random.percent(60)) {
        return alter("a host more", settings, { hosts: all });
    }
    if (nodes > 1 && settings.hosts.length === nodes && random.percent(15)) {
        return alter("a host less", settings, { hosts: without(all, random.below(nodes)) });
    }
    const changes: Change[] = [];
    const alterations = [...ALTERATIONS];
    for (let count = 1 + random.below(3); count > 0; count--) {
        const [alteration] = alterations.splice(random.below(alterations.length), 1);
        changes.push(alteration!(changes.at(-1)?.settings ?? settings, random));
    }
    return { words: changes.map(({ words }) => words).join(", "), settings: changes.at(-1)!.settings };
}

function without(places: readonly number[], place: number): number[] {
    return places.filter((other) => other !== place);
}

/** A policy that records every request but those of silent users. */
export function policyOf({ level, stages, silent }: Settings): Policy {
    return {
        rules: [...(silent.length > 0 ? [{ level: "None" as const, users: [...silent] }] : []), { level }],
        ...(stages === "all" ? {} : { omitStages: ["RequestReceived" as const] }),
    };
}
