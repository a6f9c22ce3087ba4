import assert from "node:assert/strict";
import { subjectOf, type Subject } from "../chaos/cluster";
import { dump } from "../chaos/dump";
import { planRounds } from "../chaos/plan";
import { carryOutRound, undo, type Result } from "../chaos/round";
import { inWords } from "../chaos/words";
import { onProgress, testCluster } from "./cluster";

/** One for each machine: with them runners, an engine, kubelets, sshd, an API server, connections and the network come to harm. */
const SEEDS = [4, 14, 55];
const ROUNDS = 2;

describe("updates that are disturbed at random", () => {
    let subjects: Subject[];

    before(async () => {
        const { sandbox, nodes, engine } = await testCluster();
        subjects = await Promise.all(nodes.map((node) => subjectOf("node", sandbox, [node], engine)));
    });

    /** Round after round on one machine; ends with the first that is broken. */
    async function disturb(subject: Subject, seed: number): Promise<void> {
        for (const round of planRounds(seed, "node", 1, ROUNDS)) {
            const result: Result = await carryOutRound(subject, round);
            onProgress(`seed ${seed}, ${inWords(result)}`);
            assert.deepEqual(result.broken, [], await dump(subject.nodes, result));
        }
        assert.deepEqual(await undo(subject), []);
        await subject.nodes[0]!.check("rm -rf /var/log/kubernetes");
    }

    it("leave a healthy API server, converge, leave no trace and lose no event", async () => {
        await Promise.all(subjects.map((subject, index) => disturb(subject, SEEDS[index]!)));
    });
});
