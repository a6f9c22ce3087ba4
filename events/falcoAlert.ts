import { isRecord } from "./record";
import { fieldsOfOutput, ruleOfOutput, type AlertFields } from "./falcoOutput";
import { microseconds } from "./time";

/** The priorities of Falco's rules, the most urgent first. */
export const falcoPriorities = [
    "Emergency",
    "Alert",
    "Critical",
    "Error",
    "Warning",
    "Notice",
    "Informational",
    "Debug",
] as const;
/** One of {@link falcoPriorities}. */
export type FalcoPriority = (typeof falcoPriorities)[number];

/** An alert of Falco, from its JSON or its text. */
export interface FalcoAlert extends AlertFields {
    /** When the event happened: microseconds since 1970. Absent in text, unless Falco writes times as ISO 8601. */
    readonly time?: number;
    /** In text: microseconds since midnight, in the time zone of Falco's machine. */
    readonly timeOfDay?: number;
    /** In text from a journal: the day in the same time zone, as month and day of the month. */
    readonly day?: { readonly month: number; readonly day: number };
    readonly priority: FalcoPriority;
    /** In text only known of the rules that come with Falco's plugin `k8saudit`. */
    readonly rule?: string;
    /** Such as `k8s_audit` or `syscall`; not in text. */
    readonly source?: string;
    /** The machine of Falco. */
    readonly hostname?: string;
    /** What the rule says, without time and priority. */
    readonly message: string;
}

const priorityNames = new Map<string, FalcoPriority>([
    ...falcoPriorities.map((name) => [name.toLowerCase(), name] as const),
    ["info", "Informational"],
]);

const prefix =
    /(?:^|: )(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(?:Z|[+-]\d\d:?\d\d)|\d\d:\d\d:\d\d\.\d+): ([A-Za-z]+) (.*)$/s;
const journal = /^(?:([A-Z][a-z]{2}) +(\d{1,2}) \d\d:\d\d:\d\d|\d{4}-(\d\d)-(\d\d)T\S+) (\S+) [^\s:]+: /;
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * Reads a line of Falco's standard output, of its log file, of a journal (`journalctl -u falco`, also with `-o json` or
 * `-o short-iso`) or of a syslog.
 *
 * Source: falcosecurity/falco, `userspace/engine/formats.cpp` and `userspace/falco/outputs_*.cpp`.
 *
 * @returns nothing where the line is no alert, as Falco's own messages are none
 */
export function readAlert(line: string): FalcoAlert | undefined {
    const object = parseObject(line.slice(Math.max(0, line.indexOf("{"))));
    if (object === undefined) {
        return readText(line);
    }
    const inner = object.MESSAGE;
    if (typeof inner === "string") {
        const alert = readAlert(inner);
        const hostname = textOf(object._HOSTNAME);
        return alert && { ...(hostname !== undefined && { hostname }), ...alert };
    }
    return readJson(object);
}

function readJson(object: Record<string, unknown>): FalcoAlert | undefined {
    const priority = priorityNames.get((textOf(object.priority) ?? "").toLowerCase());
    const time = microseconds(textOf(object.time) ?? "");
    const [rule, source, hostname] = [textOf(object.rule), textOf(object.source), textOf(object.hostname)];
    if (priority === undefined || Number.isNaN(time) || rule === undefined) {
        return undefined;
    }
    const output = textOf(object.output) ?? "";
    const message = textOf(object.message) ?? (prefix.exec(output)?.[3] || output || rule);
    return {
        ...fieldsOfOutput(message, isRecord(object.output_fields) ? object.output_fields : {}),
        time,
        priority,
        rule,
        ...(source !== undefined && { source }),
        ...(hostname !== undefined && { hostname }),
        message,
    };
}

function readText(line: string): FalcoAlert | undefined {
    const [, clock = "", level = "", message = ""] = prefix.exec(line) ?? [];
    const priority = priorityNames.get(level.toLowerCase());
    if (priority === undefined) {
        return undefined;
    }
    const [, monthName, dayOfMonth, month, day, hostname] = journal.exec(line) ?? [];
    const dated = monthName === undefined ? Number(month) : months.indexOf(monthName) + 1;
    const rule = ruleOfOutput(message);
    return {
        ...fieldsOfOutput(message, {}),
        ...timeOf(clock),
        ...(dated > 0 && { day: { month: dated, day: Number(dayOfMonth ?? day) } }),
        priority,
        ...(rule !== undefined && { rule }),
        ...(hostname !== undefined && { hostname }),
        message,
    };
}

function timeOf(clock: string): Pick<FalcoAlert, "time" | "timeOfDay"> {
    return clock.includes("T")
        ? { time: microseconds(clock.replace(/([+-]\d\d)(\d\d)$/, "$1:$2")) }
        : { timeOfDay: microseconds(`1970-01-01T${clock}Z`) };
}

function parseObject(text: string): Record<string, unknown> | undefined {
    try {
        const value: unknown = text.startsWith("{") ? JSON.parse(text) : undefined;
        return isRecord(value) ? value : undefined;
    } catch {
        return undefined;
    }
}

function textOf(value: unknown): string | undefined {
    return typeof value === "string" ? value : undefined;
}
