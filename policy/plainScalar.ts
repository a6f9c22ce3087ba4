import type { Scalar } from "./value";

const words: ReadonlyMap<string, boolean | null> = new Map([
    ...["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"].map((word) => [word, true] as const),
    ...["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"].map(
        (word) => [word, false] as const,
    ),
    ...["", "~", "null", "Null", "NULL"].map((word) => [word, null] as const),
]);

/**
 * What an unquoted scalar means to the API server's YAML reader, which follows YAML 1.1 with a few habits of its own:
 * dates and base-60 numbers stay texts, and integers are written as in Go.
 *
 * @param source - the scalar's characters, folded to one line
 */
export function resolvePlainScalar(source: string): Omit<Scalar, "offset"> {
    const word = words.get(source);
    if (word !== undefined) {
        return word === null ? { kind: "null", value: null, source } : { kind: "boolean", value: word, source };
    }
    const number = resolveNumber(source);
    return number === undefined ? { kind: "string", value: source } : { kind: "number", value: number, source };
}

function resolveNumber(source: string): number | undefined {
    if (/^[-+]?\.(inf|Inf|INF)$/.test(source)) {
        return source.startsWith("-") ? -Infinity : Infinity;
    }
    if (/^\.(nan|NaN|NAN)$/.test(source)) {
        return NaN;
    }
    if (/^\.[0-9]+([eE][-+]?[0-9]+)?$/.test(source)) {
        return finite(Number(source));
    }
    if (!/^[-+0-9]/.test(source)) {
        return undefined;
    }
    const plain = source.replaceAll("_", "");
    const [, sign, digits] = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+)$/.exec(plain) ?? [];
    if (digits !== undefined) {
        const octal = /^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits;
        const value = BigInt(octal);
        const limit = sign === "" ? 2n ** 64n - 1n : sign === "-" ? 2n ** 63n : 2n ** 63n - 1n;
        if (value <= limit) {
            return Number(sign === "-" ? -value : value);
        }
    }
    if (/^0b[-+]?[01]{1,63}$/.test(plain)) {
        return parseInt(plain.slice(2), 2);
    }
    if (/^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(plain)) {
        return finite(Number(plain));
    }
    return undefined;
}

function finite(number: number): number | undefined {
    return Number.isFinite(number) ? number : undefined;
}
