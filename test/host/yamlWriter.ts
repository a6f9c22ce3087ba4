import type { Choices } from "./choices";

type Fields = Record<string, unknown>;

/**
 * Writes values as YAML in the many ways that people do: indentation, quotes, flow style, comments, blank lines.
 * Strings are written in every style that YAML has for them.
 */
export class YamlWriter {
    /** How much deeper the items of a mapping's list are than its key. */
    private readonly dashIndent: string;
    private readonly step: string;
    /** Whether the last line belongs to a text whose trailing blank lines count. */
    private keeping = false;

    constructor(private readonly choices: Choices) {
        this.dashIndent = choices.pick(["", "  ", "    "]);
        this.step = choices.pick(["  ", "    ", "   "]);
    }

    /**
     * A mapping in block style, one line each.
     *
     * @param blocks - keys whose mappings and lists, and those of their items, are never in flow style
     */
    mapping(value: Fields, indent: string, blocks: readonly string[] = []): string[] {
        return Object.entries(value).flatMap(([key, field]) => [
            ...this.between(indent),
            ...this.entry(`${indent}${this.key(key)}:`, field, indent, blocks.includes(key) ? blocks : undefined),
        ]);
    }

    private entry(head: string, value: unknown, indent: string, blocks: readonly string[] | undefined): string[] {
        if (Array.isArray(value) && value.length > 0 && (blocks || !this.choices.seldom(4))) {
            const deeper = indent + this.dashIndent;
            return [head + this.comment(), ...value.flatMap((item) => this.item(item, deeper, blocks))];
        }
        if (isFields(value) && (blocks || !this.choices.seldom(4))) {
            return [head + this.comment(), ...this.mapping(value, indent + this.step, blocks)];
        }
        return this.leaf(head, value, indent);
    }

    private item(value: unknown, indent: string, blocks: readonly string[] | undefined): string[] {
        const between = this.between(indent);
        if (!isFields(value) || (!blocks && this.choices.seldom(4))) {
            return [...between, ...this.leaf(`${indent}-`, value, indent)];
        }
        if (this.choices.seldom(6)) {
            return [
                ...between,
                `${indent}-${this.comment()}`,
                ...this.mapping(value, `${indent} ${this.step}`, blocks),
            ];
        }
        const gap = this.choices.pick([" ", "   "]);
        const [first, ...rest] = this.entries(value, `${indent} ${gap}`, blocks);
        return [...between, `${indent}-${gap}${first!.trimStart()}`, ...rest];
    }

    /** A mapping whose first line is its first key's. */
    private entries(value: Fields, indent: string, blocks: readonly string[] = []): string[] {
        const [[key, field], ...rest] = Object.entries(value) as [[string, unknown], ...[string, unknown][]];
        const nested = blocks.includes(key) ? blocks : undefined;
        return [
            ...this.entry(`${indent}${this.key(key)}:`, field, indent, nested),
            ...this.mapping(Object.fromEntries(rest), indent, blocks),
        ];
    }

    private leaf(head: string, value: unknown, indent: string): string[] {
        if (value === null) {
            return [head + this.choices.pick(["", " null", " ~"]) + this.comment()];
        }
        if (typeof value === "string" && value.includes("\n") && this.choices.below(3) < 2) {
            const chomp = value.endsWith("\n\n") ? "+" : value.endsWith("\n") ? "" : "-";
            this.keeping = chomp === "+";
            const lines = (chomp === "" || chomp === "+" ? value.slice(0, -1) : value).split("\n");
            return [`${head} |${chomp}`, ...lines.map((line) => (line === "" ? "" : `${indent}    ${line}`))];
        }
        if (typeof value === "string" && /^[^ ]+ [^ ]+$/.test(value) && this.isPlain(value) && this.choices.seldom(2)) {
            const [first, second] = value.split(" ");
            return [`${head} ${first!}`, `${indent}      ${second!}${this.comment()}`];
        }
        if (typeof value !== "object") {
            return [`${head} ${this.scalar(value)}${this.comment()}`];
        }
        return this.flow(head, value, indent);
    }

    /** `[a, b]` or `{a: b}`, on one line or on several, behind its head or under it. */
    private flow(head: string, value: object, indent: string): string[] {
        if (!Array.isArray(value) || value.length === 0 || this.choices.seldom(2)) {
            return [`${head} ${this.flowValue(value)}${this.comment()}`];
        }
        const items = value.map((item) => this.flowValue(item));
        const open = this.choices.seldom(4) ? [head, `${indent}  [`] : [`${head} [${this.comment()}`];
        return [
            ...open,
            ...items.map((item) => `${indent}   ${item},${this.comment()}`),
            `${indent}  ]${this.comment()}`,
        ];
    }

    private flowValue(value: unknown): string {
        if (Array.isArray(value)) {
            return `[${value.map((item) => this.flowValue(item)).join(", ")}]`;
        }
        if (isFields(value)) {
            return `{${Object.entries(value)
                .map(([key, field]) => `${key}: ${this.flowValue(field)}`)
                .join(", ")}}`;
        }
        return typeof value === "string" && /[,[\]{}]/.test(value) ? JSON.stringify(value) : this.scalar(value);
    }

    private scalar(value: unknown): string {
        if (typeof value !== "string") {
            return String(value);
        }
        const style = this.choices.below(4);
        if (style <= 1 && this.isPlain(value)) {
            return value;
        }
        return style === 2 && !value.includes("\n") ? `'${value.replaceAll("'", "''")}'` : JSON.stringify(value);
    }

    private isPlain(value: string): boolean {
        return (
            /^(-{1,2})?[A-Za-z/]([A-Za-z0-9=,/.'"\\$() _-]|:(?! |$))*$/.test(value) && !/ $|^(true|false)$/.test(value)
        );
    }

    private key(key: string): string {
        return this.choices.seldom(12) ? JSON.stringify(key) : key;
    }

    private comment(): string {
        return this.choices.seldom(8) ? this.choices.pick([" # theirs", "  # - --audit-log-path=/x", " #", "  "]) : "";
    }

    private between(indent: string): string[] {
        const keeping = this.keeping;
        this.keeping = false;
        if (keeping) {
            return [];
        }
        return this.choices.seldom(8)
            ? [this.choices.pick(["", `${indent}# - --audit-log-path=/x`, "# theirs", "  "])]
            : [];
    }
}

function isFields(value: unknown): value is Fields {
    return typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
}
