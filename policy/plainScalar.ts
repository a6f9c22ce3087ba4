import { GoNumber, type GoValue } from "./goYaml/goValue";
import { resolveScalar } from "./goYaml/resolve";
import type { Scalar } from "./value";

/**
 * What an unquoted scalar means to the API server's YAML reader, which follows YAML 1.1 with a few habits of its own:
 * dates and base-60 numbers stay texts, and integers are written as in Go.
 *
 * @param source - the scalar's characters, folded to one line
 */
export function resolvePlainScalar(source: string): Omit<Scalar, "offset"> {
    const value: GoValue = resolveScalar("", source);
    if (value === null) {
        return { kind: "null", value, source };
    }
    if (typeof value === "boolean") {
        return { kind: "boolean", value, source };
    }
    return value instanceof GoNumber
        ? { kind: "number", value: Number(value.value), source }
        : { kind: "string", value: source };
}
