import assert from "node:assert/strict";
import { dispatch } from "../../cli/dispatch";
import { runInMemory } from "./fakeIO";

describe("dispatch", () => {
    const run = (...argv: string[]) => runInMemory((io) => dispatch(argv, io));

    it("prints the commands when asked for help", async () => {
        const { code, stdout, stderr } = await run("--help");
        assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
        assert.match(stdout, /^usage: kube-audit <noun> <verb> \[arguments\]\n\n {2}policy check /);
    });

    it("prints the commands to stderr when given nothing", async () => {
        const { code, stdout, stderr } = await run();
        assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
        assert.equal(stderr, (await run("--help")).stdout);
    });

    it("names the commands of the noun when the verb is unknown", async () => {
        const { code, stdout, stderr } = await run("policy", "chekc", "x.yaml");
        assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
        assert.match(stderr, /^kube-audit: there is no command "policy chekc"\. There is: policy check/);
    });

    it("turns an unknown option into bad usage", async () => {
        assert.equal((await run("policy", "check", "--nope")).code, 2);
    });
});
