import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { planTransaction } from "../../host/plan";
import { probeScript, rootShell, transactionScript } from "../../host/script";
import { freshHost, printed, wishOf } from "./observedHost";
import { carriedFiles, deliver, deliveredLength, SHELLS } from "./transaction";

const source = (name: string) => readFileSync(join(__dirname, "../../host", name), "utf8");

const DELIMITER = "KUBE_APISERVER_AUDIT_END";

const plan = () => planTransaction("cp-1", `generation 00ff\n${printed(freshHost())}`, wishOf()).script;

describe("rootShell", () => {
    const cases: [string | undefined, string[], string][] = [
        ["root", [], "sh -s"],
        ["root", ["apply"], "sh -s -- apply"],
        ["debian", [], "sudo -n sh -s"],
        ["debian", ["remove"], "sudo -n sh -s -- remove"],
        ["debian", ["recover", "x"], "sudo -n sh -s -- recover x"],
        [undefined, ["apply"], "sudo -n sh -s -- apply"],
    ];
    for (const [user, words, command] of cases) {
        it(`is ${command} for ${user ?? "nobody in particular"}`, () => {
            assert.equal(rootShell(user, ...words), command);
        });
    }
});

describe("transactionScript", () => {
    it("is the delivery, the texts in their order, the runner, and the call that is missing when it is cut", () => {
        assert.equal(
            transactionScript({ b: "1\n2\n", a: "\n", empty: "" }),
            [
                source("deliver.sh"),
                "transaction_files() {",
                `cat >"$1/b" <<'${DELIMITER}'`,
                "1",
                "2",
                DELIMITER,
                `cat >"$1/a" <<'${DELIMITER}'`,
                "",
                DELIMITER,
                `cat >"$1/empty" <<'${DELIMITER}'`,
                DELIMITER,
                `cat >"$1/runner.sh" <<'${DELIMITER}'`,
                `${["common.sh", "manifest.sh", "unit.sh", "peers.sh", "runner.sh"].map(source).join("\n")}\nmain "$@"`,
                DELIMITER,
                "}",
                "",
                'main "$@" complete',
                "",
            ].join("\n"),
        );
    });

    const refusals: [string, string, string][] = [
        ["no line break at the end", "a", "policy.yaml has to end with a line break."],
        ["a NUL byte", "a\0b\n", "policy.yaml has a NUL byte."],
    ];
    it("ends a text with a line that is not one of its own", () => {
        const text = `a\n${DELIMITER}\n${DELIMITER}_\n`;
        const script = transactionScript({ a: text });
        assert.ok(script.includes(`\ncat >"$1/a" <<'${DELIMITER}__'\n${text}${DELIMITER}__\n`));
    });

    for (const [what, text, message] of refusals) {
        it(`refuses a text with ${what}`, () => {
            assert.throws(() => transactionScript({ "policy.yaml": text }), new Error(message));
        });
    }
});

describe("a transaction's script", () => {
    for (const [name, [program, ...options]] of Object.entries(SHELLS)) {
        const shell: [string, ...string[]] = [program, ...options];

        describe(`under ${name}`, () => {
            it("parses, as does the runner in it and the probe", () => {
                const script = plan();
                for (const text of [script, carriedFiles(script).get("runner.sh")!, probeScript()]) {
                    const { status, stdout, stderr } = spawnSync(program, [...options.slice(0, -1), "-n"], {
                        input: text,
                        encoding: "utf8",
                    });
                    assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: "", stderr: "" });
                }
            });

            it("puts every text on the host byte for byte, starts the runner, and takes everything away", () => {
                const script = plan();
                const { files, ...rest } = deliver(shell, script);
                assert.deepEqual(rest, { status: 0, stdout: "supervise apply\n", stderr: "", left: [] });
                for (const name of ["policy.yaml", "settings", "edit"]) {
                    assert.equal(files!.get(name), carriedFiles(script).get(name));
                }
            });

            it("evaluates nothing of what it carries", () => {
                const lines = fc.array(fc.constantFrom(...ODD_LINES), { minLength: 1, maxLength: 8 });
                const text = lines.map((list) => `${list.join("\n")}\n`);
                fc.assert(
                    fc.property(text, text, (policy, settings) => {
                        const { status, files } = deliver(shell, transactionScript({ policy, settings, empty: "" }));
                        assert.equal(status, 0);
                        assert.equal(files!.get("policy"), policy);
                        assert.equal(files!.get("settings"), settings);
                        assert.equal(files!.get("empty"), "");
                    }),
                    { numRuns: 15 },
                );
            });

            it("does nothing where it was cut, at whatever byte", () => {
                const script = plan();
                const length = deliveredLength(script);
                const doesNothing = (cut: number) => {
                    const { files, left } = deliver(shell, script, cut);
                    assert.deepEqual({ files, left }, { files: undefined, left: undefined }, `cut at ${cut}`);
                };
                // The last byte is a line break, which no shell waits for.
                for (let cut = length - 'main "$@" complete\n}'.length; cut < length - 1; cut++) {
                    doesNothing(cut);
                }
                fc.assert(fc.property(fc.nat(length - 2), doesNothing), { numRuns: 40 });
            });

            it("says so where its last word is missing", () => {
                const script = plan();
                assert.deepEqual(deliver(shell, script, deliveredLength(script) - " complete\n".length), {
                    status: 2,
                    stdout: "",
                    stderr: "The transaction arrived incomplete. Nothing was changed.\n",
                    files: undefined,
                    left: undefined,
                });
            });
        });
    }
});

/** What a shell, a here-document or awk could take for something else. */
const ODD_LINES = [
    "",
    " ",
    "\t",
    "$(touch /tmp/x) `id` ${HOME} $1 $@ $$",
    "\\",
    "a\\",
    "\\n \\$ \\`",
    "'",
    '"',
    "a\r",
    "}",
    "EOF",
    DELIMITER,
    `${DELIMITER} `,
    ` ${DELIMITER}`,
    `x${DELIMITER}`,
    `'${DELIMITER}'`,
    'main "$@" complete',
    "!! !x ~ * ? [a-z] {a,b}",
    "; exit 3 &",
    "# comment",
    "-n",
    "ä😀\u2028\u00a0",
    "x".repeat(5000),
];
