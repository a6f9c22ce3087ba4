import assert from "node:assert/strict";
import { before as inject, planned, send } from "./deliver";
import { Interrupted } from "./interrupted";
import { share, steps } from "./killPoints";
import { RUN, Subject } from "./subject";

describe("a transaction that is interrupted", () => {
    let subjects: readonly [Subject, Subject, Subject];
    let interrupted: Interrupted<Subject>;

    before(async () => {
        subjects = await Subject.all();
        interrupted = await Interrupted.begin(subjects);
    });

    after(() => interrupted.end());

    describe("by kill -9", () => {
        it("of an update, before each step", () => interrupted.killUpdatesBeforeEachStep());

        it("of an update, before each command that changes something", async () => {
            const reached = await interrupted.killUpdatesBeforeEachCommand();
            assert.ok(reached.length > 30, reached.join(""));
        });

        it("of a removal, before each step", () => interrupted.killRemovalsBeforeEachStep());

        it("of a removal, before each command that changes something", async () => {
            const reached = await interrupted.killRemovalsBeforeEachCommand();
            assert.ok(reached.length > 20, reached.join(""));
        });

        it("of what follows it over SSH, and goes on", () =>
            share(subjects, ["systemd-run", "sh -s -- apply", "both"], async (subject, victim) => {
                const change = subject.change();
                const pattern =
                    { "systemd-run": "^systemd-run", both: "^systemd-run|^sh -s -- apply" }[victim] ?? `^${victim}`;
                const { code, stderr, stdout } = await send(
                    change,
                    inject(await planned(change), "await_restart", `pkill -9 -f '${pattern}'`),
                );
                if (victim === "systemd-run") {
                    assert.deepEqual([code, stderr], [0, ""], stdout);
                } else {
                    assert.notEqual(code, 0);
                }
                await subject.idle();
                await interrupted.assertDone(subject, change);
            }));
    });

    describe("on a host without systemd-run", () => {
        const without = (script: string) =>
            script.replace("command -v systemd-run", "command -v systemd-run-is-missing");

        it("succeeds, and is undone after kill -9", () =>
            share(subjects, ["none", "write_manifest", "await_restart"], async (subject, step) => {
                const old = await subject.state();
                const change = subject.change();
                const script = without(await planned(change));
                if (step === "none") {
                    const { code, stderr } = await send(change, script);
                    assert.equal(code, 0, stderr);
                    await interrupted.assertDone(subject, change);
                } else {
                    const { code, stderr } = await send(change, inject(script, step, "kill -9 $$"));
                    assert.equal(code, 1);
                    await interrupted.assertWhole(subject, change, old, stderr);
                }
            }));

        it("is undone by the next one where nothing is left to undo it", async () => {
            const [subject] = subjects;
            const change = subject.change();
            const script = without(await planned(change));
            const everything = "kill -9 $(pgrep -f 'runner.sh supervise') $$";
            const { code, stderr } = await send(change, inject(script, "await_restart", everything));
            assert.equal(code, 1);
            assert.match(
                stderr,
                /^(Killed\n)?The transaction in \/run\/kube-apiserver-audit\/transaction\.\w{6} ended without a result; run the update again\.\n$/,
            );
            const { warnings } = await subject.succeed(change);
            assert.deepEqual(warnings, ["An earlier transaction was cut short; its old manifest was put back first."]);
            interrupted.settled.set(subject, change);
        });
    });

    describe("by a cut of the connection", () => {
        it("goes on to its end, at each step", () =>
            share(subjects, steps("apply"), async (subject, step) => {
                const change = subject.change();
                const cut = inject(await planned(change), step, "pkill -KILL -f '^sshd: ops'");
                await assert.rejects(send(change, cut));
                await subject.idle();
                await interrupted.assertDone(subject, change);
            }));

        it("does nothing where the script has not arrived whole", async () => {
            const change = subjects[0].change();
            const script = await planned(change);
            const tail = script.trimEnd().length;
            const lengths = [
                ...Array.from({ length: 12 }, (_, index) => Math.floor((script.length * (index + 1)) / 13)),
                ...Array.from({ length: 24 }, (_, index) => tail - index - 1),
            ];
            await share(subjects, lengths, async (subject, length) => {
                const old = await subject.state();
                const { code } = await send(change, script.slice(0, length));
                const running = await subject.node.exec(`ls -d ${RUN}/transaction.*`);
                assert.notEqual(running.code, 0, `cut after ${length} of ${script.length} characters`);
                assert.equal(await subject.state(), old);
                assert.ok(code !== null);
            });
        });
    });
});
