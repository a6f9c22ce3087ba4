import assert from "node:assert/strict";
import { mkdirSync, statSync, utimesSync } from "node:fs";
import { dirname } from "node:path";
import { parseObservation } from "../../host/observation";
import { RECEIPT } from "../../host/paths";
import { planTransaction } from "../../host/plan";
import type { WishArgs } from "../../host/wish";
import { printed, wishOf } from "./observedHost";
import { DROP_IN, freshUnitHost, UNIT_FILE } from "./unitHost";
import { UnitMachine } from "./unitMachine";

const LOG = "/var/log/kubernetes/audit/audit.log";

/** A transaction for what the machine has. */
function plannedOn(machine: UnitMachine, args: Partial<WishArgs> = {}): string {
    const observed = parseObservation(printed(freshUnitHost(machine.unit, { environmentFiles: [] })));
    const real = new Map(
        [...observed.files].map(([path, file]) => [machine.path(path), { ...file, path: machine.path(path) }]),
    );
    const host = { ...observed, files: real, unit: { ...observed.unit!, files: [machine.path(UNIT_FILE)] } };
    const wish = wishOf(args);
    const settings = {
        policyFile: machine.path(wish.settings.policyFile),
        log: { ...wish.settings.log, path: machine.path(LOG) },
    };
    return planTransaction("cp-1", `generation 00ff\n${printed(host)}`, { ...wish, settings }).script;
}

for (const shell of ["dash", "busybox sh"]) {
    describe(`the transaction on a unit, under ${shell}`, function () {
        this.timeout(60_000);
        let machine: UnitMachine;
        let pristine: string;
        beforeEach(() => {
            machine = new UnitMachine(shell);
            pristine = machine.state();
        });
        afterEach(() => {
            machine.stop();
        });

        it("puts the flags in force and proves them, does nothing the second time, and leaves no trace", () => {
            const first = machine.run(plannedOn(machine), "apply");
            assert.deepEqual([first.code, first.stderr], [0, ""]);
            assert.equal(machine.flags()[0], "--a=1");
            assert.match(machine.read(LOG)!, /^\/version\?kube-apiserver-audit=/);
            const { changed, restarted, proof } = JSON.parse(first.stdout) as Record<string, unknown>;
            assert.deepEqual([(changed as string[]).includes(DROP_IN), restarted, proof], [true, true, "event"]);

            const again = machine.run(plannedOn(machine), "apply");
            const { changed: nothing, restarted: no } = JSON.parse(again.stdout) as Record<string, unknown>;
            assert.deepEqual([again.code, nothing, no], [0, [], false]);

            const removed = machine.run(plannedOn(machine), "remove");
            assert.deepEqual([removed.code, removed.stderr], [0, ""]);
            assert.deepEqual(machine.flags(), ["--a=1"]);
            assert.equal(machine.state(), pristine);
        });

        it("gives a group the log's directory, and takes it away again, also where the new settings fail", () => {
            const modeAfter = (args: Partial<WishArgs>, alter = (script: string) => script) => {
                machine.run(alter(plannedOn(machine, args)), "apply");
                return (statSync(machine.path(dirname(LOG))).mode & 0o7777).toString(8);
            };
            const failing = (script: string) =>
                script.replace("\nprove_event() {\n", (line) => `${line}    fail "No."\n`);
            const group = { readerGroup: "adm" };
            assert.deepEqual([modeAfter(group), modeAfter({}), modeAfter(group, failing)], ["2750", "700", "700"]);
        });

        it("makes the drop-in anew without a restart where the command line stays, and as old as it was", () => {
            machine.run(plannedOn(machine), "apply");
            const then = new Date("2026-01-02T03:04:05Z");
            utimesSync(machine.path(DROP_IN), then, then);
            machine.write(UNIT_FILE, `${machine.unit}LimitCORE=0\n`);
            const { code, stdout } = machine.run(plannedOn(machine), "apply");
            const { changed, restarted } = JSON.parse(stdout) as Record<string, unknown>;
            assert.deepEqual([code, changed, restarted], [0, [DROP_IN], false]);
            // The process has read these settings, and a younger file would say that it has not.
            assert.deepEqual(statSync(machine.path(DROP_IN)).mtime, then);
        });

        for (const verbs of [["remove"], ["apply", "remove"]] as const) {
            it(`leaves no trace where the receipt was lost before: ${verbs.join(", ")}`, () => {
                machine.run(plannedOn(machine), "apply");
                machine.remove(RECEIPT);
                for (const verb of verbs) {
                    assert.equal(machine.run(plannedOn(machine), verb).code, 0);
                }
                assert.equal(machine.state(), pristine);
            });
        }

        it("leaves a directory that was there before, with nothing in it", () => {
            mkdirSync(machine.path(dirname(DROP_IN)));
            const before = machine.state();
            machine.run(plannedOn(machine), "apply");
            assert.equal(machine.run(plannedOn(machine), "remove").code, 0);
            assert.equal(machine.state(), before);
        });

        describe("that repairs what drifted", () => {
            let drifted: string;

            beforeEach(() => {
                machine.run(plannedOn(machine), "apply");
                machine.write(DROP_IN, machine.read(DROP_IN)!.replace("maxage=30", "maxage=31"));
                machine.systemctl("daemon-reload");
                machine.systemctl("restart");
                drifted = machine.state();
                assert.ok(machine.flags().includes("--audit-log-maxage=31"));
            });

            it("gives it back where the repair fails", () => {
                const failing = plannedOn(machine).replace("\nprove_event() {\n", (line) => `${line}    fail "No."\n`);
                const { code, stderr } = machine.run(failing, "apply");
                assert.deepEqual(
                    [code, stderr],
                    [
                        1,
                        "cp-1: No.\ncp-1: The old settings were restored; the API server is healthy with the old settings.\n",
                    ],
                );
                assert.equal(machine.state(), drifted);
                assert.ok(machine.flags().includes("--audit-log-maxage=31"));
            });

            it("stays where the transaction is killed once it has taken note of the repair", () => {
                const killed = plannedOn(machine).replace(
                    '        "$phase_function"\n',
                    (line) => `[ "$phase_function" != remove_files ] || kill -9 $$\n${line}`,
                );
                machine.run(killed, "apply");
                machine.boot();
                assert.match(machine.read(DROP_IN)!, /maxage=30/);
            });
        });

        it("is undone before the unit starts, after a reboot in the middle", () => {
            const killed = plannedOn(machine).replace(
                '        "$phase_function"\n',
                (line) => `[ "$phase_function" != await_restart ] || kill -9 $$\n${line}`,
            );
            machine.run(killed, "apply");
            assert.ok(machine.read(DROP_IN));
            machine.boot();
            assert.equal(machine.state(), pristine);
            machine.systemctl("restart");
            assert.deepEqual(machine.flags(), ["--a=1"]);
        });
    });
}

it("the transaction on a unit gives back the old settings where the API server ends with the new ones", function () {
    this.timeout(60_000);
    const machine = new UnitMachine("dash");
    try {
        machine.write("/state/fault", "");
        const pristine = machine.state();
        const { code, stderr } = machine.run(plannedOn(machine), "apply");
        assert.deepEqual(
            [code, stderr],
            [
                1,
                "cp-1: The API server ended with the new settings, and systemd does not start it again " +
                    "(kube-apiserver.service: exit-code).\nThe last lines of its own log:\n    Error: it was told to fail\n" +
                    "cp-1: The old settings were restored; the API server is healthy with the old settings.\n",
            ],
        );
        assert.equal(machine.state(), pristine);
        assert.deepEqual(machine.flags(), ["--a=1"]);
    } finally {
        machine.stop();
    }
});
