import assert from "node:assert/strict";
import { exitError, quoted, type RemoteExit } from "../../sandbox/command-provider/goWords";

describe("the official plugin's words", () => {
    // Each right-hand side is what Go 1.26 prints for %q.
    const strings: [string, string][] = [
        ["sudo -n sh -s -- apply", '"sudo -n sh -s -- apply"'],
        ['say "hi" \\ bye', '"say \\"hi\\" \\\\ bye"'],
        ["a\nb\tc\r", '"a\\nb\\tc\\r"'],
        ["\x07\b\f\v\x00\x1b\x7f", '"\\a\\b\\f\\v\\x00\\x1b\\x7f"'],
        ["é 世界 😀", '"é 世界 😀"'],
        ["a\u00a0b\u2028c\u200bd\ufeff", '"a\\u00a0b\\u2028c\\u200bd\\ufeff"'],
        ["\u{e0001}", '"\\U000e0001"'],
    ];
    for (const [text, expected] of strings) {
        it(`quotes ${JSON.stringify(text)}`, () => {
            assert.equal(quoted(text), expected);
        });
    }

    const exits: [RemoteExit, string | undefined][] = [
        [{ code: 0 }, undefined],
        [{ code: 3 }, "Process exited with status 3"],
        [{ signal: "KILL" }, "Process exited with status 137 from signal KILL"],
        [{ signal: "TERM", reason: "shot" }, "Process exited with status 143 from signal TERM. Reason was: shot"],
        [{}, "wait: remote command exited without exit status or exit signal"],
    ];
    for (const [exit, expected] of exits) {
        it(`tells the end ${JSON.stringify(exit)}`, () => {
            assert.equal(exitError(exit), expected);
        });
    }
});
