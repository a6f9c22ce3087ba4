import assert from "node:assert/strict";
import fc from "fast-check";
import { parseReport, type HostReport } from "../../host/report";

/** As the runner prints it. */
const TEXT = `{
    "host": "cp-1",
    "changed": [
        "/etc/kubernetes/audit/policy-0123456789ab.yaml",
        "/etc/kubernetes/manifests/kube-apiserver.yaml"
    ],
    "restarted": true,
    "oldProcess": "1234 5678",
    "newProcess": "4321 8765",
    "proof": "event",
    "seconds": {
        "lock": 0.01,
        "restart": 8.20,
        "renameToReady": 8.10
    },
    "warnings": []
}
`;

const REPORT: HostReport = {
    host: "cp-1",
    changed: ["/etc/kubernetes/audit/policy-0123456789ab.yaml", "/etc/kubernetes/manifests/kube-apiserver.yaml"],
    restarted: true,
    oldProcess: "1234 5678",
    newProcess: "4321 8765",
    proof: "event",
    seconds: { lock: 0.01, restart: 8.2, renameToReady: 8.1 },
    warnings: [],
};

describe("parseReport", () => {
    it("reads what the transaction prints", () => {
        assert.deepEqual(parseReport(TEXT), REPORT);
    });

    it("passes over what a login shell prints before", () => {
        assert.deepEqual(parseReport(`Welcome to cp-1\n\n${TEXT}`), REPORT);
    });

    it("refuses anything else, and a report that was cut anywhere, with nothing of it in the error", () => {
        const error = new Error("The host's report is not the JSON document that the transaction prints.");
        for (const output of ["", "\n", "Welcome\n", `${TEXT}}`]) {
            assert.throws(() => parseReport(output), error, JSON.stringify(output));
        }
        const whole = TEXT.trimEnd();
        fc.assert(
            fc.property(fc.nat(whole.length - 1), (length) => {
                assert.throws(() => parseReport(whole.slice(0, length)), error);
            }),
        );
    });
});
