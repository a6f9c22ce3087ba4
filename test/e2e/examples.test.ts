import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { testCluster } from "./cluster";

const load = createRequire(__filename);

describe("examples/cluster", () => {
    it("takes hosts, key and policy from the stack's configuration", async () => {
        const {
            engine,
            sandbox,
            nodes: [node],
        } = await testCluster();
        const stack = await engine.stack("examples", () =>
            Promise.resolve(load("../../examples/cluster/index.ts") as Record<string, unknown>),
        );
        const namespace = "kube-apiserver-audit";
        await stack.setAllConfig({
            [`${namespace}:hosts`]: {
                value: JSON.stringify([{ name: node.name, host: node.address, hostKey: node.hostKey }]),
            },
            [`${namespace}:user`]: { value: node.users.admin },
            [`${namespace}:privateKey`]: { value: sandbox.credentials.privateKey, secret: true },
        });
        const preview = await stack.preview({ color: "never" });
        assert.deepEqual(preview.changeSummary, { create: 6 });
        assert.match(
            preview.stdout + preview.stderr,
            /cp-1: the API server will be restarted: audit logging is turned on\./,
        );
    });
});
