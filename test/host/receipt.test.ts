import assert from "node:assert/strict";
import fc from "fast-check";
import { parseReceipt, ReceiptError, type Receipt } from "../../host/receipt";
import { appliedHost, receiptOf } from "./observedHost";

/** As the runner writes it. */
const TEXT = `{
    "schemaVersion": 1,
    "generation": "df9a7cf8a65d48de",
    "owner": "organization/dev/dev/audit",
    "flags": [
        "--audit-policy-file=/etc/kubernetes/audit/policy-369e16ff1dca.yaml",
        "--audit-log-path=/var/log/kubernetes/audit/audit.log"
    ],
    "mounts": [
        "kube-apiserver-audit-policy ro /etc/kubernetes/audit",
        "kube-apiserver-audit-log rw /var/log/kubernetes/audit"
    ],
    "manifestSha256": "9cf10e1f",
    "policyPath": "/etc/kubernetes/audit/policy-369e16ff1dca.yaml",
    "policySha256": "369e16ff",
    "directory": "/var/log/kubernetes/audit",
    "directoryMode": "2750",
    "readerGroup": "adm",
    "directoryOwner": "0 4"
}
`;

const RECEIPT: Receipt = {
    schemaVersion: 1,
    generation: "df9a7cf8a65d48de",
    owner: "organization/dev/dev/audit",
    flags: [
        "--audit-policy-file=/etc/kubernetes/audit/policy-369e16ff1dca.yaml",
        "--audit-log-path=/var/log/kubernetes/audit/audit.log",
    ],
    mounts: [
        "kube-apiserver-audit-policy ro /etc/kubernetes/audit",
        "kube-apiserver-audit-log rw /var/log/kubernetes/audit",
    ],
    manifestSha256: "9cf10e1f",
    policyPath: "/etc/kubernetes/audit/policy-369e16ff1dca.yaml",
    policySha256: "369e16ff",
    directory: "/var/log/kubernetes/audit",
    directoryMode: "2750",
    readerGroup: "adm",
    directoryOwner: "0 4",
};

describe("parseReceipt", () => {
    it("reads what the runner writes", () => {
        assert.deepEqual(parseReceipt(TEXT), RECEIPT);
    });

    it("reads empty lists and texts, as with the log on standard output", () => {
        const receipt = { ...RECEIPT, flags: [], mounts: [], directory: "", directoryMode: "", directoryOwner: "" };
        assert.deepEqual(parseReceipt(JSON.stringify(receipt)), receipt);
    });

    it("reads the tests' own receipts", () => {
        assert.equal(receiptOf(appliedHost()).owner, "organization/project/stack/audit");
    });

    const damaged: [string, string][] = [
        ["nothing", ""],
        ["no JSON", "schemaVersion: 1\n"],
        ["null", "null"],
        ["a text", '"1"'],
        ["a number", "1"],
        ["a list", "[]"],
        ["a list of one receipt", `[${TEXT}]`],
        ["an empty mapping", "{}"],
        ["two receipts", TEXT + TEXT],
        ["an older schema", TEXT.replace('"schemaVersion": 1', '"schemaVersion": 0')],
        ["a schema version that is no number", TEXT.replace('"schemaVersion": 1', '"schemaVersion": "2"')],
        ["flags that are no list", TEXT.replace(/"flags": \[[^\]]*\]/, '"flags": "--audit-log-path=-"')],
        ["a flag that is no text", TEXT.replace('"flags": [', '"flags": [ 1, ')],
        ["a mount that is no text", TEXT.replace('"mounts": [', '"mounts": [ null, ')],
        ...Object.keys(RECEIPT).map((field): [string, string] => [
            `a receipt without ${field}`,
            JSON.stringify({ ...RECEIPT, [field]: undefined }),
        ]),
        ...Object.keys(RECEIPT).map((field): [string, string] => [
            `a receipt whose ${field} is null`,
            JSON.stringify({ ...RECEIPT, [field]: null }),
        ]),
    ];
    for (const [what, text] of damaged) {
        it(`takes ${what} for damaged`, () => {
            assert.equal(parseReceipt(text), undefined);
        });
    }

    it("takes a receipt that was cut anywhere for damaged", () => {
        const whole = TEXT.trimEnd();
        fc.assert(
            fc.property(fc.nat(whole.length - 1), (length) => {
                assert.equal(parseReceipt(whole.slice(0, length)), undefined);
            }),
        );
    });

    it("refuses what a newer version wrote, whatever else is in it", () => {
        for (const text of [TEXT.replace('"schemaVersion": 1', '"schemaVersion": 2'), '{"schemaVersion": 2}']) {
            const message =
                "/var/lib/kube-apiserver-audit/receipt.json has schema version 2, written by a newer version of " +
                "kube-apiserver-audit. Update the package in this program.";
            assert.throws(() => parseReceipt(text), new ReceiptError(message));
            assert.throws(() => parseReceipt(text), ReceiptError);
        }
    });
});
