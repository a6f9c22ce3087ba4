import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { installFaultyApiServer, restoreApiServer, setFault, type Fault } from "../../sandbox";
import { after as injectAfter, before as inject, planned, send, type Delivery } from "./deliver";
import { LOG_DIRECTORY, MANIFEST, POLICIES, RESTORED, RUN, STATE, Subject, UNTOUCHED } from "./subject";

/** What {@link setFault} writes. */
const FAULT_FILE = "/etc/kubernetes/pki/fault";

/** A small file system with what the directory has, in its place. */
const small = (directory: string): string => `
    mkdir -p ${directory} /run/small && mount -t tmpfs -o size=20m,mode=700 small /run/small &&
    cp -a ${directory}/. /run/small/ && mount --bind /run/small ${directory} && umount /run/small`;

/** Fills a small file system, to the last blocks; no other one has to suffer where it is missing. */
const fill = (directory: string): string =>
    `{ dd if=/dev/zero of=${directory}/.fill bs=64k count=400 || dd if=/dev/zero of=${directory}/.fill2 bs=1k count=128 || true; } 2>/dev/null`;

const empty = (directory: string): string => `rm -f ${directory}/.fill ${directory}/.fill2`;

/** Tests on different machines, which run at the same time. */
function atOnce(tests: Readonly<Record<string, () => Promise<void>>>): void {
    const running = new Map<string, Promise<void>>();
    before(() => {
        for (const [title, test] of Object.entries(tests)) {
            const run = test();
            run.catch(() => undefined); // it is thrown where the test is waited for
            running.set(title, run);
        }
    });
    for (const title of Object.keys(tests)) {
        it(title, () => running.get(title));
    }
    after(() => Promise.allSettled(running.values()));
}

describe("a change that fails", () => {
    let subjects: [Subject, Subject, Subject];
    let first: Subject;
    let second: Subject;
    let third: Subject;

    before(async () => {
        subjects = await Subject.all();
        [first, second, third] = subjects;
        await Promise.all(
            subjects.map(async (subject) => {
                await installFaultyApiServer(subject.node);
                await subject.settle();
            }),
        );
    });

    after(async () => {
        await Promise.all(
            subjects.map(async (subject) => {
                await subject.remove(subject.change());
                await restoreApiServer(subject.node);
                await subject.node.check(`rm -rf ${LOG_DIRECTORY}`);
            }),
        );
    });

    describe("because of the new API server", () => {
        /** A fault that the old settings do not have. */
        async function failBy(fault: Fault, subject: Subject, change: Delivery): Promise<string> {
            const repair = (script: string) => injectAfter(script, "undo() {", `rm -f ${FAULT_FILE}`);
            await setFault(subject.node, fault);
            return subject.fail(change, repair).finally(() => setFault(subject.node, undefined));
        }

        atOnce({
            "ends soon, with the API server's own last words, when it exits": async () => {
                const change = first.change();
                const started = Date.now();
                assert.equal(
                    await failBy("exit", first, change),
                    first.says(
                        "The API server started 3 times with the new settings and ended each time.\n" +
                            "The last lines of its own log:\n" +
                            '    Error: loading audit policy file: the sandbox was told to fail (fault "exit")',
                        RESTORED,
                    ),
                );
                assert.ok(Date.now() - started < 110_000, `it took ${Date.now() - started} ms`);
                await first.succeed(change);
            },

            "ends in time when it hangs": async () => {
                const change = second.change(30);
                assert.match(
                    await failBy("hang", second, change),
                    /^cp-2: The API server was not healthy with the new settings within 30 s: \/readyz of process \d+ gives "The connection to the server [\d.]+:6443 was refused - did you specify the right host or port\?"\.\nThe last lines of its own log:\n {4}the sandbox was told to hang \(fault "hang"\)\ncp-2: The old manifest was restored; the API server is healthy with the old settings\.\n$/,
                );
                await second.succeed(change);
            },

            "says what it could not read when the policy is gone": async () => {
                const change = third.change();
                const said = await third.fail(change, (script) => inject(script, "await_restart", 'rm -f "$policy"'));
                assert.match(
                    said,
                    /^cp-3: The API server started 3 times with the new settings and ended each time\.\nThe last lines of its own log:\n(?: {4}.*\n)* {4}.*loading audit policy file: failed to read file path.*no such file or directory"?\ncp-3: The old manifest was restored; the API server is healthy with the old settings\.\n$/,
                );
                await third.succeed(change);
            },
        });
    });

    describe("because a disk is full", () => {
        /** Fills a directory's own small file system before a step, and looks at what is said. */
        async function full(
            subject: Subject,
            directory: string,
            step: string,
            said: (text: string) => void,
        ): Promise<void> {
            const change = subject.change();
            // A log's last block may have room for the event.
            await subject.node.check(`${small(directory)} && rm -f ${directory}/audit.log`);
            try {
                const old = await subject.state();
                const script = (await planned(change)).replace("\ngeneration ", "\nproof-seconds 3\ngeneration ");
                const sent = await send(change, inject(script, step, fill(directory)));
                await subject.node.check(empty(directory));
                assert.equal(sent.code, 1, sent.stderr || sent.stdout);
                assert.equal(await subject.state(), old, sent.stderr);
                said(sent.stderr);
            } finally {
                await subject.node.check(`umount -l ${directory}`);
            }
        }

        const couldNotWrite = (subject: Subject, path: string, words: string) => (said: string) => {
            const [reason, ...rest] = said.split("\n");
            assert.match(
                reason!,
                new RegExp(
                    `^${subject.node.name}: ${path} could not be written: .*No space left on device\\. Mend that, then run the update again\\.$`,
                ),
            );
            assert.equal(rest.join("\n"), subject.says(words));
        };

        const noRoom = (subject: Subject, words: string) => (said: string) => {
            assert.equal(
                said,
                subject.says(`The file system of ${RUN} is full. Make room there, then run the update again.`, words),
            );
        };

        atOnce({
            "says which file could not be written": async () => {
                const system = "/etc/systemd/system";
                const manifests = "/etc/kubernetes/manifests";
                const cases: [string, string, string, string][] = [
                    [POLICIES, "write_policy", `${POLICIES}/policy-[0-9a-f]{12}\\.yaml`, UNTOUCHED],
                    [STATE, "write_manifest", `${STATE}/transaction`, UNTOUCHED],
                    [system, "write_manifest", `${system}/kube-apiserver-audit-recover\\.service`, UNTOUCHED],
                    [manifests, "write_manifest", `${manifests}/\\.kube-apiserver\\.yaml\\.with-audit`, UNTOUCHED],
                    [STATE, "write_receipt", `${STATE}/(policy\\.yaml|receipt\\.json)`, RESTORED],
                ];
                for (const [directory, step, path, words] of cases) {
                    await full(first, directory, step, couldNotWrite(first, path, words));
                }
                await first.settle();
            },

            "says so when it is the one of the runner's own notes": async () => {
                for (const step of ["check_health", "write_policy", "write_manifest"]) {
                    await full(second, RUN, step, noRoom(second, UNTOUCHED));
                }
                await full(second, RUN, "await_restart", noRoom(second, RESTORED));
                await second.settle();
            },

            "misses the event when it is the log's": async () => {
                await full(third, LOG_DIRECTORY, "await_restart", (said) => {
                    assert.match(
                        said,
                        /^cp-3: The policy says that GET \/version is logged, but no event of it arrived in \/var\/log\/kubernetes\/audit\/audit\.log within 3 s\.\nThe last lines of its own log:\n(?: {4}.*\n)*cp-3: The old manifest was restored; the API server is healthy with the old settings\.\n$/,
                    );
                    assert.match(said, /no space left on device/);
                });
                await third.settle();
            },
        });

        it("says so before anything is written when it is full already", async () => {
            const change = first.change();
            await first.node.check(`${small(LOG_DIRECTORY)} && ${fill(LOG_DIRECTORY)}`);
            try {
                assert.match(
                    await first.fail(change, (script) => script),
                    /^cp-1: The file system of \/var\/log\/kubernetes\/audit has \d+ KiB free; at least 16384 KiB are needed\. Make room, then run the update again\. Nothing was changed\.\n$/,
                );
            } finally {
                await first.node.check(`umount -l ${LOG_DIRECTORY}`);
            }
        });

        it("says so when the transaction itself finds no room", async () => {
            const change = second.change();
            const script = await planned(change);
            await second.node.check(`${small(RUN)} && ${fill(RUN)}`);
            try {
                const sent = await send(change, script);
                assert.equal(sent.code, 1);
                assert.match(
                    sent.stderr,
                    /^.*(?:No space left on device|I\/O error)\nThe transaction could not be put into \/run\/kube-apiserver-audit\. Mend that \(df \/run\/kube-apiserver-audit\), then run the update again\. Nothing was changed\.\n$/,
                );
                assert.equal(
                    await second.node.check(`find ${RUN} -mindepth 1 | sort`),
                    `${RUN}/.fill\n${RUN}/.fill2\n`,
                );
            } finally {
                await second.node.check(`umount -l ${RUN}`);
            }
        });
    });

    describe("because somebody else is at work", () => {
        atOnce({
            "is refused while another transaction runs, which is not disturbed": async () => {
                const [one, other] = [first.change(), first.change()];
                const [oneScript, otherScript] = [await planned(one), await planned(other)];
                const running = send(one, oneScript);
                await first.node.check(`until [ -e ${RUN}/lock ]; do sleep 0.05; done`, { timeoutSeconds: 30 });
                const refused = await send(other, otherScript);
                assert.equal(refused.code, 1);
                assert.match(
                    refused.stderr,
                    /^cp-1: Another transaction is under way \(process \d+\)\. Wait until it has ended, then run the update again\. Nothing was changed\.\n$/,
                );
                const succeeded = await running;
                assert.equal(succeeded.code, 0, succeeded.stderr);
                await first.succeed(other);
            },

            "breaks the lock of a dead process, and that of an earlier boot": async () => {
                const change = await second.settle();
                for (const holder of ["999999999 1", "1 999999999", "", "x"]) {
                    await second.node.check(`printf '%s\\n' '${holder}' >${RUN}/lock`);
                    assert.deepEqual((await second.succeed(change)).changed, []);
                }
            },

            "is refused when the manifest is changed after it was read": async () => {
                const edit = `cp -p ${MANIFEST} /etc/kubernetes/.edited && echo '# edited' >>/etc/kubernetes/.edited && mv /etc/kubernetes/.edited ${MANIFEST}`;
                const reason =
                    `${MANIFEST} was changed by somebody else since it was read. ` +
                    "Run the update again. Nothing was changed.";
                try {
                    const early = third.change();
                    const script = await planned(early);
                    await third.node.check(edit);
                    assert.equal(await third.fail(early, () => script), third.says(reason));
                    const late = third.change();
                    const sent = await send(late, inject(await planned(late), "write_manifest", edit));
                    assert.deepEqual([sent.code, sent.stderr], [1, third.says(reason)]);
                    await third.succeed(late);
                    assert.equal(await third.node.check(`grep -c '^# edited' ${MANIFEST}`), "2\n");
                } finally {
                    await third.node.check(
                        `grep -v '^# edited' ${MANIFEST} >/etc/kubernetes/.edited && chmod 600 /etc/kubernetes/.edited && mv /etc/kubernetes/.edited ${MANIFEST}`,
                    );
                }
            },
        });
    });

    describe("because the host is started anew", () => {
        const pause = "touch /root/reached; sleep 600";

        /** Ends the machine at a point of the transaction. */
        async function reboot(subject: Subject, powerCut: boolean, alter: (script: string) => string): Promise<void> {
            const change = subject.change();
            const old = await subject.state();
            const script = alter(await planned(change));
            const cut = send(change, script, "apply", 60).catch((error: unknown) => error);
            await subject.node.check("until [ -e /root/reached ]; do sleep 0.1; done", { timeoutSeconds: 60 });
            await sleep(2000);
            await subject.node.reboot({ powerCut });
            await subject.node.check("rm -f /root/reached");
            assert.equal(await subject.state(), old);
            await subject.succeed(change);
            await cut;
        }

        it("comes back with the old settings", () =>
            Promise.all([
                reboot(first, true, (script) => injectAfter(script, '    mv -f "$new_manifest" "$manifest"', pause)),
                reboot(second, true, (script) => inject(script, "await_restart", pause)),
                reboot(third, false, (script) => inject(script, "await_restart", "touch /root/reached")),
            ]));
    });
});
