import { randomBytes } from "node:crypto";
import { checked, missing, properties } from "./inputs";
import { runOnHost, type RunLog } from "./run";
import { changes, UNKNOWN, type ChangeKind, type ValueMap } from "./values";

/** What the engine asks of `command:remote:Command`, without the wire. */

export interface Difference {
    readonly kind: ChangeKind;
    readonly replace: boolean;
}

export function check(news: ValueMap) {
    return { inputs: checked(news), failures: missing(news) };
}

/** What differs, by path. An ignored property is taken from the old state. */
export function diff(
    state: ValueMap,
    oldInputs: ValueMap,
    news: ValueMap,
    ignored: readonly string[],
): Map<string, Difference> {
    const wanted = withoutInternals(withIgnored(news, state, ignored));
    const found = [...changes(withoutInternals(oldInputs), wanted)];
    return new Map(found.map(([path, kind]) => [path, { kind, replace: path === "triggers" }]));
}

export async function create(name: string, inputs: ValueMap, preview: boolean, log: RunLog) {
    const id = `${name}${randomBytes(4).toString("hex")}`;
    const settings = properties(withoutInternals(inputs));
    if (preview) {
        return { id, state: { ...inputs, stdout: UNKNOWN, stderr: UNKNOWN } };
    }
    const output =
        settings.create === undefined
            ? { stdout: "", stderr: "" }
            : await runOnHost("create", settings.create, settings, {}, log);
    return { id, state: { ...inputs, ...output } };
}

export async function update(
    state: ValueMap,
    news: ValueMap,
    ignored: readonly string[],
    preview: boolean,
    log: RunLog,
): Promise<ValueMap> {
    const inputs = withIgnored(news, state, ignored);
    if (preview) {
        return { ...inputs, stdout: UNKNOWN, stderr: UNKNOWN };
    }
    const settings = properties(inputs);
    const { stdout = "", stderr = "" } = properties(state);
    const command = settings.update ?? settings.create;
    const output =
        command === undefined
            ? { stdout, stderr }
            : await runOnHost("update", command, settings, { stdout, stderr }, log);
    return { ...inputs, ...output };
}

/** Deletes with what the state says, not with what the program says now. */
export async function remove(state: ValueMap, log: RunLog): Promise<void> {
    const settings = properties(state);
    if (settings.delete !== undefined) {
        const { stdout = "", stderr = "" } = settings;
        await runOnHost("delete", settings.delete, settings, { stdout, stderr }, log);
    }
}

function withIgnored(news: ValueMap, state: ValueMap, ignored: readonly string[]): ValueMap {
    const kept = ignored.filter((name) => state[name] !== undefined);
    return { ...news, ...Object.fromEntries(kept.map((name) => [name, state[name]!])) };
}

function withoutInternals(inputs: ValueMap): ValueMap {
    return Object.fromEntries(Object.entries(inputs).filter(([name]) => name !== "version" && !name.startsWith("__")));
}
