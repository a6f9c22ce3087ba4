import assert from "node:assert/strict";
import { logSettingsErrors } from "../../host/logSettingsErrors";
import type { LogSettings } from "../../host/settings";

describe("logSettingsErrors", () => {
    const OWN_DIRECTORY =
        "cannot be mounted as a log directory; give the log a directory of its own, such as /var/log/kubernetes/audit.";
    const WHOLE = "give a whole number from 0 to 2147483647.";

    const fine: [what: string, log: LogSettings][] = [
        ["nothing", {}],
        ["empty groups", { batch: {}, truncate: {} }],
        ["standard output", { path: "-" }],
        ["a path of its own", { path: "/data/audit/audit-1.2_3@x%+=:,~.log" }],
        ["zeros that mean no limit", { maxAge: 0, maxBackup: 0 }],
        ["the longest age", { maxAge: 106751 }],
        [
            "batch sizes of 0 outside batch mode",
            { mode: "blocking", batch: { maxSize: 0, bufferSize: 0, throttleEnable: true } },
        ],
        ["a throttle that is off", { mode: "batch", batch: { throttleQps: 0, throttleBurst: 0 } }],
        ["a throttle", { mode: "batch", batch: { throttleEnable: true, throttleQps: 0.1, throttleBurst: 1 } }],
        ["equal sizes", { truncate: { maxBatchSize: 10, maxEventSize: 10 } }],
        ...["0", "0s", "5s", "1.5h", "500ms", "1h2m3.s", "7us", "9ns"].map((maxWait): [string, LogSettings] => [
            `maxWait ${maxWait}`,
            { batch: { maxWait } },
        ]),
    ];

    for (const [what, log] of fine) {
        it(`accepts ${what}`, () => {
            assert.deepEqual(logSettingsErrors(log), []);
        });
    }

    const wrong: [log: object, ...errors: string[]][] = [
        [{ path: "" }, 'log.path is "", which is not absolute; give an absolute path, or - for standard output.'],
        [
            { path: "audit.log" },
            'log.path is "audit.log", which is not absolute; give an absolute path, or - for standard output.',
        ],
        [
            { path: "/a/$(X)" },
            'log.path is "/a/$(X)", which has the character "$"; use letters, digits and . _ - / @ % + = : , ~ only.',
        ],
        [
            { path: "/a/b\nc" },
            'log.path is "/a/b\\nc", which has the character "\\n"; use letters, digits and . _ - / @ % + = : , ~ only.',
        ],
        [
            { path: "/a/😀" },
            'log.path is "/a/😀", which has the character "😀"; use letters, digits and . _ - / @ % + = : , ~ only.',
        ],
        [
            { path: "/a/../b/c" },
            'log.path is "/a/../b/c", which is not the shortest way to write a file\'s path; write /b/c.',
        ],
        [{ path: "/a/b/" }, 'log.path is "/a/b/", which is not the shortest way to write a file\'s path; write /a/b.'],
        [
            { path: "/" },
            "log.path is \"/\", which is not the shortest way to write a file's path; write a file's path.",
        ],
        [
            { path: "/dev/stdout" },
            'log.path is "/dev/stdout", which cannot be rotated; give - for standard output, or a file.',
        ],
        [{ path: "/audit.log" }, `log.path is "/audit.log", but / ${OWN_DIRECTORY}`],
        [{ path: "/etc/audit.log" }, `log.path is "/etc/audit.log", but /etc ${OWN_DIRECTORY}`],
        [{ path: "/proc/x/audit.log" }, `log.path is "/proc/x/audit.log", but /proc ${OWN_DIRECTORY}`],
        [
            { path: "/etc/kubernetes/manifests/audit.log" },
            `log.path is "/etc/kubernetes/manifests/audit.log", but /etc/kubernetes/manifests ${OWN_DIRECTORY}`,
        ],
        [{ path: "/var/log/audit.log" }, `log.path is "/var/log/audit.log", but /var/log ${OWN_DIRECTORY}`],
        [
            { path: "/var/log/pods/audit/audit.log" },
            `log.path is "/var/log/pods/audit/audit.log", but /var/log/pods ${OWN_DIRECTORY}`,
        ],
        [
            { path: "/etc/kubernetes/audit/logs/audit.log" },
            `log.path is "/etc/kubernetes/audit/logs/audit.log", but /etc/kubernetes/audit ${OWN_DIRECTORY}`,
        ],
        [{ path: 7 }, "log.path is 7; give an absolute path, or - for standard output."],
        [{ maxAge: -1, maxBackup: 1.5 }, `log.maxAge is -1; ${WHOLE}`, `log.maxBackup is 1.5; ${WHOLE}`],
        [{ maxSize: NaN }, `log.maxSize is NaN; ${WHOLE}`],
        [{ maxSize: "100" }, `log.maxSize is "100"; ${WHOLE}`],
        [{ maxSize: 2147483648 }, `log.maxSize is 2147483648; ${WHOLE}`],
        [
            { maxAge: 106752 },
            "log.maxAge is 106752, more days than the API server can count; give at most 106751, or 0 to keep rotated files whatever their age.",
        ],
        [
            { maxSize: 0 },
            "log.maxSize is 0, which means 100 MiB before Kubernetes 1.36 and no rotation from then on; give the number of MiB.",
        ],
        [{ format: "xml" }, 'log.format is "xml"; give one of json, legacy.'],
        [{ mode: "async" }, 'log.mode is "async"; give one of batch, blocking, blocking-strict.'],
        [{ compress: "yes" }, 'log.compress is "yes"; give true or false.'],
        [{ batch: [] }, "log.batch is []; give a mapping of settings."],
        [{ truncate: true }, "log.truncate is true; give a mapping of settings."],
        ...["5", "-5s", "5 s", "", "5µs", "s"].map((maxWait): [object, string] => [
            { batch: { maxWait } },
            `log.batch.maxWait is ${JSON.stringify(maxWait)}; give a duration such as 500ms, 5s or 1m30s.`,
        ]),
        [
            { mode: "batch", batch: { bufferSize: 0, maxSize: 0 } },
            "log.batch.bufferSize is 0, but batch mode needs room for at least one event; give 1 or more.",
            "log.batch.maxSize is 0, but batch mode needs room for at least one event; give 1 or more.",
        ],
        [
            { mode: "batch", batch: { throttleEnable: true, throttleBurst: 0 } },
            "log.batch.throttleQps is not given, but log.batch.throttleEnable is true; give a positive number, or do not throttle.",
            "log.batch.throttleBurst is 0, but log.batch.throttleEnable is true; give a positive number, or do not throttle.",
        ],
        [{ batch: { throttleQps: -0.5 } }, "log.batch.throttleQps is -0.5; give a number, 0 or more."],
        [
            { truncate: { maxEventSize: 0 } },
            "log.truncate.maxEventSize is 0, but an event needs room; give a positive number of bytes.",
        ],
        [
            { truncate: { enabled: false, maxBatchSize: 1000 } },
            "log.truncate.maxBatchSize is 1000, less than the 102400 of log.truncate.maxEventSize (not given); a batch must hold at least one event, so raise the first or lower the second.",
        ],
        [
            { truncate: { maxEventSize: 10485761 } },
            "log.truncate.maxBatchSize is 10485760 (not given), less than the 10485761 of log.truncate.maxEventSize; a batch must hold at least one event, so raise the first or lower the second.",
        ],
    ];

    for (const [log, ...errors] of wrong) {
        it(`refuses ${JSON.stringify(log)}`, () => {
            assert.deepEqual(logSettingsErrors(log), errors);
        });
    }

    it("says what a size of 0 means to the version at hand", () => {
        assert.deepEqual(logSettingsErrors({ maxSize: 0 }, 35), [
            "log.maxSize is 0, which means 100 MiB to Kubernetes 1.35 and something else to other versions; give the number of MiB.",
        ]);
        assert.deepEqual(logSettingsErrors({ maxSize: 0 }, 36), [
            "log.maxSize is 0, which means no rotation to Kubernetes 1.36 and something else to other versions; give the number of MiB.",
        ]);
    });
});
