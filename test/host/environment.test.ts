import assert from "node:assert/strict";
import { expandWord, hasVariable, parseEnvironment, parseEnvironmentFile } from "../../host/environment";

describe("parseEnvironment", () => {
    it("reads the words that are assignments to a name", () => {
        assert.deepEqual(parseEnvironment(`A=1 "B=x y" 'C'="z" D== 2E=3 =4 F`), [
            ["A", "1"],
            ["B", "x y"],
            ["C", "z"],
            ["D", "="],
        ]);
    });
});

describe("parseEnvironmentFile", () => {
    const cases: [string, string, [string, string][]][] = [
        ["nothing", "", []],
        ["comments and empty lines", "# a=1\n\n ; b=2\nC=3\n", [["C", "3"]]],
        [
            "blanks around key and value",
            "  A =  x y  \nB=\n",
            [
                ["A", "x y"],
                ["B", ""],
            ],
        ],
        [
            "quotes, with what follows them",
            `A="x  y" 'z'\nB='a\\b' c\nC=""\n`,
            [
                ["A", "x  yz"],
                ["B", "a\\bc"],
                ["C", ""],
            ],
        ],
        ["quotes inside of a value, which are none", `A=x"y z"\n`, [["A", 'x"y z"']]],
        [
            "lines that go on",
            'A=--x \\\n  --y\nB="1\\\n2"\n',
            [
                ["A", "--x   --y"],
                ["B", "12"],
            ],
        ],
        [
            "a quoted value over several lines",
            "A='1\n2'\nB=3",
            [
                ["A", "1\n2"],
                ["B", "3"],
            ],
        ],
        [
            "escapes",
            String.raw`A=\a\"` + "\n" + String.raw`B="\" \$ \x"` + "\n",
            [
                ["A", 'a"'],
                ["B", '" $ \\x'],
            ],
        ],
        ["lines without an assignment", "export\nA=1\nexport B=2\n", [["A", "1"]]],
        [
            "the last one of a name as well",
            "A=1\nA=2\n",
            [
                ["A", "1"],
                ["A", "2"],
            ],
        ],
    ];
    for (const [what, text, expected] of cases) {
        it(`reads ${what}`, () => {
            assert.deepEqual(parseEnvironmentFile(text), expected);
        });
    }
});

describe("expandWord", () => {
    const environment = new Map([
        ["ARGS", ` --a=1  "--b=x y" --c='z' \\\\ `],
        ["ONE", "1 2"],
        ["EMPTY", ""],
    ]);
    const cases: [string, string[]][] = [
        ["$ARGS", ["--a=1", "--b=x y", "--c=z", "\\"]],
        ["$ONE", ["1", "2"]],
        ["${ONE}", ["1 2"]],
        ["x${ONE}y${EMPTY}${NONE}", ["x1 2y"]],
        ["$EMPTY", []],
        ["$NONE", []],
        ["${NONE}", [""]],
        ["x$ONE", ["x$ONE"]],
        ["$$ONE", ["$ONE"]],
        ["$${ONE}", ["${ONE}"]],
        ["$", ["$"]],
    ];
    for (const [word, expected] of cases) {
        it(`makes ${JSON.stringify(expected)} of ${word}`, () => {
            assert.deepEqual(expandWord(word, environment), expected);
        });
    }

    it("knows the words whose meaning a variable decides", () => {
        const found = ["$A", "${A}", "x${A}", "x$A", "$$A", "$${A}", "a", "$"].filter(hasVariable);
        assert.deepEqual(found, ["$A", "${A}", "x${A}"]);
    });
});
