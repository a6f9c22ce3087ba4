import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runInThisContext } from "node:vm";
import ts from "typescript";
import * as library from "../../policy";
import { checkPolicy } from "../../policy/check";
import { evaluate, type Decision } from "../../policy/evaluate";
import * as namedRequests from "../../policy/namedRequests";
import type { Policy } from "../../policy/types";
import { request } from "./request";

const page = readFileSync(join(__dirname, "../../docs/audit-policy.md"), "utf8");

/** A fenced block or a table, under its heading. */
interface Piece {
    heading: string;
    kind: "yaml" | "ts" | "text" | "table";
    text: string;
    rows: Record<string, string>[];
}

function readPieces(markdown: string): Piece[] {
    let heading = "";
    const pieces: Piece[] = [];
    for (const match of markdown.matchAll(/^#+ ([^\n]*)$|^```(\w+)\n(.*?)^```$|^((?:\|[^\n]*\|\n)+)/gms)) {
        const [, title, language, text = "", table = ""] = match;
        if (title !== undefined) {
            heading = title;
        } else if (language === undefined) {
            pieces.push({ heading, kind: "table", text: table, rows: readTable(table) });
        } else {
            pieces.push({ heading, kind: language as Piece["kind"], text, rows: [] });
        }
    }
    return pieces;
}

function readTable(table: string): Record<string, string>[] {
    const cells = (line: string) =>
        line
            .split("|")
            .slice(1, -1)
            .map((cell) => cell.trim().replace(/^`(.*)`$/, "$1"));
    const [header = "", , ...lines] = table.trimEnd().split("\n");
    return lines.map((line) => Object.fromEntries(cells(header).map((name, index) => [name, cells(line)[index]!])));
}

/** `delete deployments.apps web in shop` or `GET /version`, by somebody. */
function decide(policy: Policy, who: string, what: string): Decision {
    const [verb = "", target = "", ...rest] = what.split(" ");
    if (target.startsWith("/")) {
        return evaluate(policy, request(`${verb.toLowerCase()} ${who} ${target}`));
    }
    const [, resource = "", group = "", subresource = ""] = /^([^./]+)\.?([^/]*)(.*)$/.exec(target) ?? [];
    const where = rest.includes("in") ? rest.slice(rest.indexOf("in")) : [];
    const [name] = rest.slice(0, rest.length - where.length);
    const words = [verb, who, `${group}:${resource}${subresource}`, ...where, ...(name ? ["named", name] : [])];
    return evaluate(policy, request(words.join(" ")));
}

function run(code: string): { policy: Policy | undefined; output: string } {
    const { outputText } = ts.transpileModule(code, { compilerOptions: { module: ts.ModuleKind.CommonJS } });
    const exported: { default?: Policy } = {};
    let output = "";
    const body = runInThisContext(`(function (exports, require, console) {${outputText}\n})`) as (
        ...parameters: unknown[]
    ) => void;
    body(exported, () => library, { log: (line: string) => (output += `${line}\n`) });
    return { policy: exported.default, output };
}

/** What the compiler has against programs that import the library. */
function compile(programs: readonly string[]): string[] {
    const names = programs.map((_, index) => join(__dirname, `example${index}.ts`));
    const declared = "declare const console: { log(line: string): void };\n";
    const options: ts.CompilerOptions = {
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.CommonJS,
        moduleResolution: ts.ModuleResolutionKind.Node10,
        types: [],
        paths: { "kube-apiserver-audit": [join(__dirname, "../../policy/index.ts")] },
    };
    const host = ts.createCompilerHost(options);
    const disk = { ...host };
    const textOf = (name: string) => programs[names.indexOf(name)];
    host.fileExists = (name) => textOf(name) !== undefined || disk.fileExists(name);
    host.getSourceFile = (name, ...how) => {
        const text = textOf(name);
        return text === undefined
            ? disk.getSourceFile(name, ...how)
            : ts.createSourceFile(name, declared + text, ts.ScriptTarget.ES2022);
    };
    const program = ts.createProgram(names, options, host);
    return names
        .flatMap((name) => program.getSemanticDiagnostics(program.getSourceFile(name)))
        .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

describe("docs/audit-policy.md", () => {
    const pieces = readPieces(page);
    let policy: Policy | undefined;
    let output = "";
    const checked = { yaml: 0, ts: 0, text: 0, outcomes: 0 };

    for (const piece of pieces) {
        if (piece.kind === "yaml") {
            it(`${piece.heading}: the policy is accepted without a remark`, () => {
                const check = checkPolicy(piece.text);
                assert.deepEqual(check.findings, []);
                policy = check.policy;
                checked.yaml++;
            });
        } else if (piece.kind === "ts") {
            it(`${piece.heading}: the program runs`, () => {
                ({ policy, output } = run(piece.text));
                assert.ok(policy ?? output);
                checked.ts++;
            });
        } else if (piece.kind === "text") {
            it(`${piece.heading}: the program says what it says here`, () => {
                assert.equal(output, piece.text);
                checked.text++;
            });
        } else if (piece.rows.some((row) => "Request" in row)) {
            it(`${piece.heading}: the outcomes are as the table says`, () => {
                const decided = piece.rows.map((row) => {
                    const { level, rule, omitStages } = decide(policy!, row.Who!, row.Request!);
                    return {
                        ...row,
                        Recorded: level === "None" ? "nothing" : level,
                        By: rule === undefined ? "no rule" : `rules[${rule}]`,
                        ...("Without" in row && { Without: omitStages.join(", ") }),
                    };
                });
                assert.deepEqual(decided, piece.rows);
                checked.outcomes += piece.rows.length;
            });
        }
    }

    it("has programs that the compiler accepts", () => {
        const programs = pieces.filter(({ kind }) => kind === "ts").map(({ text }) => text);
        assert.deepEqual(compile(programs), []);
        assert.deepEqual(compile(['import { record } from "kube-apiserver-audit"; record().at("None");']), [
            'Argument of type \'"None"\' is not assignable to parameter of type \'"Metadata" | "Request" | "RequestResponse"\'.',
        ]);
    });

    it("names every preset and every group of requests", () => {
        const column = (header: string) => pieces.flatMap(({ rows }) => rows.flatMap((row) => row[header] ?? []));
        assert.deepEqual(
            column("Preset").sort(),
            Object.values(library.presets)
                .map(({ name }) => name)
                .sort(),
        );
        assert.deepEqual(column("Name").sort(), Object.keys(namedRequests).sort());
    });

    it("has the linter's whole list", () => {
        const rows = pieces.flatMap((piece) => piece.rows).filter((row) => "Code" in row);
        assert.deepEqual(
            rows.map(({ Code, "What it finds": meaning }) => [Code, meaning]),
            Object.entries(library.lintRules),
        );
    });

    it("was read as a whole", () => {
        const fences = page.match(/^```\w+$/gm)?.length;
        assert.equal(checked.yaml + checked.ts + checked.text, fences);
        assert.ok(checked.outcomes >= 50, `${checked.outcomes} outcomes`);
    });
});
