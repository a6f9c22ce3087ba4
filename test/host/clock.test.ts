import assert from "node:assert/strict";
import { clockOffset, clockWarnings } from "../../host/clock";

describe("clockOffset", () => {
    const cases: [string, number, number, number, number][] = [
        ["in time", 1000, 1000.2, 1000.9, 0],
        ["in time, for all that a slow login leaves open", 1003, 1000.2, 1009.9, 0],
        ["a second that is not over", 999, 999.8, 1000.1, 0],
        ["ahead", 1010, 1000.2, 1001, 9],
        ["behind", 990, 1000.5, 1001, -9.5],
    ];
    for (const [what, clock, began, ended, expected] of cases) {
        it(`is ${expected} for a clock that is ${what}`, () => {
            assert.equal(clockOffset(clock, began, ended), expected);
        });
    }
});

describe("clockWarnings", () => {
    const clocks = (...offsets: number[]) => offsets.map((offset, index) => ({ host: `cp-${index + 1}`, offset }));
    const both = "See on both whether their time is synchronised (timedatectl).";
    const sides = "See on both sides whether the time is synchronised (timedatectl).";
    const order = "so their audit events cannot be put in order.";
    const times = "so audit events bear times at which they did not happen.";
    const cases: [string, number[], string[]][] = [
        ["no host", [], []],
        ["one that goes well", [4.9], []],
        ["some that differ a little", [-2, 2.9, 0], []],
        ["two that differ", [0, 8.7, -1], [`the clock of cp-2 is 9 s ahead of that of cp-3, ${order} ${both}`]],
        ["one that is ahead", [61.5], [`the clock of cp-1 is 61 s ahead of this machine's, ${times} ${sides}`]],
        ["one that is behind", [-61.5], [`the clock of cp-1 is 61 s behind this machine's, ${times} ${sides}`]],
        ["all that are behind", [-7, -6], [`the clocks of the hosts are 6 s behind this machine's, ${times} ${sides}`]],
        ["all that are ahead", [7, 9], [`the clocks of the hosts are 7 s ahead of this machine's, ${times} ${sides}`]],
    ];
    for (const [what, offsets, expected] of cases) {
        it(`tells of ${what}`, () => {
            assert.deepEqual(clockWarnings(clocks(...offsets)), expected);
        });
    }
});
