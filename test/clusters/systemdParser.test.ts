import assert from "node:assert/strict";
import fc from "fast-check";
import { expandWord, parseEnvironmentFile } from "../../host/environment";
import { splitExecWords } from "../../host/execWords";
import { planDropIn } from "../../host/dropIn";
import { findUnitCommand } from "../../host/unitCommand";
import { systemdSandbox } from "./systemdHosts";
import { Choices, tapes } from "../host/choices";
import { generateUnit } from "../host/generatedUnit";
import type { SandboxNode } from "../../sandbox";

const UNITS = 200;
const ASSIGNMENTS = 200;

/** Writes many files at once, each `path`, a line with the number of its lines, and these. */
async function writeAll(node: SandboxNode, files: ReadonlyMap<string, string>): Promise<void> {
    const stdin = [...files].map(([path, text]) => `${path} ${Buffer.from(text).toString("base64")}\n`).join("");
    await node.check(
        `while read -r path text; do mkdir -p "\${path%/*}"; printf '%s' "$text" | base64 -d >"$path"; done`,
        { stdin },
    );
}

describe("systemd itself", () => {
    let node: SandboxNode;
    before(async () => {
        [node] = (await systemdSandbox()).nodes as [SandboxNode];
    });

    it("reads the same words in generated units, and in the drop-ins made for them", async () => {
        const directory = "/run/systemd/system";
        const flags = ["--audit-policy-file=/p.yaml", "--audit-log-path=/var/log/a b%$c.log"];
        const files = new Map<string, string>();
        const expected = new Map<string, string[]>();
        for (const [index, tape] of fc.sample(tapes(), { seed: 1364, numRuns: UNITS }).entries()) {
            const { text, words } = generateUnit(new Choices(tape));
            const unit = `generated-${index}.service`;
            const base = [{ path: `${directory}/${unit}`, text }];
            files.set(base[0]!.path, text);
            expected.set(unit, words);
            const dropIn = `generated-${index}-audit.service`;
            files.set(`${directory}/${dropIn}`, text);
            const planned = planDropIn(unit, base, findUnitCommand(unit, base, []), flags).text;
            files.set(`${directory}/${dropIn}.d/50-kube-apiserver-audit.conf`, planned);
            // systemd shows the words before it replaces variables.
            const shown = flags.map((flag) => flag.replaceAll("$", "$$$$"));
            expected.set(dropIn, [...words.filter((word) => !/^--audit-(log|policy)/.test(word)), ...shown]);
        }
        try {
            await writeAll(node, files);
            await node.check("systemctl daemon-reload");
            const names = [...expected.keys()];
            const shown = await node.check(`systemctl show --property=ExecStart ${names.join(" ")}`);
            const commands = shown.split("\n").filter((line) => line !== "");
            assert.equal(commands.length, names.length);
            names.forEach((name, index) => {
                const words = /^ExecStart=\{ path=.* ; argv\[\]=(.*) ; ignore_errors=/.exec(commands[index]!)?.[1];
                assert.equal(words, expected.get(name)!.join(" "), `${name}\n${files.get(`${directory}/${name}`)!}`);
            });
        } finally {
            await node.check(`rm -rf ${directory}/generated-* && systemctl daemon-reload`);
        }
    });

    it("gives a process the same variables, and the same words of them", async () => {
        const pieces = [
            "a",
            "B 1",
            " ",
            '"',
            "'",
            "\\",
            "\\\n",
            "$",
            "#",
            ";",
            "=",
            "--x=1",
            '"q r"',
            "'s t'",
            "\t",
            "ä",
        ];
        const value = fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((list) => list.join(""));
        const values = fc.sample(value, { seed: 1365, numRuns: ASSIGNMENTS });
        // A quote that is not closed swallows what follows: each has a file of its own.
        const texts = values.map((text, index) => `# comment\n V${index} = ${text}\nZ${index}=end\n`);
        const environment = new Map(texts.flatMap(parseEnvironmentFile));
        // What has an open quote as a word is refused or kept by systemd as the case may be, and no flag is written so.
        const sound = values.map((_, index) => index).filter((index) => isSound(environment.get(`V${index}`) ?? ""));
        const words = sound.flatMap((index) => [`[${index}]`, `$V${index}`, `<\${V${index}}>`, `<\${Z${index}}>`]);
        const unit = [
            "[Service]",
            "Type=oneshot",
            ...texts.map((_, index) => `EnvironmentFile=/run/generated/${index}`),
            `ExecStart=/usr/bin/printf "%%s\\\\0" ${words
                .map((word) => `"${word}"`)
                .join(" ")
                .replace(/"(\$V\d+)"/g, "$1")}`,
            "StandardOutput=file:/run/generated/output",
            "",
        ].join("\n");
        try {
            await writeAll(node, new Map(texts.map((text, index) => [`/run/generated/${index}`, text])));
            await writeAll(node, new Map([["/run/systemd/system/generated.service", unit]]));
            await node.check("systemctl daemon-reload && systemctl start generated.service");
            const given = (await node.check("base64 </run/generated/output")).replaceAll("\n", "");
            const found = Buffer.from(given, "base64").toString("utf8").split("\0").slice(0, -1);
            assert.deepEqual(
                found,
                words.flatMap((word) => expandWord(word, environment)),
            );
            assert.ok(sound.length > ASSIGNMENTS / 3, `${sound.length}`);
        } finally {
            await node.check("rm -rf /run/generated /run/systemd/system/generated.service && systemctl daemon-reload");
        }
    });
});

/** Whether a value's quotes are all closed, and no backslash is its last character. */
function isSound(value: string): boolean {
    try {
        splitExecWords(value);
        return !value.endsWith("\\");
    } catch {
        return false;
    }
}
