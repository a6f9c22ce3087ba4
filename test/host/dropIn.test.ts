import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { dropInPath, planDropIn, recordedBase, renderDropIn, withoutComments } from "../../host/dropIn";
import { sha256 } from "../../host/manifestEdit";
import { findUnitCommand, UnitError } from "../../host/unitCommand";
import { joinUnitFiles, type UnitFile } from "../../host/unitFile";
import { Choices, tapes } from "./choices";
import { generateUnit } from "./generatedUnit";

const UNIT = "kube-apiserver.service";
const PATH = `/etc/systemd/system/${UNIT}`;
const FLAGS = ["--audit-policy-file=/p.yaml", "--audit-log-path=/var/log/my audit/$x%.log"];
const OUR_LINES = ["  --audit-policy-file=/p.yaml \\", '  "--audit-log-path=/var/log/my audit/$$x%%.log"'];

const unit = (...lines: string[]): UnitFile[] => [{ path: PATH, text: ["[Service]", ...lines, ""].join("\n") }];
const planned = (files: UnitFile[], environment: string[] = [], flags = FLAGS) =>
    planDropIn(UNIT, files, findUnitCommand(UNIT, files, environment), flags);

describe("planDropIn", () => {
    const cases: [string, UnitFile[], string[], boolean][] = [
        [
            "their lines as they are, and ours behind them",
            unit("ExecStart=/b/kube-apiserver \\", "  --a=1 --b='x y' \\", "  # why \\", "\t$ARGS", "Restart=always"),
            ["ExecStart=/b/kube-apiserver \\", "  --a=1 --b='x y' \\", "  # why \\", "\t$ARGS \\"],
            true,
        ],
        [
            "a single line",
            unit(" ExecStart = -/b/kube-apiserver --a "),
            [" ExecStart = -/b/kube-apiserver --a  \\"],
            true,
        ],
        [
            "no lines of flags that ours displace",
            unit("ExecStart=/b/kube-apiserver \\", "--audit-log-path=/x \\", "--a \\", "--audit-log-maxage \\", "7"),
            ["ExecStart=/b/kube-apiserver \\", "--a \\"],
            true,
        ],
        [
            "their words, where one line has both",
            unit(`ExecStart=@/b/kube-apiserver "x y" --a="1 2" \\`, "--b --audit-log-path=/x"),
            ["ExecStart=@/b/kube-apiserver \\", `  "x y" \\`, `  --a="1 2" \\`, "  --b \\"],
            false,
        ],
        [
            "their words, where one goes over two lines",
            unit('ExecStart=/b/kube-apiserver "a\\', 'b" --c'),
            ["ExecStart=/b/kube-apiserver \\", '  "a b" \\', "  --c \\"],
            false,
        ],
        [
            "their words, where lines end in a carriage return",
            unit("ExecStart=/b/kube-apiserver --a\r"),
            ["ExecStart=/b/kube-apiserver \\", "  --a \\"],
            false,
        ],
    ];
    for (const [what, files, lines, copied] of cases) {
        it(`has ${what}`, () => {
            const { text, operations, baseSha256, sha256: hash } = planned(files);
            const shown = text.split("\n");
            assert.deepEqual(shown.slice(4), ["[Service]", "ExecStart=", ...lines, ...OUR_LINES, ""]);
            assert.equal(shown[3], `# base-sha256 ${sha256(joinUnitFiles(files))}`);
            assert.deepEqual([recordedBase(text), hash], [baseSha256, sha256(text)]);
            assert.equal(
                operations.some((operation) => operation.kind === "write" && operation.copies === true),
                !copied,
            );
        });
    }

    it("leaves variables alone behind the prefix :", () => {
        const { text } = planned(unit("ExecStart=:/b/kube-apiserver $a"));
        assert.ok(text.endsWith('  "--audit-log-path=/var/log/my audit/$x%%.log"\n'));
    });

    it("lets a flag in a variable be, which ours behind it overrides", () => {
        const files = unit("ExecStart=/b/kube-apiserver $ARGS");
        assert.match(planned(files, ["ARGS=--audit-log-path=/x\n"]).text, /\$ARGS \\\n {2}--audit-policy-file/);
    });

    it("refuses a flag in a variable that would stay in force", () => {
        const files = unit("ExecStart=/b/kube-apiserver $ARGS");
        assert.throws(
            () => planned(files, ["ARGS='--audit-log-path=/x --audit-log-compress --audit-log-format=legacy'\n"]),
            new UnitError(
                `${UNIT} is given --audit-log-compress --audit-log-format=legacy by a variable of its environment, which ` +
                    "would stay in force beside the flags that are asked for. Take it out of the variable, or set the same in log.",
            ),
        );
    });

    it("differs by nothing but a comment where the rest of the unit was changed", () => {
        const [before, after] = ["a", "b"].map((name) =>
            planned(unit("ExecStart=/b/kube-apiserver --x", `User=${name}`)),
        );
        assert.notEqual(before!.text, after!.text);
        assert.equal(withoutComments(before!.text), withoutComments(after!.text));
    });
});

describe("a drop-in of a generated unit", () => {
    let directory: string;
    before(() => (directory = mkdtempSync(join(tmpdir(), "drop-in-"))));
    after(() => {
        rmSync(directory, { recursive: true });
    });

    it("starts the same words, those displaced apart, and ours; the lines without any come as they are", () => {
        fc.assert(
            fc.property(tapes(), (tape) => {
                const { text, words } = generateUnit(new Choices(tape));
                const files = [{ path: PATH, text }];
                const command = findUnitCommand(UNIT, files, []);
                assert.deepEqual(
                    command.words.map(({ text }) => text),
                    words,
                );
                const again = findUnitCommand(
                    UNIT,
                    [...files, { path: dropInPath(UNIT), text: planned(files).text }],
                    [],
                );
                const kept = words.filter((word) => !/^--audit-(log|policy)/.test(word));
                assert.deepEqual(
                    again.words.map(({ text }) => text.replaceAll("$$", "$").replaceAll("%%", "%")),
                    [...kept, ...FLAGS],
                );
            }),
            { numRuns: 300 },
        );
    });

    for (const shell of ["dash", "busybox sh"]) {
        for (const awk of ["mawk", "gawk", "busybox awk"]) {
            it(`is made by unit.sh as it was planned, under ${shell} with ${awk}`, () => {
                const script = readFileSync(join(__dirname, "../../host/unit.sh"), "utf8").replace(
                    /\bawk '/,
                    `${awk} '`,
                );
                for (const [index, tape] of fc.sample(tapes(), { seed: 20251125, numRuns: 12 }).entries()) {
                    const files = [{ path: PATH, text: generateUnit(new Choices(tape)).text }];
                    const { operations, text } = planned(files);
                    const edit = join(directory, `edit-${index}`);
                    const base = join(directory, `base-${index}`);
                    writeFileSync(edit, `${renderDropIn(operations).join("\n")}\n`);
                    writeFileSync(base, joinUnitFiles(files));
                    const [program, ...options] = shell.split(" ") as [string, ...string[]];
                    const { stdout, stderr } = spawnSync(program, [...options, "-s", edit, base], {
                        input: `${script}make_drop_in "$1" <"$2"\n`,
                        encoding: "utf8",
                    });
                    assert.deepEqual([stdout, stderr], [text, ""]);
                }
            });
        }
    }
});
