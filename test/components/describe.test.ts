import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { describeAssessment } from "../../components/describe";
import type { Assessment } from "../../host/assess";
import type { Drift } from "../../host/drift";
import { freshHost } from "../host/observedHost";
import { deploy } from "./deployment";

const MODE: Drift = { file: "/etc/kubernetes/audit", message: "the mode was changed from 700 to 755", restarts: false };
const EDITED: Drift = {
    file: "/etc/kubernetes/audit/policy-0123456789ab.yaml",
    message: "the policy was edited on the host",
    diff: "--- a\n+++ b\n-x\n+y",
    restarts: true,
};
const MODE_WARNING = "warning: cp-1: /etc/kubernetes/audit: the mode was changed from 700 to 755.";
const EDITED_WARNING =
    "warning: cp-1: /etc/kubernetes/audit/policy-0123456789ab.yaml: the policy was edited on the host.\n" +
    "--- a\n+++ b\n-x\n+y";

/** What is said of a host, with the name of the resource that it is said about. */
async function said(
    assessment: Partial<Assessment>,
    hosts: number,
    preview: boolean,
    showDiffs = true,
): Promise<readonly string[]> {
    const whole = { generation: "00ff", drifts: [], restarts: [], ...assessment };
    const deployment = await deploy(
        () => {
            const component = new pulumi.ComponentResource("test:index:Component", "component");
            return pulumi.output(describeAssessment(component, "cp-1", whole, { hosts, showDiffs }));
        },
        { host: freshHost(), preview },
    );
    assert.deepEqual(deployment.errors, []);
    return deployment.said;
}

describe("describeAssessment", () => {
    const cases: [string, Partial<Assessment>, number, readonly string[], readonly string[]][] = [
        ["a host in sync", {}, 1, [], []],
        [
            "a restart of one of several",
            { restarts: ["the policy changes", "its flags change: --audit-log-maxage=1"] },
            3,
            [],
            [
                "info: cp-1: the API server will be restarted: the policy changes; its flags change: --audit-log-maxage=1.",
            ],
        ],
        [
            "a restart of the only one",
            { restarts: ["audit logging is turned on"] },
            1,
            [],
            [
                "info: cp-1: the API server will be restarted: audit logging is turned on. As the only control-plane host " +
                    "given, it takes the API with it, for about 40 s.",
            ],
        ],
        [
            "a restart of the only one, by systemd",
            { restarts: ["audit logging is turned on"], isUnit: true },
            1,
            [],
            [
                "info: cp-1: the API server will be restarted: audit logging is turned on. As the only control-plane host " +
                    "given, it takes the API with it, for some seconds.",
            ],
        ],
        ["what is not well", { warnings: ["little disk."] }, 1, ["warning: cp-1: little disk."], []],
        [
            "drifts that are repaired without a restart",
            { drifts: [MODE] },
            1,
            [MODE_WARNING],
            ["info: cp-1: the API server will not be restarted."],
        ],
        [
            "several drifts and a restart, in their order",
            { drifts: [EDITED, MODE], restarts: ["what drifted is repaired"] },
            2,
            [EDITED_WARNING, MODE_WARNING],
            ["info: cp-1: the API server will be restarted: what drifted is repaired."],
        ],
    ];
    for (const [what, assessment, hosts, warnings, forecast] of cases) {
        it(`tells of ${what}`, async () => {
            assert.deepEqual(await said(assessment, hosts, true), [...warnings, ...forecast]);
        });

        it(`does not foretell in an update: ${what}`, async () => {
            assert.deepEqual(await said(assessment, hosts, false), warnings);
        });
    }

    it("keeps the changed lines to itself where they may be secret", async () => {
        assert.deepEqual(await said({ drifts: [EDITED, MODE] }, 1, false, false), [
            "warning: cp-1: /etc/kubernetes/audit/policy-0123456789ab.yaml: the policy was edited on the host.",
            MODE_WARNING,
        ]);
    });
});
