import type { AuditEvent } from "../event";
import { isRecord } from "../record";
import type { Depth } from "../scanner";
import { QueryError } from "./errors";
import { FIELDS, isFieldName, valuesOf } from "./fields";
import type { Expression, Operator, Path, Value } from "./where";

type Condition = (event: AuditEvent) => boolean;

/** The members of an event that are no field of their own; what begins with another word is a mistake. */
const MEMBERS = [
    ...[
        "kind",
        "apiVersion",
        "level",
        "auditID",
        "stage",
        "requestURI",
        "verb",
        "user",
        "impersonatedUser",
        "sourceIPs",
    ],
    ...["userAgent", "objectRef", "responseStatus", "requestObject", "responseObject", "requestReceivedTimestamp"],
    ...["stageTimestamp", "annotations"],
];

/**
 * Makes a function of a condition.
 *
 * @throws QueryError for a path that no event can have
 */
export function compileExpression(expression: Expression): Condition {
    switch (expression.kind) {
        case "and": {
            const parts = expression.parts.map(compileExpression);
            return (event) => parts.every((part) => part(event));
        }
        case "or": {
            const parts = expression.parts.map(compileExpression);
            return (event) => parts.some((part) => part(event));
        }
        case "not": {
            const part = compileExpression(expression.part);
            return (event) => !part(event);
        }
        case "exists": {
            const read = reader(expression.path);
            return (event) => read(event).some((value) => value !== undefined && value !== null && value !== "");
        }
        case "compare":
            return compileComparison(expression.path, expression.operator, expression.values);
    }
}

/** What has to be read of an event for a condition. */
export function depthOf(expression: Expression): Depth {
    switch (expression.kind) {
        case "and":
        case "or":
            return deepest(expression.parts.map(depthOf));
        case "not":
            return depthOf(expression.part);
        default: {
            const [first = "", ...others] = expression.path;
            const isField = isFieldName(first) && others.length === 0;
            return isField ? FIELDS[first].depth : first.endsWith("Object") ? "whole" : "head";
        }
    }
}

/** The one of several depths that is enough for all. */
export function deepest(depths: readonly Depth[]): Depth {
    return depths.includes("whole") ? "whole" : depths.includes("head") ? "head" : "texts";
}

function compileComparison(path: Path, operator: Operator, values: readonly Value[]): Condition {
    const read = reader(path);
    const [value = ""] = values;
    switch (operator) {
        case "!=":
            return (event) => !read(event).some((found) => found === value);
        case "=~":
        case "!~": {
            const pattern = new RegExp(String(value));
            const matches = (event: AuditEvent) =>
                read(event).some((found) => isScalar(found) && pattern.test(String(found)));
            return operator === "=~" ? matches : (event) => !matches(event);
        }
        case "==":
        case "in":
            return (event) => read(event).some((found) => values.includes(found as Value));
        default:
            return (event) =>
                read(event).some((found) => typeof found === typeof value && ordered(found as Value, operator, value));
    }
}

function ordered(found: Value, operator: "<" | "<=" | ">" | ">=", value: Value): boolean {
    switch (operator) {
        case "<":
            return found < value;
        case "<=":
            return found <= value;
        case ">":
            return found > value;
        case ">=":
            return found >= value;
    }
}

function isScalar(value: unknown): boolean {
    return ["string", "number", "boolean"].includes(typeof value);
}

function reader(path: Path): (event: AuditEvent) => readonly unknown[] {
    const [first = "", ...others] = path;
    if (isFieldName(first) && others.length === 0) {
        return (event) => valuesOf(event, first);
    }
    if (!MEMBERS.includes(first)) {
        const known = [...Object.keys(FIELDS), ...MEMBERS].join(", ");
        throw new QueryError(`there is no ${JSON.stringify(first)} in an event, but ${known}`);
    }
    return (event) => follow(event, path);
}

/** The values at the end of a path, through all items of the lists on it. */
function follow(value: unknown, path: Path): unknown[] {
    if (Array.isArray(value)) {
        const [first = "", ...others] = path;
        return /^\d+$/.test(first) ? follow(value[Number(first)], others) : value.flatMap((item) => follow(item, path));
    }
    const [member, ...others] = path;
    if (member === undefined) {
        return value === undefined ? [] : [value];
    }
    return isRecord(value) && Object.hasOwn(value, member) ? follow(value[member], others) : [];
}
