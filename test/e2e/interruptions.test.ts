import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { Delivery } from "./deliver";
import { after as injectAfter, assessHost, before as inject, planned, send } from "./deliver";
import { KILL_POINTS, naturals, share, steps, withKillPoints } from "./killPoints";
import { IN_FORCE, LOG_DIRECTORY, MANIFEST, RESTORED, RUN, STATE, Subject, UNTOUCHED } from "./subject";

describe("a transaction that is interrupted", () => {
    let subjects: [Subject, Subject, Subject];
    /** What each has in force. */
    const settled = new Map<Subject, Delivery>();
    const pristine = new Map<Subject, string>();

    before(async () => {
        subjects = await Subject.all();
        await Promise.all(
            subjects.map(async (subject) => {
                await subject.node.check(KILL_POINTS.install);
                await subject.node.check(`mkdir -p -m 700 ${LOG_DIRECTORY} && touch ${LOG_DIRECTORY}/audit.log`);
                pristine.set(subject, await subject.state());
                settled.set(subject, await subject.settle());
            }),
        );
    });

    after(async () => {
        await Promise.all(
            subjects.map(async (subject) => {
                await subject.remove(settled.get(subject)!);
                assert.equal(await subject.state(), pristine.get(subject));
                await subject.node.check(`rm -rf ${LOG_DIRECTORY} ${KILL_POINTS.directory}`);
            }),
        );
    });

    /** Whether the receipt on the host is the change's: then its settings stay. */
    async function isRecorded(subject: Subject, { wish }: Delivery): Promise<boolean> {
        const found = await subject.node.exec(
            `grep -q '"policyPath": "${wish.settings.policyFile}"' ${STATE}/receipt.json`,
        );
        return found.code === 0;
    }

    /** Waits for the API server to have the settings, which an impatient transaction did not do. */
    async function inSync(subject: Subject, change: Delivery): Promise<void> {
        const deadline = Date.now() + 120_000;
        await subject.node.waitHealthy();
        let { drifts } = await assessHost(change);
        while (drifts.length > 0 && Date.now() < deadline) {
            await delay(1000);
            await subject.node.waitHealthy();
            ({ drifts } = await assessHost(change));
        }
        assert.deepEqual(drifts, []);
    }

    /** A killed update has left the old settings, or the new ones from the receipt on, and says which. */
    async function assertWhole(subject: Subject, change: Delivery, old: string, stderr: string): Promise<void> {
        const killed = new RegExp(`^${subject.node.name}: The transaction was killed in the phase "(\\w+)"\\.\n`);
        assert.match(stderr, killed);
        const rest = stderr.replace(killed, "");
        if (await isRecorded(subject, change)) {
            assert.equal(rest, subject.says(IN_FORCE));
            settled.set(subject, change);
            await inSync(subject, change);
            const kept = await subject.process();
            const { restarted } = await subject.succeed(change);
            assert.deepEqual([restarted, await subject.process()], [false, kept]);
        } else {
            assert.ok([subject.says(UNTOUCHED), subject.says(RESTORED)].includes(rest), stderr);
            assert.equal(await subject.state(), old);
        }
    }

    /** A killed removal has left everything or nothing in the manifest; repeated, it leaves nothing anywhere. */
    async function assertRemovable(subject: Subject, old: string, stderr: string): Promise<void> {
        const name = subject.node.name;
        assert.match(
            stderr,
            new RegExp(
                `^${name}: The transaction was killed in the phase "\\w+"\\.\n${name}: (${UNTOUCHED}|${RESTORED}|` +
                    "The API server runs without the audit settings already\\. Remove them again to take away the rest\\.)\n$",
            ),
        );
        if (/without the audit settings/.test(stderr)) {
            assert.equal((await subject.node.exec(`grep -q audit ${MANIFEST}`)).code, 1);
            await subject.remove(settled.get(subject)!);
            assert.equal(await subject.state(), pristine.get(subject));
            settled.set(subject, await subject.settle());
        } else {
            assert.equal(await subject.state(), old);
        }
    }

    describe("by kill -9", () => {
        it("of an update, before each step", () =>
            share(subjects, [...steps("apply"), "write_report"], async (subject, step) => {
                const old = await subject.state();
                const change = subject.change();
                const script = await planned(change);
                const altered =
                    step === "write_report"
                        ? injectAfter(script, "write_report() {", "kill -9 $$")
                        : inject(script, step, "kill -9 $$");
                const { code, stderr } = await send(change, altered);
                assert.equal(code, 1, step);
                await assertWhole(subject, change, old, stderr);
            }));

        it("of an update, before each command that changes something", async () => {
            const reached: string[] = [];
            await share(subjects, naturals(), async (subject, point) => {
                await subject.node.check(
                    `rm -f ${KILL_POINTS.directory}/reached; echo 0 >${KILL_POINTS.directory}/count; echo ${point} >${KILL_POINTS.directory}/due`,
                );
                const old = await subject.state();
                const change = subject.change();
                const { code, stderr } = await send(change, withKillPoints(await planned(change)));
                if (code === 0) {
                    await inSync(subject, change);
                    settled.set(subject, change);
                    return false;
                }
                reached.push(`${point} ${await subject.node.check(`cat ${KILL_POINTS.directory}/reached`)}`);
                await assertWhole(subject, change, old, stderr);
                return true;
            });
            assert.ok(reached.length > 30, reached.join(""));
        });

        it("of a removal, before each step", () =>
            share(subjects, steps("remove"), async (subject, step) => {
                const old = await subject.state();
                const current = settled.get(subject)!;
                const { code, stderr } = await send(
                    current,
                    inject(await planned(current), step, "kill -9 $$"),
                    "remove",
                );
                assert.equal(code, 1, step);
                await assertRemovable(subject, old, stderr);
            }));

        it("of a removal, before each command that changes something", async () => {
            const reached: string[] = [];
            await share(subjects, naturals(), async (subject, point) => {
                await subject.node.check(
                    `rm -f ${KILL_POINTS.directory}/reached; echo 0 >${KILL_POINTS.directory}/count; echo ${point} >${KILL_POINTS.directory}/due`,
                );
                const old = await subject.state();
                const current = settled.get(subject)!;
                const { code, stderr } = await send(current, withKillPoints(await planned(current)), "remove");
                if (code === 0) {
                    await subject.node.waitHealthy();
                    settled.set(subject, await subject.settle());
                    return false;
                }
                reached.push(`${point} ${await subject.node.check(`cat ${KILL_POINTS.directory}/reached`)}`);
                await assertRemovable(subject, old, stderr);
                return true;
            });
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
                await assertDone(subject, change);
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
                    await assertDone(subject, change);
                } else {
                    const { code, stderr } = await send(change, inject(script, step, "kill -9 $$"));
                    assert.equal(code, 1);
                    await assertWhole(subject, change, old, stderr);
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
            settled.set(subject, change);
        });
    });

    /** The transaction has done all of it, and doing it again does nothing. */
    async function assertDone(subject: Subject, change: Delivery): Promise<void> {
        const { drifts, restarts } = await assessHost(change);
        assert.deepEqual([drifts, restarts], [[], []]);
        settled.set(subject, change);
        const kept = await subject.process();
        const { changed, restarted } = await subject.succeed(change);
        assert.deepEqual([changed, restarted, await subject.process()], [[], false, kept]);
        assert.equal(await subject.node.check(`find ${RUN} -mindepth 1`), "");
    }

    describe("by a cut of the connection", () => {
        it("goes on to its end, at each step", () =>
            share(subjects, steps("apply"), async (subject, step) => {
                const change = subject.change();
                const cut = inject(await planned(change), step, "pkill -KILL -f '^sshd: ops'");
                await assert.rejects(send(change, cut));
                await subject.idle();
                await assertDone(subject, change);
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
