import assert from "node:assert/strict";
import { auditFlags, isOwnedFlag, policyPath } from "../../host/flags";
import type { LogSettings } from "../../host/settings";

describe("auditFlags", () => {
    const policyFile = "/etc/kubernetes/audit/policy-0123456789ab.yaml";
    const flags = (log: LogSettings) => auditFlags({ policyFile, log });

    it("writes path, age, count and size out even when nothing is given", () => {
        assert.deepEqual(flags({ batch: {}, maxAge: undefined }), [
            "--audit-policy-file=/etc/kubernetes/audit/policy-0123456789ab.yaml",
            "--audit-log-path=/var/log/kubernetes/audit/audit.log",
            "--audit-log-maxage=30",
            "--audit-log-maxbackup=10",
            "--audit-log-maxsize=100",
        ]);
    });

    it("writes what is given, zeros and false too", () => {
        const log: Required<LogSettings> = {
            truncate: { maxEventSize: 1024, maxBatchSize: 2048, enabled: true },
            batch: {
                throttleBurst: 15,
                throttleQps: 0.5,
                throttleEnable: true,
                maxWait: "1m30s",
                maxSize: 400,
                bufferSize: 10000,
            },
            mode: "batch",
            compress: false,
            format: "json",
            maxSize: 1,
            maxBackup: 0,
            maxAge: 0,
            path: "-",
        };
        assert.deepEqual(flags(log), [
            "--audit-policy-file=/etc/kubernetes/audit/policy-0123456789ab.yaml",
            "--audit-log-path=-",
            "--audit-log-maxage=0",
            "--audit-log-maxbackup=0",
            "--audit-log-maxsize=1",
            "--audit-log-format=json",
            "--audit-log-compress=false",
            "--audit-log-mode=batch",
            "--audit-log-batch-buffer-size=10000",
            "--audit-log-batch-max-size=400",
            "--audit-log-batch-max-wait=1m30s",
            "--audit-log-batch-throttle-enable=true",
            "--audit-log-batch-throttle-qps=0.5",
            "--audit-log-batch-throttle-burst=15",
            "--audit-log-truncate-enabled=true",
            "--audit-log-truncate-max-batch-size=2048",
            "--audit-log-truncate-max-event-size=1024",
        ]);
    });
});

describe("policyPath", () => {
    it("is named after the SHA-256 of the text's bytes", () => {
        assert.equal(policyPath(""), "/etc/kubernetes/audit/policy-e3b0c44298fc.yaml");
        assert.equal(policyPath("ä\n"), "/etc/kubernetes/audit/policy-ac6f010e65c9.yaml");
    });
});

describe("isOwnedFlag", () => {
    it("is true of the policy and of the log back end", () => {
        const names = ["--audit-policy-file", "--audit-log-path", "--audit-log-truncate-enabled"];
        assert.deepEqual(names.filter(isOwnedFlag), names);
    });

    it("is false of everything else, the webhook back end included", () => {
        const names = ["--audit-webhook-config-file", "--audit-policy-file-x", "--audit-logs", "--v"];
        assert.deepEqual(names.filter(isOwnedFlag), []);
    });
});
