import { goQuote } from "../goText";
import type { Node } from "./parser";

/** A value as Go has it: an empty interface, in which numbers keep their type. */
export type GoValue = null | boolean | string | GoNumber | readonly GoItem[] | GoMap;

/** A value in the text. */
export interface GoItem {
    value: GoValue;
    /** What it was read from. */
    node: Node;
}

/** A number. */
export class GoNumber {
    /** @param value - whole and exact for the integer types */
    constructor(
        readonly type: "int" | "uint64" | "float64",
        readonly value: bigint | number,
    ) {}
}

/** A `map[interface{}]interface{}`, whose keys differ when their types do. */
export class GoMap {
    private readonly entries = new Map<string, { key: GoItem; item: GoItem }>();

    has(key: GoValue): boolean {
        const notANumber = key instanceof GoNumber && Number.isNaN(key.value);
        return !notANumber && this.entries.has(identityOf(key));
    }

    set(key: GoItem, item: GoItem): void {
        this.entries.set(identityOf(key.value), { key, item });
    }

    all(): { key: GoItem; item: GoItem }[] {
        return [...this.entries.values()];
    }
}

function identityOf(key: GoValue): string {
    return key instanceof GoNumber ? `${key.type} ${key.value}` : goSyntax(key);
}

/** A value as `%#v` prints it. */
export function goSyntax(value: GoValue): string {
    if (value === null) {
        return "interface {}(nil)";
    }
    if (typeof value === "string") {
        return goQuote(value);
    }
    if (typeof value === "boolean") {
        return String(value);
    }
    if (value instanceof GoNumber) {
        return numberSyntax(value);
    }
    if (value instanceof GoMap) {
        const entries = value.all().map((entry) => `${goSyntax(entry.key.value)}:${goSyntax(entry.item.value)}`);
        return `map[interface {}]interface {}{${entries.sort().join(", ")}}`;
    }
    return `[]interface {}{${value.map((item) => goSyntax(item.value)).join(", ")}}`;
}

function numberSyntax({ type, value }: GoNumber): string {
    if (type === "uint64") {
        return `0x${value.toString(16)}`;
    }
    return typeof value === "bigint" ? String(value) : formatFloat(value, 64);
}

/** A floating-point number as `strconv.FormatFloat(value, 'g', -1, bits)` writes it. */
export function formatFloat(value: number, bits: 32 | 64): string {
    const rounded = bits === 32 ? Math.fround(value) : value;
    if (!Number.isFinite(rounded)) {
        return Number.isNaN(rounded) ? "NaN" : rounded > 0 ? "+Inf" : "-Inf";
    }
    const [mantissa = "", exponentText = "0"] = shortest(rounded, bits).split("e");
    const exponent = Number(exponentText);
    if (exponent >= -4 && exponent < 6) {
        return plain(mantissa, exponent);
    }
    return `${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

function shortest(value: number, bits: 32 | 64): string {
    if (bits === 64) {
        return value.toExponential();
    }
    for (let digits = 0; digits < 9; digits++) {
        const text = value.toExponential(digits);
        if (Math.fround(Number(text)) === value) {
            return text;
        }
    }
    return value.toExponential(9);
}

/** A number in scientific notation without it. */
function plain(mantissa: string, exponent: number): string {
    const [, sign = "", digits = ""] = /^(-?)(.*)$/.exec(mantissa.replace(".", "")) ?? [];
    if (exponent < 0) {
        return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
    }
    const padded = digits.padEnd(exponent + 1, "0");
    const fraction = padded.slice(exponent + 1);
    return sign + padded.slice(0, exponent + 1) + (fraction === "" ? "" : `.${fraction}`);
}
