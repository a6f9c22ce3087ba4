import assert from "node:assert/strict";
import { inForce } from "../../host/inForce";
import { APPLIED_POLICY } from "../../host/paths";
import { describeChange } from "../../host/policyChange";
import { appliedHost, freshHost, POLICY, receiptOf, wishOf, without, withText } from "./observedHost";

const HOST = appliedHost();
const RECEIPT = receiptOf(HOST);
const IN_FORCE = { policyText: POLICY, flags: RECEIPT.flags };

const CHANGED = `${POLICY.trimEnd()}\n    omitStages: [RequestReceived]\n`;
const SECRETS = POLICY.replace(
    "rules:\n",
    'rules:\n  - level: Request\n    resources: [{ group: "", resources: [secrets] }]\n',
);

describe("inForce", () => {
    it("is what a host was given last, where the program wants something else", () => {
        assert.deepEqual(inForce(HOST, RECEIPT, wishOf({ policy: CHANGED })), IN_FORCE);
        assert.deepEqual(inForce(HOST, RECEIPT, wishOf({ log: { maxAge: 7 } })), IN_FORCE);
    });

    it("is nothing where nothing changes, or where it is not known", () => {
        const other = wishOf({ policy: CHANGED });
        assert.deepEqual(
            [
                inForce(HOST, RECEIPT, wishOf()),
                inForce(HOST, RECEIPT, wishOf({ owner: "o/p/s/other" })),
                inForce(freshHost(), undefined, other),
                inForce(without(HOST, APPLIED_POLICY), RECEIPT, other),
                inForce(
                    withText(HOST, APPLIED_POLICY, (text) => `${text}#\n`),
                    RECEIPT,
                    other,
                ),
            ],
            [undefined, undefined, undefined, undefined, undefined],
        );
    });
});

describe("describeChange", () => {
    it("names the requests of which something else will be recorded, and the verdicts that change", () => {
        assert.deepEqual(describeChange(IN_FORCE, wishOf({ policy: SECRETS, log: { maxAge: 7 } }), 34), [
            `The changed policy records something else of these requests:
secrets by system:kube-proxy: None → Request
    such as: get secrets example in default by system:kube-proxy
secrets by anybody but system:kube-proxy: Metadata → Request
    such as: get secrets example in default by jane`,
            `Verdicts change:
cis-1.12 1.2.17 (Rotated logs are kept for 30 days): pass → fail: --audit-log-maxage=7 is less than 30.
stig V-242464 (Rotated logs are kept for 30 days): pass → fail: --audit-log-maxage=7 is less than 30.
falco K8s Secret Get Successfully (A secret was read): fail → pass: Sees every request it is about.
falco K8s Secret Get Unsuccessfully Tried (Somebody tried to read a secret): fail → pass: Sees every request it is about.
kubescape C-0131 (Rotated logs are kept for 30 days): pass → fail: --audit-log-maxage=7 is less than 30.
checkov CKV_K8S_92 (Rotated logs are kept for 30 days): pass → fail: --audit-log-maxage=7 is less than 30.
kics da9f3aa8-fbfb-472f-b5a1-576127944218 (Rotated logs are kept for 30 days): pass → fail: --audit-log-maxage=7 is less than 30.`,
        ]);
    });

    it("says that another text can mean the same", () => {
        assert.deepEqual(describeChange(IN_FORCE, wishOf({ policy: `# Ours.\n${POLICY}` })), [
            "The changed policy records the same of every request.",
        ]);
    });

    it("says nothing of requests where only flags change, nor of verdicts that stay", () => {
        assert.deepEqual(describeChange(IN_FORCE, wishOf({ log: { maxAge: 60 } })), []);
    });

    it("counts what would be too much to read", () => {
        const rules = Array.from(
            { length: 20 },
            (_, index) => `  - level: Request\n    namespaces: [n${index}]\n    verbs: [v${index}]\n`,
        );
        const [differences] = describeChange(
            IN_FORCE,
            wishOf({ policy: POLICY.replace("rules:\n", `rules:\n${rules.join("")}`) }),
        );
        const lines = differences!.split("\n");
        assert.equal(lines.length, 1 + 2 * 12 + 1);
        assert.match(lines.at(-1)!, /^and of \d+ more classes; see them with kube-audit policy diff\.$/);
    });
});
