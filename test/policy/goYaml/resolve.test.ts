import assert from "node:assert/strict";
import { GoNumber } from "../../../policy/goYaml/goValue";
import { resolveScalar } from "../../../policy/goYaml/resolve";

/** Which of these are texts, and which are not, was checked with the API server's own reader. */
describe("resolveScalar, without a tag", () => {
    const truths = "y Y yes Yes YES true True TRUE on On ON".split(" ");
    const untruths = "n N no No NO false False FALSE off Off OFF".split(" ");
    const values: [string, string | number | boolean | null][] = [
        ...truths.map((word): [string, boolean] => [word, true]),
        ...untruths.map((word): [string, boolean] => [word, false]),
        ["", null],
        ["~", null],
        ["null", null],
        ["Null", null],
        ["nULL", "nULL"],
        ["yEs", "yEs"],
        ["0", 0],
        ["-1", -1],
        ["+1", 1],
        ["1_000", 1000],
        ["017", 15],
        ["0o17", 15],
        ["089", 89],
        ["0x1F", 31],
        ["-0x1f", -31],
        ["0b101", 5],
        ["0b-1", -1],
        ["0b2", "0b2"],
        ["0xg", "0xg"],
        ["18446744073709551615", 2 ** 64],
        ["0xFFFFFFFFFFFFFFFFF", "0xFFFFFFFFFFFFFFFFF"],
        ["1e3", 1000],
        ["1e999", "1e999"],
        ["1.", 1],
        [".5", 0.5],
        [".5e1", 5],
        ["._5", "._5"],
        ["..", ".."],
        [".inf", Infinity],
        ["-.INF", -Infinity],
        [".NaN", NaN],
        ["1:30", "1:30"],
        ["2001-01-01", "2001-01-01"],
        ["10.0.0.1", "10.0.0.1"],
        ["system:kube-proxy", "system:kube-proxy"],
        ["=", "="],
        ["<<", "<<"],
    ];
    for (const [source, value] of values) {
        it(`reads ${JSON.stringify(source)} as ${String(value)} (${value === null ? "null" : typeof value})`, () => {
            const resolved = resolveScalar("", source);
            assert.deepEqual(resolved instanceof GoNumber ? Number(resolved.value) : resolved, value);
        });
    }
});
