import assert from "node:assert/strict";
import { dispatch } from "../../cli/dispatch";
import { lineSize } from "../../events/lineSize";
import type { Simulation } from "../../events/simulate";
import { sampleLog } from "../events/sampleLog";
import { runInMemory } from "./fakeIO";
import { filesForTests, logText } from "./logFile";

const header = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n";
const policies = {
    "metadata.yaml": `${header}- level: Metadata\n`,
    "request.yaml": `${header}- level: Request\n`,
    "fewer.yaml": `${header}- level: None\n  verbs: [watch]\n- level: Metadata\n`,
    "broken.yaml": "rules: 1\n",
};

describe("kube-audit simulate", () => {
    const events = sampleLog({ rules: [{ level: "Metadata" }] });
    const bytes = events.reduce((sum, event) => sum + lineSize(event), 0);
    const file = filesForTests(() => ({
        "audit.log": logText(events),
        "empty.log": "",
        "damaged.log": '{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":\n'.repeat(12),
    }));
    const run = (log: string, ...argv: string[]) =>
        runInMemory((io) => dispatch(["simulate", file(log), ...argv], io), { ...policies });

    it("writes the simulation as JSON, with what the log does not have", async () => {
        const { code, stdout, stderr } = await run(
            "audit.log",
            ...["--policy", "metadata.yaml", "--recorded-with", "fewer.yaml", "--top", "1", "--json"],
        );
        assert.deepEqual([code, stderr], [0, ""]);
        const { window, log, policy, recording, unrecorded } = JSON.parse(stdout) as Simulation & {
            unrecorded: string[];
        };
        assert.deepEqual(window, {
            from: "2026-01-01T00:00:00.000Z",
            to: "2026-01-01T00:59:55.020Z",
            seconds: 3595.02,
        });
        assert.deepEqual(log, { requests: 808, events: 1628, bytes });
        assert.deepEqual(policy.total, {
            requests: 808,
            events: { min: 1628, max: 1628 },
            bytes: { min: bytes, max: bytes },
            eventsOfUnknownSize: 0,
        });
        assert.equal(policy.top.length, 1);
        assert.deepEqual(recording, { asSaid: 1592, otherwise: 36 });
        assert.deepEqual(unrecorded, ["watch of everything by anybody: None → Metadata"]);
    });

    it("writes a bound that nobody knows as null", async () => {
        const { stdout } = await run("audit.log", "--policy", "request.yaml", "--json");
        const { policy } = JSON.parse(stdout) as { policy: { total: { bytes: unknown; eventsOfUnknownSize: number } } };
        // "Request" is a letter shorter than "Metadata", in each of the events.
        assert.deepEqual(policy.total.bytes, { min: bytes - 1628, max: null });
        assert.equal(policy.total.eventsOfUnknownSize, 365);
    });

    it("ends with 1 where a policy records less than the one before", async () => {
        const codes = [];
        for (const [policy, against] of [
            ["fewer", "metadata"],
            ["metadata", "fewer"],
            ["metadata", "metadata"],
        ]) {
            codes.push((await run("audit.log", "--policy", `${policy}.yaml`, "--against", `${against}.yaml`)).code);
        }
        assert.deepEqual(codes, [1, 0, 0]);
    });

    it("says that a log is empty", async () => {
        assert.deepEqual(await run("empty.log", "--policy", "metadata.yaml"), {
            code: 0,
            stdout: "There is no event in the log.\n",
            stderr: "",
        });
    });

    it("says what of a log it could not read", async () => {
        const { stdout, stderr } = await run("damaged.log", "--policy", "metadata.yaml");
        assert.equal(stdout, "There is no event in the log.\n");
        const lines = stderr.split("\n");
        assert.deepEqual([lines.length, lines[10]], [12, "12 damaged places in all"]);
        assert.match(lines[0]!, /damaged\.log:1: /);
    });

    it("refuses a policy that is not valid", async () => {
        const { code, stdout } = await run("audit.log", "--policy", "broken.yaml");
        assert.deepEqual([code, stdout], [1, ""]);
    });

    for (const argv of [[], ["--policy", "nope.yaml"], ["--policy", "metadata.yaml", "--top", "0"]]) {
        it(`takes "${argv.join(" ")}" for bad usage`, async () => {
            assert.equal((await run("audit.log", ...argv)).code, 2);
        });
    }

    it("takes a log that is not there for bad usage", async () => {
        const { code, stderr } = await run("nope.log", "--policy", "metadata.yaml");
        assert.deepEqual([code, stderr], [2, `kube-audit simulate: cannot read ${file("nope.log")}: no such file\n`]);
    });
});
