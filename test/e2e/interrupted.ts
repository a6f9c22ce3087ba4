import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { after, assessHost, before, planned, send, type Delivery } from "./deliver";
import { armKillPoint, COUNT_FROM_HERE, KILL_POINTS, naturals, share, steps, withKillPoints } from "./killPoints";
import { IN_FORCE, LOG_DIRECTORY, RUN, STATE, UNTOUCHED, type Subject } from "./subject";

/** A transaction that was killed. */
export interface Killed {
    readonly change: Delivery;
    /** The host before it. */
    readonly old: string;
    readonly stderr: string;
}

/** Machines whose transactions are interrupted, and what each of them has to have afterwards. */
export class Interrupted<S extends Subject> {
    /** What each has in force. */
    readonly settled = new Map<S, Delivery>();
    /** How each was before it had audit settings. */
    readonly pristine = new Map<S, string>();

    private constructor(readonly subjects: readonly S[]) {}

    /** Puts settings in force, and the kill points in place. */
    static async begin<S extends Subject>(subjects: readonly S[]): Promise<Interrupted<S>> {
        const made = new Interrupted(subjects);
        await made.everywhere(async (subject) => {
            await subject.node.check(KILL_POINTS.install);
            await subject.node.check(`mkdir -p -m 700 ${LOG_DIRECTORY} && touch ${LOG_DIRECTORY}/audit.log`);
            made.pristine.set(subject, await subject.state());
            await made.settle(subject);
        });
        return made;
    }

    /** Takes everything away, which has to leave no trace. */
    async end(): Promise<void> {
        await this.everywhere(async (subject) => {
            await subject.remove(this.settled.get(subject)!);
            assert.equal(await subject.state(), this.pristine.get(subject));
            await subject.node.check(`rm -rf ${LOG_DIRECTORY} ${KILL_POINTS.directory}`);
        });
    }

    everywhere(work: (subject: S) => Promise<unknown>): Promise<unknown> {
        return Promise.all(this.subjects.map(work));
    }

    /** Puts new settings in force. */
    async settle(subject: S): Promise<void> {
        this.settled.set(subject, await subject.settle());
    }

    async killUpdatesBeforeEachStep(): Promise<void> {
        await share(this.subjects, [...steps("apply"), "write_report"], async (subject, step) => {
            const old = await subject.state();
            const change = subject.change();
            const script = await planned(change);
            const altered =
                step === "write_report"
                    ? after(script, "write_report() {", "kill -9 $$")
                    : before(script, step, "kill -9 $$");
            const { code, stderr } = await send(change, altered);
            assert.equal(code, 1, step);
            await this.assertWhole(subject, change, old, stderr);
        });
    }

    async killRemovalsBeforeEachStep(): Promise<void> {
        await share(this.subjects, steps("remove"), async (subject, step) => {
            const old = await subject.state();
            const current = this.settled.get(subject)!;
            const altered = before(await planned(current), step, "kill -9 $$");
            const { code, stderr } = await send(current, altered, "remove");
            assert.equal(code, 1, step);
            await this.assertRemovable(subject, old, stderr);
        });
    }

    /** @returns the commands that it was killed in the place of, each behind its number */
    async killUpdatesBeforeEachCommand(countFrom?: string): Promise<string[]> {
        return this.killBeforeEachCommand("apply", countFrom, async (subject, { change, old, stderr }) => {
            await this.assertWhole(subject, change, old, stderr);
        });
    }

    /** @returns the commands that it was killed in the place of, each behind its number */
    async killRemovalsBeforeEachCommand(countFrom?: string): Promise<string[]> {
        return this.killBeforeEachCommand("remove", countFrom, async (subject, { old, stderr }) => {
            await this.assertRemovable(subject, old, stderr);
        });
    }

    /**
     * Kills transactions before the first command that changes something, the second one and so on, until one comes to its end.
     *
     * @param countFrom - the step from which commands are counted; default: the first one
     * @param check - looks at what a killed one has left
     * @returns the commands that it was killed in the place of, each behind its number
     */
    async killBeforeEachCommand(
        verb: "apply" | "remove",
        countFrom: string | undefined,
        check: (subject: S, killed: Killed) => Promise<void>,
    ): Promise<string[]> {
        const reached: string[] = [];
        await share(this.subjects, naturals(), async (subject, point) => {
            const old = await subject.state();
            const change = verb === "apply" ? subject.change() : this.settled.get(subject)!;
            await armKillPoint(subject.node, point, countFrom === undefined);
            const script = withKillPoints(await planned(change));
            const counted = countFrom === undefined ? script : before(script, countFrom, COUNT_FROM_HERE);
            const { code, stderr } = await send(change, counted, verb);
            if (code === 0) {
                await (verb === "apply" ? this.assertInSync(subject, change) : this.assertGone(subject));
                return false;
            }
            reached.push(`${point} ${await subject.node.check(`cat ${KILL_POINTS.directory}/reached`)}`);
            await check(subject, { change, old, stderr });
            return true;
        });
        return reached;
    }

    /** A removal has come to its end; puts settings in force again. */
    private async assertGone(subject: S): Promise<void> {
        await subject.node.waitHealthy();
        await this.settle(subject);
    }

    /** Waits for the API server to have the settings, which a transaction that is not patient has not done. */
    async assertInSync(subject: S, change: Delivery): Promise<void> {
        const deadline = Date.now() + 120_000;
        await subject.node.waitHealthy();
        let { drifts } = await assessHost(change);
        while (drifts.length > 0 && Date.now() < deadline) {
            await delay(1000);
            await subject.node.waitHealthy();
            ({ drifts } = await assessHost(change));
        }
        assert.deepEqual(drifts, []);
        this.settled.set(subject, change);
    }

    /** A killed update has left the old settings, or the new ones from the receipt on, and says which. */
    async assertWhole(subject: S, change: Delivery, old: string, stderr: string): Promise<void> {
        const killed = new RegExp(`^${subject.node.name}: The transaction was killed in the phase "(\\w+)"\\.\n`);
        assert.match(stderr, killed);
        const rest = stderr.replace(killed, "");
        if (await isRecorded(subject, change)) {
            assert.equal(rest, subject.says(IN_FORCE));
            await this.assertInSync(subject, change);
            const kept = await subject.process();
            const { restarted } = await subject.succeed(change);
            assert.deepEqual([restarted, await subject.process()], [false, kept]);
        } else {
            assert.ok([subject.says(UNTOUCHED), subject.says(subject.restored)].includes(rest), stderr);
            assert.equal(await subject.state(), old);
        }
    }

    /** A killed removal has left everything or nothing; repeated, it leaves nothing anywhere. */
    async assertRemovable(subject: S, old: string, stderr: string): Promise<void> {
        const { name } = subject.node;
        assert.match(
            stderr,
            new RegExp(
                `^${name}: The transaction was killed in the phase "\\w+"\\.\n${name}: (${UNTOUCHED}|${subject.restored}|` +
                    "The API server runs without the audit settings already\\. Remove them again to take away the rest\\.)\n$",
            ),
        );
        if (/without the audit settings/.test(stderr)) {
            await subject.remove(this.settled.get(subject)!);
            assert.equal(await subject.state(), this.pristine.get(subject));
            await this.settle(subject);
        } else {
            assert.equal(await subject.state(), old);
        }
    }

    /** The transaction has done all of it, and doing it again does nothing. */
    async assertDone(subject: S, change: Delivery): Promise<void> {
        const { drifts, restarts } = await assessHost(change);
        assert.deepEqual([drifts, restarts], [[], []]);
        this.settled.set(subject, change);
        const kept = await subject.process();
        const { changed, restarted } = await subject.succeed(change);
        assert.deepEqual([changed, restarted, await subject.process()], [[], false, kept]);
        assert.equal(await subject.node.check(`find ${RUN} -mindepth 1`), "");
    }
}

/** Whether the receipt on the host is the change's: then its settings stay. */
export async function isRecorded(subject: Subject, { wish }: Delivery): Promise<boolean> {
    const found = await subject.node.exec(
        `grep -q '"policyPath": "${wish.settings.policyFile}"' ${STATE}/receipt.json`,
    );
    return found.code === 0;
}
