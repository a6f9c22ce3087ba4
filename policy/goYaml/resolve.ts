import { decodeBytes } from "../goBytes";
import { GoYamlError } from "./error";
import { GoNumber, type GoValue } from "./goValue";

const yaml = "tag:yaml.org,2002:";
const resolvable = ["str", "bool", "int", "float", "null", "timestamp"].map((name) => yaml + name);

const words = new Map<string, { tag: string; value: GoValue }>(
    (
        [
            ["bool", true, "y Y yes Yes YES true True TRUE on On ON"],
            ["bool", false, "n N no No NO false False FALSE off Off OFF"],
            ["null", null, "~ null Null NULL"],
            ["float", new GoNumber("float64", NaN), ".nan .NaN .NAN"],
            ["float", new GoNumber("float64", Infinity), ".inf .Inf .INF +.inf +.Inf +.INF"],
            ["float", new GoNumber("float64", -Infinity), "-.inf -.Inf -.INF"],
        ] as const
    ).flatMap(([tag, value, list]) => list.split(" ").map((word) => [word, { tag: yaml + tag, value }] as const)),
);
words.set("", { tag: `${yaml}null`, value: null });

/**
 * What a scalar's characters are, given its tag.
 *
 * @param tag - the whole tag; `""` when there is none
 * @param offset - where they are in the text, in UTF-16 units, for the error
 * @throws GoYamlError when they are not what the tag says
 */
export function resolveScalar(tag: string, text: string, offset = 0): GoValue {
    if (tag === `${yaml}binary`) {
        return decodeBase64(text, offset);
    }
    if (tag !== "" && !resolvable.includes(tag)) {
        return text;
    }
    if (tag === `${yaml}str`) {
        return text;
    }
    const found = resolveImplicit(tag, text);
    if (tag === "" || tag === found.tag) {
        return found.value;
    }
    if (tag === `${yaml}float` && found.value instanceof GoNumber && found.value.type === "int") {
        return new GoNumber("float64", Number(found.value.value));
    }
    throw new GoYamlError(`cannot decode ${shortTag(found.tag)} \`${text}\` as a ${shortTag(tag)}`, offset);
}

function shortTag(tag: string): string {
    return tag.startsWith(yaml) ? `!!${tag.slice(yaml.length)}` : tag;
}

function decodeBase64(text: string, offset: number): string {
    const content = text.replace(/[\r\n]/g, "");
    if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(content)) {
        throw new GoYamlError("!!binary value contains invalid base64 data", offset);
    }
    return decodeBytes(Buffer.from(content, "base64"));
}

function resolveImplicit(tag: string, text: string): { tag: string; value: GoValue } {
    const word = words.get(text);
    if (word) {
        return word;
    }
    if (text.startsWith(".")) {
        const separated = /_(?![0-9])|(?<![0-9])_/.test(text) ? text : text.replaceAll("_", "");
        const value = parseFloat64(separated);
        return value === undefined ? asText(text) : { tag: `${yaml}float`, value: new GoNumber("float64", value) };
    }
    if (!/^[-+0-9]/.test(text)) {
        return asText(text);
    }
    if (tag === `${yaml}timestamp` && isTimestamp(text)) {
        return { tag, value: text };
    }
    return resolveNumber(text) ?? asText(text);
}

function asText(text: string): { tag: string; value: GoValue } {
    return { tag: `${yaml}str`, value: text };
}

function resolveNumber(text: string): { tag: string; value: GoValue } | undefined {
    const plain = text.replaceAll("_", "");
    const whole = parseInteger(plain) ?? parseBinary(plain);
    if (whole) {
        return { tag: `${yaml}int`, value: whole };
    }
    if (/^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(plain)) {
        const value = parseFloat64(plain);
        return value === undefined ? undefined : { tag: `${yaml}float`, value: new GoNumber("float64", value) };
    }
    return undefined;
}

/** `strconv.ParseInt(plain, 0, 64)`, else `strconv.ParseUint(plain, 0, 64)`. */
function parseInteger(plain: string): GoNumber | undefined {
    const [, sign = "", digits] =
        /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/.exec(plain) ?? [];
    return digits === undefined ? undefined : integer(sign, BigInt(digits.replace(/^0(?=[0-7])/, "0o")));
}

/** What is binary here though Go's own parser does not take it: a sign after the `0b`. */
function parseBinary(plain: string): GoNumber | undefined {
    const [, before = "", sign = "", digits] = /^(-?)0b([-+]?)([01]+)$/.exec(plain) ?? [];
    if (digits === undefined || (before === "-" && sign !== "")) {
        return undefined;
    }
    return integer(before + sign, BigInt(`0b${digits}`));
}

function integer(sign: string, magnitude: bigint): GoNumber | undefined {
    const value = sign === "-" ? -magnitude : magnitude;
    if (BigInt.asIntN(64, value) === value) {
        return new GoNumber("int", value);
    }
    return sign === "" && BigInt.asUintN(64, value) === value ? new GoNumber("uint64", value) : undefined;
}

/** `strconv.ParseFloat(text, 64)`; nothing when the number is too large. */
function parseFloat64(text: string): number | undefined {
    if (!/^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(text)) {
        return undefined;
    }
    const value = Number(text);
    return Number.isFinite(value) ? value : undefined;
}

/** Whether a text is a date, or a date and time, that exists. */
function isTimestamp(text: string): boolean {
    const match =
        /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?(?:Z|[-+](\d\d):(\d\d)))|(?: +(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?))?$/.exec(
            text,
        );
    if (!match) {
        return false;
    }
    const [year = 0, month = 0, day = 0, ...time] = match.slice(1).map((part?: string) => Number(part ?? 0));
    const [hour = 0, minute = 0, second = 0, zoneHour = 0, zoneMinute = 0, hour2 = 0, minute2 = 0, second2 = 0] = time;
    return (
        isDate(year, month, day) &&
        Math.max(hour, hour2) < 24 &&
        Math.max(minute, second, minute2, second2) < 60 &&
        zoneHour <= 24 &&
        zoneMinute <= 60
    );
}

/** Whether a day exists. */
export function isDate(year: number, month: number, day: number): boolean {
    const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
    const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
    return days !== undefined && day >= 1 && day <= days;
}
