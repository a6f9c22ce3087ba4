import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { dispatch } from "../../cli/dispatch";
import { runInMemory } from "../cli/fakeIO";
import { incident } from "./incident";

const page = readFileSync(join(__dirname, "../../docs/audit-logs.md"), "utf8");

/** The commands of the page with their outputs. */
const examples = [...page.matchAll(/^```console\n\$ kube-audit ([^\n]*)\n(.*?)^```$/gms)].map(
    ([, command = "", output = ""]) => ({ command, output }),
);

/** Splits a command line into its words, as a shell does with single quotes. */
function wordsOf(command: string): string[] {
    return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
}

describe("docs/audit-logs.md", () => {
    const directory = process.cwd();

    before(() => {
        process.chdir(join(incident, ".."));
    });
    after(() => {
        process.chdir(directory);
    });

    for (const { command, output } of examples) {
        it(`kube-audit ${command}`, async () => {
            assert.deepEqual(await runInMemory((io) => dispatch(wordsOf(command), io)), {
                code: output === "" ? 1 : 0,
                stdout: output,
                stderr: "",
            });
        });
    }

    it("has examples", () => {
        assert.equal(examples.length, 15);
    });
});
