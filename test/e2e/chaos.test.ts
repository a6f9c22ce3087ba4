import assert from "node:assert/strict";
import { subjectOf, type Subject } from "../chaos/cluster";
import { dump } from "../chaos/dump";
import { planRounds } from "../chaos/plan";
import { carryOutRound, undo } from "../chaos/round";
import { inWords } from "../chaos/words";
import { onProgress, testCluster } from "./cluster";
import { putBackOriginal, rememberOriginal } from "./controlPlane";

/** With it kubelets, the network and engines come to harm. */
const SEED = 55;
const ROUNDS = 4;

describe("updates that are disturbed at random", () => {
    let subject: Subject;

    before(async () => {
        const { sandbox, nodes, engine } = await testCluster();
        const [node] = nodes;
        await rememberOriginal(node);
        await putBackOriginal(node);
        subject = await subjectOf("node", sandbox, [node], engine);
    });

    for (const round of planRounds(SEED, "node", 1, ROUNDS)) {
        it(`leave a healthy API server, converge, leave no trace and lose no event, round ${round.number}`, async () => {
            const result = await carryOutRound(subject, round);
            onProgress(inWords(result));
            assert.deepEqual(result.broken, [], await dump(subject.nodes, result));
        });
    }

    it("leave a node that is as it was when the settings are removed", async () => {
        assert.deepEqual(await undo(subject), []);
        await subject.nodes[0]!.check("rm -rf /var/log/kubernetes");
    });
});
