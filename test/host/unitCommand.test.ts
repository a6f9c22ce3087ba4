import assert from "node:assert/strict";
import { findUnitCommand, UnitError } from "../../host/unitCommand";
import { ownedFlags } from "../../host/dropIn";
import { joinUnitFiles, parseUnitFiles, type UnitFile } from "../../host/unitFile";

const UNIT = "kube-apiserver.service";
const PATH = `/etc/systemd/system/${UNIT}`;
const file = (text: string, path = PATH): UnitFile => ({ path, text });
const dropIn = (name: string, text: string) => file(text, `${PATH}.d/${name}`);
const service = (...lines: string[]) =>
    file(["[Unit]", "After=x", "[Service]", ...lines, "Restart=always", ""].join("\n"));
const command = (files: UnitFile[], environment: string[] = []) => findUnitCommand(UNIT, files, environment);
const flags = (files: UnitFile[], environment?: string[]) => command(files, environment).flags.map(({ text }) => text);

describe("parseUnitFiles", () => {
    it("reads assignments with the lines that they stand on in all files together", () => {
        const first = file("; x\n[Service]\nA = 1 \\\n# no \\\n 2\\\n\nB=\n");
        const second = dropIn("a.conf", "C=outside\n[Unit]\nA==\\\\\n[Odd\nnonsense\n");
        assert.deepEqual(parseUnitFiles([first, second]), [
            {
                file: first.path,
                section: "Service",
                key: "A",
                value: "1   2",
                valueStart: 4,
                pieces: [
                    { line: 4, start: 0 },
                    { line: 6, start: 7 },
                    { line: 7, start: 10 },
                ],
            },
            {
                file: first.path,
                section: "Service",
                key: "B",
                value: "",
                valueStart: 2,
                pieces: [{ line: 8, start: 0 }],
            },
            {
                file: second.path,
                section: "Unit",
                key: "A",
                value: "=\\\\",
                valueStart: 2,
                pieces: [{ line: 13, start: 0 }],
            },
        ]);
        const lines = joinUnitFiles([first, second]).split("\n");
        assert.deepEqual([lines[3], lines[7], lines[12]], ["A = 1 \\", "B=", "A==\\\\"]);
    });
});

describe("findUnitCommand", () => {
    const found: [string, UnitFile[], string[], string[]][] = [
        ["one line", [service("ExecStart=/usr/bin/kube-apiserver --a=1 --b 2 --c")], [], ["--a=1", "--b=2", "--c"]],
        [
            "lines that go on, with comments in between",
            [service("ExecStart=/usr/bin/kube-apiserver \\", "  --a=1 \\", "# --x \\", "; --y", "  --b=2")],
            [],
            ["--a=1", "--b=2"],
        ],
        ["prefixes", [service("ExecStart=-+/opt/kube-apiserver --a=1")], [], ["--a=1"]],
        ["another name for the process", [service("ExecStart=@/opt/kube-apiserver apiserver --a=1")], [], ["--a=1"]],
        [
            "variables",
            [
                service(
                    "Environment=A=no B=x",
                    "Environment='C=--c=1 --d'",
                    `ExecStart=/b/kube-apiserver $A --b=\${B} $C $NONE`,
                ),
            ],
            ["A=--first\n", "A='--a=1 --a=2'\n"],
            ["--a=1", "--a=2", "--b=x", "--c=1", "--d"],
        ],
        [
            "variables that the prefix : leaves alone",
            [service("ExecStart=:/b/kube-apiserver --a=$A")],
            ["A=1\n"],
            ["--a=$A"],
        ],
        [
            "a reset in a drop-in",
            [
                service("ExecStart=/b/kube-apiserver --a"),
                dropIn("10-x.conf", "[Service]\nExecStart=\nExecStart=/b/kube-apiserver --b\n"),
            ],
            [],
            ["--b"],
        ],
        ["a program that becomes it", [service("ExecStart=/usr/bin/nice -n 5 /b/kube-apiserver --a=1")], [], ["--a=1"]],
    ];
    for (const [what, files, environment, expected] of found) {
        it(`reads ${what}`, () => {
            assert.deepEqual(flags(files, environment), expected);
        });
    }

    it("says which words give way, and which flags no word can be taken out for", () => {
        const files = [
            service(
                "ExecStart=/b/kube-apiserver --audit_log_path=/x --a=1 --audit-log-maxage 7 --audit-policy-file=${P} " +
                    "--audit-log-mode $MODE $ARGS --audit-webhook-mode=batch",
            ),
        ];
        const environment = ["P=/p.yaml\nMODE=batch\nARGS='--audit-log-maxsize=1 --audit-log-compress'\n"];
        const { displaced, inVariables } = command(files, environment);
        assert.deepEqual([...displaced], [1, 3, 4, 5]);
        assert.deepEqual(
            inVariables.map(({ text }) => text),
            ["--audit-log-mode=batch", "--audit-log-maxsize=1", "--audit-log-compress"],
        );
        assert.deepEqual(ownedFlags(command(files, environment)), [
            "--audit-log-path=/x",
            "--audit-log-maxage=7",
            "--audit-policy-file=/p.yaml",
            "--audit-log-mode=batch",
            "--audit-log-maxsize=1",
            "--audit-log-compress",
        ]);
    });

    const wrapper = (program: string) =>
        `${UNIT} starts ${program} (ExecStart= in ${PATH}), not kube-apiserver itself, so its command line is not known ` +
        "here. Let ExecStart= start kube-apiserver with its flags, or with variables from an EnvironmentFile=; what a " +
        "script prepares before that belongs into ExecStartPre=.";
    const refusals: [string, UnitFile[], string][] = [
        [
            "no command",
            [service()],
            `${UNIT} has no ExecStart=, so it runs nothing. Give unit the name of the one that runs kube-apiserver.`,
        ],
        [
            "several commands",
            [service("ExecStart=/b/kube-apiserver"), dropIn("a.conf", "[Service]\nExecStart=/b/kube-apiserver --a\n")],
            `${UNIT} has 2 ExecStart= (${PATH}, ${PATH}.d/a.conf), so it is not clear which of them is kube-apiserver's. ` +
                "Leave one; what has to run before it belongs into ExecStartPre=.",
        ],
        [
            "several commands in one",
            [service("ExecStart=/bin/true ; /b/kube-apiserver --a")],
            `${UNIT} has several commands in one ExecStart= of ${PATH}, with ; between them. Leave kube-apiserver's; what ` +
                "has to run before it belongs into ExecStartPre=.",
        ],
        ["a script", [service("ExecStart=/usr/local/bin/start.sh --a=1")], wrapper("/usr/local/bin/start.sh")],
        ["a script that is told the program", [service("ExecStart=/opt/run kube-apiserver --a")], wrapper("/opt/run")],
        ["a shell", [service(`ExecStart=/bin/sh -c "exec kube-apiserver --a"`)], wrapper("/bin/sh")],
        [
            "an open quote",
            [service(`ExecStart=/b/kube-apiserver "--a`)],
            `${UNIT} has an ExecStart= in ${PATH} that systemd ignores: the quote " is not closed.`,
        ],
        [
            "the end of all flags",
            [service("ExecStart=/b/kube-apiserver --a=1 -- b")],
            `${UNIT} has the word -- in its ExecStart= (${PATH}), after which no flag is read. Remove it.`,
        ],
    ];
    for (const [what, files, message] of refusals) {
        it(`refuses ${what}`, () => {
            assert.throws(() => command(files), new UnitError(message));
        });
    }
});
