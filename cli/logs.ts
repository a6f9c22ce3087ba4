import { joinStages, type JoinedRequest } from "../events/joinStages";
import type { Query } from "../events/query/query";
import { FIELDS, isFieldName, type FieldName } from "../events/query/fields";
import type { LocatedEvent } from "../events/readEvents";
import { diffBodies } from "../events/views/bodyDiff";
import { COLUMNS, MORE_COLUMNS, type Column } from "../events/views/columns";
import { formatSummary } from "../events/views/summary";
import { formatTable, Table } from "../events/views/table";
import { plotTimeline } from "../events/views/timeline";
import { defineCommand } from "./command";
import { EventInput, liveOptions, sourceHelp } from "./eventInput";
import { hostsHelp } from "./hostsOptions";
import { CommandError, ExitCode, printJson, type CommandIO } from "./io";
import { readLimit } from "./question";
import { queryHelp, queryOptions, readQuery } from "./queryOptions";

const OUTPUTS = ["table", "wide", "json", "yaml", "diff", "top", "timeline", "summary"] as const;
type Output = (typeof OUTPUTS)[number];

/** How long a followed table waits for further rows before it settles the widths of its columns. */
const FLUSH_MS = 1000;

const usage = `usage: kube-audit logs [SOURCE…] [FILTER…] [-o OUTPUT]

Finds events in audit logs.

${sourceHelp}${hostsHelp}  -f, --follow          go on with what the hosts write, through rotations, until it is interrupted; not with -o top,
                        timeline or summary

${queryHelp}
How they are shown:
  -o, --output OUTPUT   table (the default), wide; json, one event a line, as it was recorded; yaml; diff, what became of
                        the bodies that were sent, where both bodies were recorded; top; timeline, a plot of the events over
                        time; summary
  --by FIELDS           what top counts by: of ${wrap(Object.keys(FIELDS))}
                        default: user,verb,resource
  --limit N             so many lines at most; of top, 20 by default
  --requests            one line for each request, with all its stages; the filters apply to stages
  --json                the same as -o json; with -o top, timeline or summary, those as JSON

What cannot be read is told on standard error, with its place. Lines that a filter passes over are looked at from outside only.

Exit codes: 0 something was found, 1 nothing was, 2 bad usage or unreadable input.
`;

function wrap(names: readonly string[]): string {
    const half = Math.ceil(names.length / 2);
    return `${names.slice(0, half).join(", ")},\n                        ${names.slice(half).join(", ")};`;
}

/** `kube-audit logs [SOURCE…]`. */
export const command = defineCommand({
    usage,
    options: {
        ...queryOptions,
        ...liveOptions,
        output: { type: "string", short: "o" },
        by: { type: "string" },
        limit: { type: "string" },
        requests: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
    },
    async run({ values, positionals }, io) {
        const output = readOutput(values.output ?? (values.json ? "json" : "table"));
        if (values.follow && ["top", "timeline", "summary"].includes(output)) {
            throw new CommandError(`--follow has no end, which -o ${output} would have to wait for`);
        }
        const asked: Asked = {
            input: EventInput.open(positionals, values, io),
            query: readQuery(values),
            limit: readLimit(values.limit),
            json: values.json,
            follow: values.follow,
            io,
        };
        const by = readFields(values.by ?? "user,verb,resource");
        const found = values.requests ? await showRequests(asked, output) : await show(asked, output, by);
        asked.input.reportDamages();
        return found ? ExitCode.Ok : ExitCode.Finding;
    },
});

interface Asked {
    readonly input: EventInput;
    readonly query: Query;
    readonly limit: number | undefined;
    readonly json: boolean;
    readonly follow: boolean;
    readonly io: CommandIO;
}

function show(asked: Asked, output: Output, by: readonly FieldName[]): Promise<boolean> {
    switch (output) {
        case "table":
            return showTable(asked, COLUMNS);
        case "wide":
            return showTable(asked, [...COLUMNS, ...MORE_COLUMNS]);
        case "json":
            return showEach(asked, ({ event }) => `${JSON.stringify(event)}\n`);
        case "yaml":
            return showYaml(asked);
        case "diff":
            return showDiffs(asked);
        case "top":
            return showTop(asked, by);
        case "timeline":
            return showTimeline(asked);
        case "summary":
            return showSummary(asked);
    }
}

async function showTable(asked: Asked, columns: readonly Column[]): Promise<boolean> {
    const { input, query, limit = Infinity, follow, io } = asked;
    const table = new Table(
        columns.map(({ title }) => title),
        (text) => {
            io.stdout(text);
        },
    );
    let count = 0;
    const flush = () => {
        if (count > 0) {
            table.flush();
        }
    };
    const timer = follow ? setInterval(flush, FLUSH_MS) : undefined;
    for await (const located of first(limit, input.read(query, "head"))) {
        table.row(columns.map(({ read }) => read(located)));
        count++;
    }
    clearInterval(timer);
    flush();
    return count > 0;
}

async function showEach(
    { input, query, limit = Infinity, io }: Asked,
    format: (located: LocatedEvent) => string | undefined | Promise<string | undefined>,
): Promise<boolean> {
    let count = 0;
    for await (const located of input.read(query, "whole")) {
        const text = await format(located);
        if (text !== undefined) {
            io.stdout(text);
            count++;
        }
        if (count >= limit) {
            break;
        }
    }
    return count > 0;
}

async function showYaml(asked: Asked): Promise<boolean> {
    const { stringify } = await import("yaml");
    return showEach(asked, ({ event }) => `---\n${stringify(event, { lineWidth: 0, aliasDuplicateObjects: false })}`);
}

function showDiffs(asked: Asked): Promise<boolean> {
    const [time, ...columns] = COLUMNS;
    return showEach(asked, async (located) => {
        const diff = await diffBodies(located.event);
        const words = [time!, ...columns].map(({ read }) => read(located)).filter((word) => word !== "");
        return diff === undefined ? undefined : `# ${words.join(" ")}\n${diff}\n`;
    });
}

async function showTop({ input, query, limit = 20, json, io }: Asked, by: readonly FieldName[]): Promise<boolean> {
    const { counter } = await input.tally(query, { kind: "counter", by });
    const counts = counter.top(limit);
    if (json) {
        const entries = counts.map(({ values, count }) => ({
            count,
            ...Object.fromEntries(by.map((field, index) => [field, values[index]])),
        }));
        printJson({ top: entries, different: counter.size }, io);
    } else if (counts.length > 0) {
        io.stdout(
            formatTable(
                ["COUNT", ...by.map((field) => field.toUpperCase())],
                counts.map(({ values, count }) => [String(count), ...values]),
            ),
        );
    }
    return counts.length > 0;
}

async function showTimeline({ input, query, limit = 40, json, io }: Asked): Promise<boolean> {
    const { timeline, events } = await input.tally(query, { kind: "timeline" });
    if (json) {
        const { seconds, buckets } = timeline.buckets(limit);
        const times = buckets.map(({ start, ...rest }) => ({ start: new Date(start / 1000).toISOString(), ...rest }));
        printJson({ seconds, buckets: times }, io);
    } else {
        io.stdout(plotTimeline(timeline, 50, limit));
    }
    return events > 0;
}

async function showSummary({ input, query, limit, json, io }: Asked): Promise<boolean> {
    const { summarizer } = await input.tally(query, { kind: "summary" });
    const summary = summarizer.summary(limit);
    if (json) {
        printJson(summary, io);
    } else if (summary.events > 0) {
        io.stdout(formatSummary(summary));
    }
    return summary.events > 0;
}

async function showRequests(asked: Asked, output: Output): Promise<boolean> {
    const { input, query, limit = Infinity, io } = asked;
    if (output !== "table" && output !== "wide" && output !== "json") {
        throw new CommandError(`--requests shows a table, wide or json, not ${output}`);
    }
    const columns = output === "wide" ? [...COLUMNS, ...MORE_COLUMNS] : COLUMNS;
    const table = new Table([...columns.map(({ title }) => title), "STAGES"], (text) => {
        io.stdout(text);
    });
    let count = 0;
    for await (const request of first(limit, joinStages(input.read(query, output === "json" ? "whole" : "head")))) {
        count++;
        if (output === "json") {
            const stages = request.stages.map(({ event }) => event);
            io.stdout(`${JSON.stringify({ auditID: request.auditID, stages })}\n`);
        } else {
            table.row([...columns.map(({ read }) => read(request.stages.at(-1)!)), describeStages(request)]);
        }
    }
    if (count > 0 && output !== "json") {
        table.flush();
    }
    return count > 0;
}

function describeStages({ stages }: JoinedRequest): string {
    return stages.map(({ event }) => event.stage).join(",");
}

async function* first<T>(limit: number, items: AsyncIterable<T>): AsyncGenerator<T> {
    let count = 0;
    for await (const item of items) {
        yield item;
        count++;
        if (count >= limit) {
            return;
        }
    }
}

function readOutput(text: string): Output {
    const output = OUTPUTS.find((name) => name === text);
    if (output === undefined) {
        throw new CommandError(`--output is ${JSON.stringify(text)}; give one of ${OUTPUTS.join(", ")}`);
    }
    return output;
}

function readFields(text: string): FieldName[] {
    return text.split(",").map((name) => {
        if (!isFieldName(name)) {
            throw new CommandError(
                `--by: there is no field ${JSON.stringify(name)}, but ${Object.keys(FIELDS).join(", ")}`,
            );
        }
        return name;
    });
}
