import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { installFaultyUnit, setFault, type Fault } from "../../sandbox";
import { after as injectAfter, assessHost, before as inject, planned, send, type Delivery } from "../e2e/deliver";
import { Interrupted, isRecorded } from "../e2e/interrupted";
import { share } from "../e2e/killPoints";
import { RUN, UNTOUCHED } from "../e2e/subject";
import { DROP_IN, putBack, UNIT, UNIT_FILE, UnitSubject } from "./systemdHosts";

/** What setFault writes. */
const FAULT_FILE = "/etc/kubernetes/pki/fault";

describe("a change of a unit's API server", () => {
    let subjects: readonly [UnitSubject, UnitSubject, UnitSubject];
    let interrupted: Interrupted<UnitSubject>;

    before(async () => {
        subjects = await UnitSubject.all();
        await Promise.all(
            subjects.map(async ({ node }) => {
                await putBack(node);
                // So that the drop-in's directory has to be made, and taken away again.
                await node.check(`rm -rf ${UNIT_FILE}.d && systemctl daemon-reload`);
                await installFaultyUnit(node);
            }),
        );
        interrupted = await Interrupted.begin(subjects);
    });

    after(() => interrupted.end());

    describe("that fails", () => {
        /** A fault that the old settings do not have. */
        async function failBy(fault: Fault, subject: UnitSubject, change: Delivery): Promise<string> {
            const repair = (script: string) => injectAfter(script, "undo() {", `rm -f ${FAULT_FILE}`);
            await setFault(subject.node, fault);
            return subject.fail(change, repair).finally(() => setFault(subject.node, undefined));
        }

        it("because the new API server ends, hangs, or finds no policy", () =>
            share(subjects, ["exit", "hang", "gone"] as const, async (subject, fault) => {
                const change = subject.change(fault === "hang" ? 30 : undefined);
                if (fault === "exit") {
                    assert.match(
                        await failBy(fault, subject, change),
                        /^cp-\d: The API server started 3 times with the new settings and ended each time\.\nThe last lines of its own log:\n(?: {4}Error: loading audit policy file: the sandbox was told to fail \(fault "exit"\)\n){2,3}cp-\d: The old settings were restored; the API server is healthy with the old settings\.\n$/,
                    );
                } else if (fault === "hang") {
                    assert.match(
                        await failBy(fault, subject, change),
                        /^cp-\d: The API server was not healthy with the new settings within 30 s: \/readyz of process \d+ gives "The connection to the server [\d.]+:6443 was refused - did you specify the right host or port\?"\.\nThe last lines of its own log:\n {4}the sandbox was told to hang \(fault "hang"\)\ncp-\d: The old settings were restored; the API server is healthy with the old settings\.\n$/,
                    );
                } else {
                    assert.match(
                        await subject.fail(change, (script) => inject(script, "begin_restart", 'rm -f "$policy"')),
                        /^cp-\d: The API server started 3 times with the new settings and ended each time\.\nThe last lines of its own log:\n(?: {4}.*\n)* {4}.*loading audit policy file: failed to read file path.*no such file or directory"?\n(?: {4}.*\n)*cp-\d: The old settings were restored; the API server is healthy with the old settings\.\n$/,
                    );
                }
                await subject.succeed(change);
                interrupted.settled.set(subject, change);
            }));

        it("because systemd gives up", async () => {
            const [subject] = subjects;
            const change = subject.change();
            const once = `mkdir -p /run/systemd/system/${UNIT}.d && printf '[Service]\\nRestart=no\\n' >/run/systemd/system/${UNIT}.d/01-once.conf`;
            await subject.node.check(`${once} && systemctl daemon-reload`);
            try {
                // The base was changed, so that first of all it is put in force.
                await interrupted.settle(subject);
                assert.equal(
                    await failBy("exit", subject, change),
                    subject.says(
                        `The API server ended with the new settings, and systemd does not start it again (${UNIT}: exit-code).\n` +
                            "The last lines of its own log:\n" +
                            '    Error: loading audit policy file: the sandbox was told to fail (fault "exit")',
                        subject.restored,
                    ),
                );
            } finally {
                await subject.node.check(`rm -r /run/systemd/system/${UNIT}.d && systemctl daemon-reload`);
            }
            await interrupted.settle(subject);
        });

        it("because the unit is changed after it was read", () =>
            share(subjects, ["early", "late"] as const, async (subject, when) => {
                const edit = `sed -i 's/^Restart=.*/&\\nLimitCORE=0/' ${UNIT_FILE}`;
                const reason = `${UNIT} was changed by somebody else since it was read. Run the update again. Nothing was changed.`;
                const change = subject.change();
                try {
                    const script = await planned(change);
                    if (when === "early") {
                        await subject.node.check(edit);
                    }
                    const sent = await send(change, when === "early" ? script : inject(script, "write_manifest", edit));
                    assert.deepEqual([sent.code, sent.stderr], [1, subject.says(reason)]);
                    await subject.succeed(change);
                } finally {
                    await subject.node.check(`sed -i '/^LimitCORE=0$/d' ${UNIT_FILE} && systemctl daemon-reload`);
                }
                await interrupted.settle(subject);
            }));

        it("because the disk of the drop-in is full", async () => {
            const [, subject] = subjects;
            const directory = `${UNIT_FILE}.d`;
            const change = subject.change();
            await subject.node
                .check(`mkdir -p ${directory} /run/small && mount -t tmpfs -o size=4m,mode=755 small /run/small &&
                cp -a ${directory}/. /run/small/ && mount --bind /run/small ${directory} && umount /run/small`);
            try {
                const old = await subject.state();
                const fill = `{ dd if=/dev/zero of=${directory}/.fill bs=4k count=2000 || true; } 2>/dev/null`;
                const sent = await send(change, inject(await planned(change), "write_manifest", fill));
                await subject.node.check(`rm -f ${directory}/.fill`);
                assert.equal(await subject.state(), old);
                assert.match(
                    sent.stderr,
                    new RegExp(
                        `^${subject.node.name}: \\S+kube-apiserver-audit.conf.\\S+-audit could not be written: .*No space left on ` +
                            `device\\. Mend that, then run the update again\\.\n${subject.node.name}: ${UNTOUCHED}\n$`,
                    ),
                );
            } finally {
                await subject.node.check(`umount -l ${directory}`);
            }
            await subject.succeed(change);
            interrupted.settled.set(subject, change);
        });
    });

    describe("that is interrupted", () => {
        it("by kill -9 of an update, before each step", () => interrupted.killUpdatesBeforeEachStep());

        it("by kill -9 of a removal, before each step", () => interrupted.killRemovalsBeforeEachStep());

        /** What comes before it is the same as everywhere. */
        const COMMIT = "write_manifest";

        it("by kill -9 of an update, before each command that changes something", async () => {
            const reached = await interrupted.killUpdatesBeforeEachCommand(COMMIT);
            assert.ok(
                reached.some((line) => / systemctl daemon-reload/.test(line)),
                reached.join(""),
            );
            assert.ok(
                reached.some((line) => / systemctl restart/.test(line)),
                reached.join(""),
            );
        });

        it("by kill -9 of the very first update, before each command that changes something", async () => {
            await interrupted.everywhere((subject) => subject.remove(interrupted.settled.get(subject)!));
            const reached = await interrupted.killBeforeEachCommand(
                "apply",
                COMMIT,
                async (subject, { change, stderr }) => {
                    await interrupted.assertWhole(subject, change, interrupted.pristine.get(subject)!, stderr);
                    if (await isRecorded(subject, change)) {
                        await subject.remove(change);
                    }
                },
            );
            assert.ok(
                reached.some((line) => line.endsWith(` mkdir -p ${UNIT_FILE}.d\n`)),
                reached.join(""),
            );
            await interrupted.everywhere((subject) => interrupted.settle(subject));
        });

        it("by kill -9 of a removal, before each command that changes something", async () => {
            const reached = await interrupted.killRemovalsBeforeEachCommand(COMMIT);
            assert.ok(
                reached.some((line) => line.includes(` rm -f ${DROP_IN}`)),
                reached.join(""),
            );
        });

        it("by a cut of the connection, which it outlives", () =>
            share(subjects, ["take_lock", "write_manifest", "await_restart"], async (subject, step) => {
                const change = subject.change();
                const cut = inject(await planned(change), step, "pkill -KILL -f '^sshd: ops'");
                await assert.rejects(send(change, cut));
                await subject.idle();
                const { drifts, restarts } = await assessHost(change);
                assert.deepEqual([drifts, restarts], [[], []]);
                interrupted.settled.set(subject, change);
                assert.equal((await subject.succeed(change)).restarted, false);
                assert.equal(await subject.node.check(`find ${RUN} -mindepth 1`), "");
            }));

        it("by the death of all that could undo it, which the next one does", async () => {
            const [subject] = subjects;
            const change = subject.change();
            const script = (await planned(change)).replace(
                "command -v systemd-run",
                "command -v systemd-run-is-missing",
            );
            const everything = "kill -9 $(pgrep -f 'runner.sh supervise') $$";
            assert.equal((await send(change, inject(script, "await_restart", everything))).code, 1);
            const { warnings } = await subject.succeed(change);
            assert.deepEqual(warnings, ["An earlier transaction was cut short; its old settings were put back first."]);
            interrupted.settled.set(subject, change);
        });

        const pause = "touch /root/reached; sleep 600";

        /** Ends the machine at a point of the transaction. */
        async function reboot(
            subject: UnitSubject,
            powerCut: boolean,
            verb: "apply" | "remove",
            alter: (script: string) => string,
        ): Promise<void> {
            const change = verb === "apply" ? subject.change() : interrupted.settled.get(subject)!;
            const old = await subject.state();
            const cut = send(change, alter(await planned(change)), verb, 60).catch((error: unknown) => error);
            await subject.node.check("until [ -e /root/reached ]; do sleep 0.1; done", { timeoutSeconds: 60 });
            await delay(1000);
            await subject.node.reboot({ powerCut });
            await subject.node.check("rm -f /root/reached");
            assert.equal(await subject.state(), old);
            if (verb === "apply") {
                await subject.succeed(change);
                interrupted.settled.set(subject, change);
            }
            await cut;
        }

        it("by a reboot, and comes back with the old settings", async () => {
            const [first, second, third] = subjects;
            await Promise.all([
                reboot(first, true, "apply", (script) =>
                    injectAfter(script, '        mv -f "$new_manifest" "$manifest"', pause),
                ),
                reboot(second, true, "remove", (script) => inject(script, "await_restart", pause)),
                reboot(third, false, "apply", (script) => inject(script, "await_restart", "touch /root/reached")),
            ]);
        });
    });
});
