import type { ParseArgsConfig } from "node:util";
import { QueryError } from "../events/query/errors";
import type { FieldName } from "../events/query/fields";
import { parseFilter } from "../events/query/filter";
import type { Query } from "../events/query/query";
import { parseWhere } from "../events/query/where";
import { microseconds } from "../events/time";
import { CommandError } from "./io";

/** Which field each option is about, in the order of the help text. */
const FIELD_OPTIONS = {
    verb: "verb",
    resource: "resource",
    "api-group": "apiGroup",
    subresource: "subresource",
    namespace: "namespace",
    name: "name",
    user: "user",
    group: "group",
    "service-account": "serviceAccount",
    as: "as",
    "user-agent": "userAgent",
    "source-ip": "sourceIP",
    status: "status",
    decision: "decision",
    reason: "reason",
    stage: "stage",
    level: "level",
    "audit-id": "auditID",
} as const satisfies Readonly<Record<string, FieldName>>;

type FieldOption = keyof typeof FIELD_OPTIONS;

const repeated = { type: "string", multiple: true } as const;

/** The options of every command that looks for events, besides those about fields. */
const timeOptions = { since: { type: "string" }, until: { type: "string" } } as const;

/** The options that say which events are meant. */
export const queryOptions = {
    ...(Object.fromEntries(Object.keys(FIELD_OPTIONS).map((name) => [name, repeated])) as Record<
        FieldOption,
        typeof repeated
    >),
    ...timeOptions,
    namespace: { type: "string", multiple: true, short: "n" },
    failed: { type: "boolean", default: false },
    "min-latency": { type: "string" },
    "max-latency": { type: "string" },
    where: repeated,
} as const satisfies ParseArgsConfig["options"];

/** What the help texts say of {@link queryOptions}. */
export const queryHelp = `Which events; each option takes several values, by commas or repeated, of which one has to fit, and leaves those out that
have a leading - (--resource=-pods,-leases). * stands for any characters, '' for none:
  --verb, --resource, --api-group (core), --subresource, --namespace, -n, --name
  --user, --group, --service-account (NAMESPACE/NAME), --as (who is impersonated), --user-agent
  --source-ip           an address, or a network such as 10.0.0.0/8
  --status              404, 4xx or 400-404
  --failed              a status from 400 on, or a panic
  --decision            allow or forbid; --reason, what the authorizer gave as its reason
  --stage, --level, --audit-id
  --min-latency, --max-latency   from the request to the stage: 500ms, 2s, 1m
  --since, --until      2026-03-02, 2026-03-02T09:15, or back from now: 30m, 2h, 7d; until is exclusive
  --where CONDITION     such as 'status >= 400 && !(user =~ "^system:")': a field or a path into the event (objectRef.uid,
                        annotations["example.com/why"], requestObject.spec.replicas) with ==, !=, <, <=, >, >=, =~, !~ or
                        in ("a", "b"); &&, ||, !, parentheses; latency in milliseconds, or as 500ms
`;

/** What `util.parseArgs` gives for {@link queryOptions}. */
export type QueryValues = Partial<Record<FieldOption, string[]>> & {
    readonly since?: string;
    readonly until?: string;
    readonly failed?: boolean;
    readonly "min-latency"?: string;
    readonly "max-latency"?: string;
    readonly where?: string[];
};

/**
 * Reads the options that say which events are meant.
 *
 * @param now - milliseconds since 1970, from which relative times are counted
 * @throws CommandError that names the option
 */
export function readQuery(values: QueryValues, now = Date.now()): Query {
    const filters = (Object.keys(FIELD_OPTIONS) as FieldOption[]).flatMap((option) => {
        const given = values[option];
        return given === undefined ? [] : [named(option, () => parseFilter(FIELD_OPTIONS[option], given))];
    });
    return {
        filters,
        failed: values.failed ?? false,
        minLatency: optional(values["min-latency"], (text) => readDuration("min-latency", text)),
        maxLatency: optional(values["max-latency"], (text) => readDuration("max-latency", text)),
        since: optional(values.since, (text) => readTime("since", text, now)),
        until: optional(values.until, (text) => readTime("until", text, now)),
        where: (values.where ?? []).map((text) => named("where", () => parseWhere(text))),
    };
}

/** Runs what reads an option, and lets its errors name the option. */
function named<T>(option: string, read: () => T): T {
    try {
        return read();
    } catch (error) {
        throw error instanceof QueryError ? new CommandError(`--${option}: ${error.message}`) : error;
    }
}

function optional<T, R>(value: T | undefined, read: (value: T) => R): R | undefined {
    return value === undefined ? undefined : read(value);
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 60e3, h: 3600e3, d: 86400e3, w: 7 * 86400e3 };

/** @returns milliseconds */
export function readDuration(option: string, text: string): number {
    const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/.exec(text) ?? [];
    if (number === undefined) {
        throw new CommandError(
            `--${option} is ${JSON.stringify(text)}; give a duration such as 500ms, 2s, 30m, 12h or 7d`,
        );
    }
    return Number(number) * UNITS[unit!]!;
}

/** @returns microseconds since 1970 */
function readTime(option: string, text: string, now: number): number {
    if (/^\d+(\.\d+)?(ms|s|m|h|d|w)$/.test(text)) {
        return (now - readDuration(option, text)) * 1000;
    }
    const [, day, time = "00:00", zone = "Z"] =
        /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?(Z|[+-]\d\d:\d\d)?$/.exec(text) ?? [];
    const found = day === undefined ? NaN : microseconds(`${day}T${time}${time.length === 5 ? ":00" : ""}${zone}`);
    if (Number.isNaN(found)) {
        const examples = "2026-03-02, 2026-03-02T09:15 (UTC), 2026-03-02T09:15:04+01:00, or back from now: 30m, 2h, 7d";
        throw new CommandError(`--${option} is ${JSON.stringify(text)}; give a time such as ${examples}`);
    }
    return found;
}
