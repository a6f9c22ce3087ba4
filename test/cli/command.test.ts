import assert from "node:assert/strict";
import { defineCommand, UsageError } from "../../cli/command";
import { CommandError, ExitCode } from "../../cli/io";
import { runInMemory } from "./fakeIO";

describe("defineCommand", () => {
    const greet = defineCommand({
        usage: () => "usage: greet NAME\n",
        options: { loud: { type: "boolean", default: false } },
        run({ values, positionals: [name] }, io) {
            if (name === undefined) {
                throw new UsageError("give a NAME");
            }
            if (name === "nobody") {
                throw new CommandError("nobody is not to be greeted");
            }
            io.stdout(`hello ${name}${values.loud ? "!" : ""}\n`);
            return ExitCode.Ok;
        },
    });
    const run = (...argv: string[]) => runInMemory((io) => greet(argv, io));

    it("hands over the options and the operands", async () => {
        assert.deepEqual(await run("world", "--loud"), { code: 0, stdout: "hello world!\n", stderr: "" });
    });

    for (const argv of [["--help"], ["world", "-h"]]) {
        it(`prints the usage for ${argv.join(" ")}`, async () => {
            assert.deepEqual(await run(...argv), { code: 0, stdout: "usage: greet NAME\n", stderr: "" });
        });
    }

    for (const [argv, message] of [
        [[], "give a NAME\n\nusage: greet NAME"],
        [["nobody"], "nobody is not to be greeted"],
        [["world", "--loud=very"], "Option '--loud' does not take an argument"],
    ] as const) {
        it(`refuses "${argv.join(" ")}"`, async () => {
            await assert.rejects(run(...argv), (error) => error instanceof CommandError && error.message === message);
        });
    }

    it("lets a mistake of the command's own through", async () => {
        const broken = defineCommand({
            usage: "usage: broken\n",
            run() {
                throw new TypeError("a mistake");
            },
        });
        await assert.rejects(
            runInMemory((io) => broken([], io)),
            TypeError,
        );
    });
});
