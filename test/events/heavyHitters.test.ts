import assert from "node:assert/strict";
import fc from "fast-check";
import { HeavyHitters } from "../../events/heavyHitters";

const values = fc.array(
    fc.tuple(fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h"), fc.integer({ min: 1, max: 9 })),
    { maxLength: 60 },
);

function sums(list: readonly (readonly [string, number])[]): Map<string, number> {
    const all = new Map<string, number>();
    list.forEach(([key, value]) => all.set(key, (all.get(key) ?? 0) + value));
    return all;
}

function filled(list: readonly (readonly [string, number])[], capacity: number): HeavyHitters<string> {
    const hitters = new HeavyHitters<string>(capacity);
    list.forEach(([key, value]) => {
        hitters.add(key, key, value);
    });
    return hitters;
}

describe("HeavyHitters", () => {
    it("sums exactly as long as there is room", () => {
        fc.assert(
            fc.property(values, (list) => {
                const expected = [...sums(list)]
                    .sort(([oneKey, one], [otherKey, other]) => other - one || (oneKey < otherKey ? -1 : 1))
                    .map(([key, value]) => ({ key, value, surplus: 0 }));
                assert.deepEqual(filled(list, 4).top(8), expected);
            }),
        );
    });

    it("bounds every sum when there are more keys than it keeps", () => {
        fc.assert(
            fc.property(values, (list) => {
                const all = sums(list);
                const kept = filled(list, 2).top(8);
                assert.ok(kept.length <= 4);
                for (const { key, value, surplus } of kept) {
                    assert.ok(value - surplus <= all.get(key)! && all.get(key)! <= value, `${key} ${value} ${surplus}`);
                }
            }),
        );
    });

    it("never misses a key that has more than all others together", () => {
        fc.assert(
            fc.property(values, fc.nat({ max: 59 }), (list, at) => {
                const rest = list.reduce((sum, [, value]) => sum + value, 0);
                const [first] = filled([...list.slice(0, at), ["large", rest + 1], ...list.slice(at)], 2).top(1);
                assert.equal(first?.key, "large");
            }),
        );
    });
});
