import { levels, stages } from "../../policy/types";
import type { AuditEvent } from "../event";
import { QueryError } from "./errors";
import { inNetwork, valuesOf, type FieldName } from "./fields";

/** What a field has to be, and must not be: one of the first, none of the second. */
export interface Filter {
    readonly field: FieldName;
    /** Empty: anything. */
    readonly wanted: readonly string[];
    readonly excluded: readonly string[];
}

/**
 * Reads the values of one option: separated by commas, or the option repeated; with a leading `-` those to leave out.
 *
 * @param values - as they were given
 * @throws QueryError for a value that the field cannot have
 */
export function parseFilter(field: FieldName, values: readonly string[]): Filter {
    const all = values.flatMap((value) => splitValues(field, value));
    const isExcluded = (value: string) => value.startsWith("-");
    return {
        field,
        wanted: all.filter((value) => !isExcluded(value)).map((value) => inOneForm(field, value)),
        excluded: all.filter(isExcluded).map((value) => inOneForm(field, value.slice(1))),
    };
}

/** These may have commas in them. */
function splitValues(field: FieldName, value: string): string[] {
    return ["userAgent", "reason", "message", "uri"].includes(field) ? [value] : value.split(",");
}

/** The value as events have it. */
function inOneForm(field: FieldName, value: string): string {
    switch (field) {
        case "status":
            if (statusRange(value) === undefined) {
                throw new QueryError(`a status is ${JSON.stringify(value)}; give one such as 404, 4xx or 400-404`);
            }
            return value;
        case "sourceIP":
            if (value.includes("/") && inNetwork(value) === undefined) {
                throw new QueryError(`${JSON.stringify(value)} is neither an address nor a network such as 10.0.0.0/8`);
            }
            return value;
        case "serviceAccount":
            return value.replace("/", ":");
        case "apiGroup":
            return value === "core" ? "" : value;
        case "level":
            return oneOf(levels, "level", value);
        case "stage":
            return oneOf(stages, "stage", value);
        case "decision":
            return oneOf(["allow", "forbid"], "decision", value);
        default:
            return value;
    }
}

function oneOf(known: readonly string[], what: string, value: string): string {
    const found = known.find((name) => name.toLowerCase() === value.toLowerCase());
    if (found === undefined) {
        throw new QueryError(`there is no ${what} ${JSON.stringify(value)}, but ${known.join(", ")}`);
    }
    return found;
}

/** Decides whether an event passes. What the event has not is the empty text; `core` is the core API group. */
export function compileFilter({ field, wanted, excluded }: Filter): (event: AuditEvent) => boolean {
    const included = wanted.map((value) => matcher(field, value));
    const left = excluded.map((value) => matcher(field, value));
    return (event) => {
        const found = valuesOf(event, field);
        const values = found.length === 0 ? [""] : found;
        return (
            (included.length === 0 || values.some((value) => included.some((matches) => matches(value)))) &&
            !values.some((value) => left.some((matches) => matches(value)))
        );
    };
}

type Matcher = (value: string | number) => boolean;

function matcher(field: FieldName, wanted: string): Matcher {
    if (field === "status") {
        const [least, most] = statusRange(wanted) ?? [0, 0];
        return (value) => typeof value === "number" && value >= least && value <= most;
    }
    const isWithin = field === "sourceIP" ? inNetwork(wanted) : undefined;
    return isWithin ? (value) => isWithin(String(value)) : textMatcher(wanted);
}

/** `*` stands for any characters. */
function textMatcher(wanted: string): Matcher {
    if (!wanted.includes("*")) {
        return (value) => value === wanted;
    }
    const parts = wanted.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    const expression = new RegExp(`^${parts.join(".*")}$`, "s");
    return (value) => expression.test(String(value));
}

/** The least and the greatest status of `404`, `4xx` or `400-404`; undefined where it is none. */
export function statusRange(wanted: string): readonly [number, number] | undefined {
    const [, hundreds] = /^([1-5])xx$/i.exec(wanted) ?? [];
    if (hundreds !== undefined) {
        return [Number(hundreds) * 100, Number(hundreds) * 100 + 99];
    }
    const [, least, most = least] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(wanted) ?? [];
    return least === undefined ? undefined : [Number(least), Number(most)];
}
