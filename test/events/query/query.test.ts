import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readQuery, type QueryValues } from "../../../cli/queryOptions";
import { selectionOf } from "../../../events/query/query";
import { visitEvents } from "../../../events/readEvents";
import { findSources } from "../../../events/sources";
import type { Depth } from "../../../events/scanner";
import { incidentFiles } from "../incident";
import { nowOf, queryCases } from "./cases";

async function find(values: QueryValues, depth: Depth): Promise<string[]> {
    const found: string[] = [];
    await visitEvents(
        findSources(incidentFiles),
        {
            selection: selectionOf(readQuery(values, nowOf(instants)), depth),
            onDamage: ({ reason }) => assert.fail(reason),
        },
        ({ auditID, stage }) => found.push(`${auditID} ${stage}`),
    );
    return found.sort();
}

/** What jq says of each event, for all conditions at once. */
function jq(conditions: readonly string[]): string[][] {
    const program = `[.auditID + " " + .stage, ${conditions.map((condition) => `(${condition})`).join(", ")}]`;
    const lines = execFileSync("jq", ["-c", program, ...incidentFiles], { encoding: "utf8" })
        .trim()
        .split("\n");
    const answers = lines.map((line) => JSON.parse(line) as [string, ...boolean[]]);
    return conditions.map((_, index) =>
        answers
            .filter((answer) => answer[index + 1] === true)
            .map(([event]) => event)
            .sort(),
    );
}

const instants = { minute: "2026-03-02T09:40", instant: "2026-03-02T09:45:09.424303Z" };
const cases = queryCases(instants);

describe("queries", () => {
    let answers: string[][];

    before(() => {
        answers = jq(cases.map(([, condition]) => condition));
    });

    cases.forEach(([values], index) => {
        it(`${JSON.stringify(values)} finds what jq finds`, async () => {
            const wanted = answers[index]!;
            assert.ok(wanted.length > 0 && wanted.length < 180, "it tells events apart");
            assert.deepEqual(await find(values, "whole"), wanted);
            assert.deepEqual(await find(values, "texts"), wanted);
        });
    });

    it("says what is wrong with an option", () => {
        const message = (values: QueryValues) => {
            try {
                readQuery(values);
            } catch (error) {
                return (error as Error).message;
            }
            return "";
        };
        assert.deepEqual(
            [
                message({ status: ["many"] }),
                message({ "source-ip": ["10.0.0.0/40"] }),
                message({ level: ["Meta"] }),
                message({ since: "yesterday" }),
                message({ "min-latency": "5" }),
                message({ where: ["verb = 1"] }),
                message({ where: ['user =~ "("'] }),
                message({ where: ["(verb"] }),
            ],
            [
                '--status: a status is "many"; give one such as 404, 4xx or 400-404',
                '--source-ip: "10.0.0.0/40" is neither an address nor a network such as 10.0.0.0/8',
                '--level: there is no level "Meta", but None, Metadata, Request, RequestResponse',
                '--since is "yesterday"; give a time such as 2026-03-02, 2026-03-02T09:15 (UTC), 2026-03-02T09:15:04+01:00, or back from now: 30m, 2h, 7d',
                '--min-latency is "5"; give a duration such as 500ms, 2s, 30m, 12h or 7d',
                "--where: this cannot be read\n  verb = 1\n       ^",
                '--where: Invalid regular expression: /(/: Unterminated group\n  user =~ "("\n          ^',
                "--where: expected )\n  (verb\n       ^",
            ],
        );
    });

    it("names what an event has where a path begins with something else", () => {
        assert.throws(() => selectionOf(readQuery({ where: ['usr == "jane"'] })), {
            name: "QueryError",
            message: /^there is no "usr" in an event, but auditID, name, user, /,
        });
    });
});
