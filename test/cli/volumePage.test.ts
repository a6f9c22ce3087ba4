import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { dispatch } from "../../cli/dispatch";
import { sampleLog } from "../events/sampleLog";
import { runInMemory } from "./fakeIO";
import { filesForTests, logText } from "./logFile";

const page = readFileSync(join(__dirname, "../../docs/audit-volume.md"), "utf8");
const blocks = [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, text = ""]) => ({ language, text }));

describe("docs/audit-volume.md", () => {
    const file = filesForTests(() => ({ "audit.log": logText(sampleLog({ rules: [{ level: "Metadata" }] })) }));
    const policies = Object.fromEntries(
        blocks.filter(({ language }) => language === "yaml").map(({ text }) => [/^# (\S+)/.exec(text)![1]!, text]),
    );

    for (const { text } of blocks.filter(({ language }) => language === "console")) {
        const [, command = "", output] = /^\$ kube-audit ([^\n]*)\n(.*)$/s.exec(text) ?? [];
        it(`says what it says here: ${command}`, async () => {
            const argv = command.split(" ").map((word) => (word === "audit.log" ? file(word) : word));
            const { stdout, stderr } = await runInMemory((io) => dispatch(argv, io), policies);
            assert.deepEqual([stdout.replaceAll(file("audit.log"), "audit.log"), stderr], [output, ""]);
        });
    }

    it("was read as a whole", () => {
        assert.deepEqual(
            blocks.map(({ language }) => language),
            ["yaml", "console", "yaml", "console"],
        );
    });
});
