import { joinStages } from "../events/joinStages";
import type { Query } from "../events/query/query";
import type { Answer, Question, Row } from "../events/questions/question";
import { formatTable } from "../events/views/table";
import { defineCommand, type Command } from "./command";
import { EventInput, sourceHelp } from "./eventInput";
import { hostsHelp, hostsOptions } from "./hostsOptions";
import { CommandError, ExitCode, printJson, type CommandIO } from "./io";
import { queryHelp, queryOptions, readQuery, type QueryValues } from "./queryOptions";

/** What a command with one question is made of. */
export interface QuestionParts {
    /** The first lines of the help text, down to the options. */
    readonly usage: string;
    /** How many of the arguments come before the sources. Default 0. */
    readonly words?: number;
    /** Makes the question of the arguments before the sources, and of options that it takes for itself. */
    readonly ask: (words: readonly string[], values: QueryValues) => Question;
}

/** A command that asks one question, with the filters of `logs` to narrow it. */
export function defineQuestion({ usage, words = 0, ask }: QuestionParts): Command {
    return defineCommand({
        usage: `${usage}
${sourceHelp}${hostsHelp}  --limit N             so many lines at most
  --json                the answer as JSON: {sentence, rows: [{…}]}

${queryHelp}
Exit codes: 0 something was found, 1 nothing was, 2 bad usage or unreadable input.
`,
        options: {
            ...queryOptions,
            ...hostsOptions,
            limit: { type: "string" },
            json: { type: "boolean", default: false },
        },
        async run({ values, positionals }, io) {
            if (positionals.length < words) {
                throw new CommandError(`too few arguments\n\n${usage.split("\n", 1)[0]!}`);
            }
            const question = ask(positionals.slice(0, words), values);
            const input = EventInput.open(positionals.slice(words), values, io);
            const query = narrow(question.query, readQuery(values));
            for await (const request of joinStages(input.read(query, question.depth))) {
                question.add(request);
            }
            const answer = question.answer();
            print(answer, values.limit, values.json, io);
            input.reportDamages();
            return answer.rows.length > 0 ? ExitCode.Ok : ExitCode.Finding;
        },
    });
}

function narrow(query: Query, by: Query): Query {
    return {
        ...by,
        ...query,
        ...(by.minLatency !== undefined && { minLatency: by.minLatency }),
        filters: [...(query.filters ?? []), ...(by.filters ?? [])],
        where: [...(query.where ?? []), ...(by.where ?? [])],
    };
}

function print({ columns, rows, sentence }: Answer, limit: string | undefined, json: boolean, io: CommandIO): void {
    const shown = rows.slice(0, readLimit(limit));
    if (json) {
        printJson({ ...(sentence !== undefined && { sentence }), rows: shown }, io);
        return;
    }
    if (shown.length > 0) {
        const cells = (row: Row) => columns.map((column) => String(row[column]));
        const titles = columns.map((column) => column.toUpperCase());
        io.stdout(`${sentence === undefined ? "" : `${sentence}\n\n`}${formatTable(titles, shown.map(cells))}`);
    }
    if (shown.length < rows.length) {
        io.stderr(`${rows.length - shown.length} more\n`);
    }
}

/** @throws CommandError where it is no whole number */
export function readLimit(text: string | undefined): number | undefined {
    if (text !== undefined && !/^[1-9]\d*$/.test(text)) {
        throw new CommandError(`--limit is ${JSON.stringify(text)}; give a whole number from 1 on`);
    }
    return text === undefined ? undefined : Number(text);
}
