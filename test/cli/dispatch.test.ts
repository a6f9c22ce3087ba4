import assert from "node:assert/strict";
import { commands } from "../../cli/commands";
import { dispatch } from "../../cli/dispatch";
import { runInMemory } from "./fakeIO";

describe("dispatch", () => {
    const run = (...argv: string[]) => runInMemory((io) => dispatch(argv, io));

    it("prints the commands when asked for help", async () => {
        const { code, stdout, stderr } = await run("--help");
        assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
        assert.match(stdout, /^usage: kube-audit <command> \[arguments\]\n\n {2}policy check /);
    });

    it("prints the commands to stderr when given nothing", async () => {
        const { code, stdout, stderr } = await run();
        assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
        assert.equal(stderr, (await run("--help")).stdout);
    });

    it("prints a family's commands when asked for its help", async () => {
        assert.deepEqual(await run("manifest", "--help"), {
            code: 0,
            stdout: `usage: kube-audit <command> [arguments]

  manifest patch  print a manifest with audit logging turned on
  manifest strip  print a patched manifest as it was before

Every command has --help. Exit codes: 0 fine, 1 a finding, 2 bad usage or unreadable input.
`,
            stderr: "",
        });
    });

    it("names all commands when even the first word is unknown", async () => {
        const { code, stdout, stderr } = await run("polcy", "check");
        assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
        assert.equal(
            stderr,
            `kube-audit: there is no command "polcy". There is: ${[...commands.keys()].join(", ")}. See kube-audit --help.\n`,
        );
    });

    it("names the commands of the family when the second word is unknown", async () => {
        const { code, stdout, stderr } = await run("policy", "chekc", "x.yaml");
        assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
        assert.match(stderr, /^kube-audit: there is no command "policy chekc"\. There is: policy check/);
    });

    it("turns an unknown option into bad usage", async () => {
        assert.equal((await run("policy", "check", "--nope")).code, 2);
    });

    for (const name of commands.keys()) {
        it(`knows how to use ${name}`, async () => {
            const { code, stdout, stderr } = await run(...name.split(" "), "--help");
            assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
            assert.ok(stdout.startsWith(`usage: kube-audit ${name}`));
        });
    }
});
