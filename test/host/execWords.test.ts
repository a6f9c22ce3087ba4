import assert from "node:assert/strict";
import fc from "fast-check";
import { ExecWordsError, quoteExecWord, splitExecWords } from "../../host/execWords";

const texts = (line: string) => splitExecWords(line).map(({ text }) => text);

describe("splitExecWords", () => {
    const cases: [string, string, string[]][] = [
        ["nothing", "", []],
        ["words between any blanks", " a\t b  c ", ["a", "b", "c"]],
        ["quotes of both kinds", `"a b" 'c "d"' ''`, ["a b", 'c "d"', ""]],
        ["a quote inside of a word", `--flag="a b"c`, ["--flag=a bc"]],
        ["escapes, in quotes or not", String.raw`a\sb "\t\x41\u00e4\101" '\\' \"`, ["a b", "\tAäA", "\\", '"']],
        ["an escape that is not known, as it is", String.raw`\q "\d" \x0 \400x`, ["\\q", "\\d", "\\x0", "\\400x"]],
        ["specifiers and variables, as they are", "%i %% $A ${B} $$", ["%i", "%%", "$A", "${B}", "$$"]],
        ["a backslash at the very end", "a\\", ["a\\"]],
    ];
    for (const [what, line, expected] of cases) {
        it(`reads ${what}`, () => {
            assert.deepEqual(texts(line), expected);
        });
    }

    it("says where each word is, and how it is written", () => {
        assert.deepEqual(splitExecWords(` a "b c"`), [
            { raw: "a", text: "a", start: 1 },
            { raw: `"b c"`, text: "b c", start: 3 },
        ]);
    });

    it("refuses a quote that is not closed", () => {
        assert.throws(() => splitExecWords(`a "b`), new ExecWordsError('the quote " is not closed'));
    });
});

describe("quoteExecWord", () => {
    const cases: [string, string, boolean, string][] = [
        ["a plain word", "--audit-log-path=/var/log/a.log", true, "--audit-log-path=/var/log/a.log"],
        ["blanks and quotes", `a "b" 'c' \\d`, true, String.raw`"a \"b\" 'c' \\d"`],
        ["specifiers and variables", "%i$A", true, "%%i$$A"],
        ["variables that are not replaced", "%i$A", false, "%%i$A"],
        ["nothing", "", true, '""'],
    ];
    for (const [what, text, expands, expected] of cases) {
        it(`writes ${what}`, () => {
            assert.equal(quoteExecWord(text, expands), expected);
        });
    }

    it("is undone by splitting, apart from what stands for a specifier or a variable", () => {
        const words = fc.array(fc.string({ unit: fc.constantFrom(...Array.from("aZ0 -=/%$\\'\"{}ä😀;#")) }));
        fc.assert(
            fc.property(words, (list) => {
                const line = list.map((word) => quoteExecWord(word)).join(" ");
                const read = texts(line).map((text) => text.replaceAll("%%", "%").replaceAll("$$", "$"));
                assert.deepEqual(read, list);
            }),
        );
    });
});
