import assert from "node:assert/strict";
import fc from "fast-check";
import { predictRetention, rotationFor, type RotationSettings, type WriteRate } from "../../events/retention";
import { RotatedLog } from "./lumberjack";

const mebibyte = 1024 * 1024;
const day = 86_400;
const hour = 3600;
const plain: RotationSettings = { maxSize: 100, maxBackup: 10, maxAge: 30, compress: false };

/** So that a file of 100 MiB takes so many seconds. */
const filling = (seconds: number): WriteRate => ({ bytesPerSecond: (100 * mebibyte) / seconds, compressedShare: 0.1 });

const cases: [
    what: string,
    seconds: number,
    settings: Partial<RotationSettings>,
    expected: object,
    version?: number,
][] = [
    [
        "the usual settings hold hours, whatever maxAge says",
        hour / 2,
        {},
        { backups: 10, limit: "maxBackup", reach: { min: 5 * hour, max: 5.5 * hour }, disk: 1100 * mebibyte },
    ],
    [
        "a quiet log is kept by its age, and a little longer",
        7 * day,
        {},
        { backups: 5, limit: "maxAge", reach: { min: 30 * day, max: 42 * day }, disk: 600 * mebibyte },
    ],
    [
        "a very quiet one for two files",
        60 * day,
        {},
        { backups: 1, limit: "maxAge", reach: { min: 30 * day, max: 120 * day }, disk: 200 * mebibyte },
    ],
    [
        "compressed",
        hour,
        { compress: true },
        { backups: 10, limit: "maxBackup", reach: { min: 10 * hour, max: 11 * hour }, disk: 210 * mebibyte },
    ],
    [
        "no limit",
        hour,
        { maxBackup: 0, maxAge: 0 },
        { backups: Infinity, limit: "none", reach: { min: Infinity, max: Infinity }, disk: Infinity },
    ],
    [
        "only an age",
        hour,
        { maxBackup: 0, maxAge: 1 },
        { backups: 25, limit: "maxAge", reach: { min: day, max: 26 * hour }, disk: 2600 * mebibyte },
    ],
    [
        "no size, up to 1.35",
        hour,
        { maxSize: 0 },
        { backups: 10, limit: "maxBackup", reach: { min: 10 * hour, max: 11 * hour }, disk: 1100 * mebibyte },
        35,
    ],
];

describe("predictRetention", () => {
    for (const [what, secondsPerFile, settings, expected, version] of cases) {
        it(what, () => {
            const found = predictRetention(filling(secondsPerFile), { ...plain, ...settings }, version);
            assert.deepEqual(found, { secondsPerFile, ...expected });
        });
    }

    it("never ends where nothing is rotated, or nothing written", () => {
        const forever = {
            secondsPerFile: Infinity,
            backups: 0,
            limit: "none",
            reach: { min: Infinity, max: Infinity },
        };
        const unrotated = predictRetention(filling(hour), { ...plain, maxSize: 0 }, 36);
        assert.deepEqual(unrotated, { ...forever, disk: Infinity });
        assert.deepEqual(predictRetention({ bytesPerSecond: 0 }, plain), { ...forever, disk: 100 * mebibyte });
    });

    it("holds for a log that is rotated by lumberjack's rule", () => {
        const settings = fc.record({
            maxSize: fc.integer({ min: 1, max: 4 }),
            maxBackup: fc.integer({ min: 0, max: 5 }),
            maxAge: fc.integer({ min: 0, max: 3 }),
            compress: fc.constant(false),
        });
        const perFile = fc.constantFrom(2, 4, 8, 16, 32);
        const secondsPerEvent = fc.integer({ min: 600, max: 40_000 });
        fc.assert(
            fc.property(settings, perFile, secondsPerEvent, fc.boolean(), (settings, perFile, every, restarts) => {
                const bytes = (settings.maxSize * mebibyte) / perFile;
                const { reach, disk, backups } = predictRetention({ bytesPerSecond: bytes / every }, settings);
                const log = new RotatedLog(settings);
                const steps = Math.min(3000, Math.ceil((2 * reach.max) / every) + 200);
                let [shortest, longest, largest, most] = [Infinity, 0, 0, 0];
                for (let step = 0; step < steps; step++) {
                    const now = step * every;
                    log.write(bytes, now);
                    if (restarts && step % 7 === 0) {
                        log.clean(now);
                    }
                    if (step > steps / 2) {
                        const age = now - log.oldest();
                        [shortest, longest] = [Math.min(shortest, age), Math.max(longest, age)];
                        [largest, most] = [Math.max(largest, log.size()), Math.max(most, log.count)];
                    }
                }
                if (reach.max === Infinity) {
                    assert.ok(longest > (steps - 3) * every);
                    return;
                }
                // Between two events nothing happens, so everything is seen one event late.
                assert.ok(shortest >= reach.min - every, `${shortest} < ${reach.min} - ${every}`);
                assert.ok(longest <= reach.max + every, `${longest} > ${reach.max} + ${every}`);
                assert.ok(largest <= disk + 1e-3 && most <= backups);
                if (!restarts) {
                    assert.ok(longest >= reach.max - 2 * every && largest >= disk - 1e-3 && most === backups);
                }
            }),
            { numRuns: 200 },
        );
    });
});

describe("rotationFor", () => {
    it("finds the fewest files that hold so many days", () => {
        fc.assert(
            fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 60, max: 40 * day }), (days, seconds) => {
                const rate = filling(seconds);
                const wanted = rotationFor(days, rate, plain);
                assert.deepEqual([wanted.maxSize, wanted.maxAge, wanted.compress], [100, days, false]);
                assert.ok(predictRetention(rate, wanted).reach.min >= days * day - 1e-3);
                if (wanted.maxBackup > 1) {
                    const fewer = { ...wanted, maxBackup: wanted.maxBackup - 1 };
                    assert.ok(predictRetention(rate, fewer).reach.min < days * day);
                }
            }),
        );
    });

    it("gives files a size where they had none", () => {
        assert.deepEqual(rotationFor(2, filling(day), { maxSize: 0, compress: true }, 36), {
            maxSize: 100,
            maxBackup: 2,
            maxAge: 2,
            compress: true,
        });
    });
});
