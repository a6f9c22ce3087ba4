import assert from "node:assert/strict";
import { check, create, diff, remove, update } from "../../sandbox/command-provider/resource";
import { secret, UNKNOWN } from "../../sandbox/command-provider/values";

const quiet = { status: () => undefined, warning: () => undefined, error: () => undefined };

describe("command:remote:Command", () => {
    it("fills in the connection's defaults and makes it and its credentials secret", () => {
        const connection = { host: "h", privateKey: "k", proxy: { host: "p", port: 2222, password: "w" } };
        const defaults = { user: "root", port: 22, dialErrorLimit: 10, perDialTimeout: 15 };
        assert.deepEqual(check({ create: "c", connection }), {
            inputs: {
                create: "c",
                connection: secret({
                    ...defaults,
                    host: "h",
                    privateKey: secret("k"),
                    proxy: { ...defaults, host: "p", port: 2222, password: secret("w") },
                }),
            },
            failures: [],
        });
    });

    it("changes nothing in inputs that were checked before", () => {
        const once = check({ connection: secret({ host: "h", password: secret("w") }) }).inputs;
        assert.deepEqual(check(once).inputs, once);
    });

    it("takes a connection that is not known yet", () => {
        assert.deepEqual(check({ connection: UNKNOWN }), { inputs: { connection: secret(UNKNOWN) }, failures: [] });
    });

    it("refuses a connection without a host, or none", () => {
        assert.deepEqual(
            [check({ connection: { user: "u" } }), check({})].map(({ failures }) => failures.map((f) => f.property)),
            [["connection.host"], ["connection"]],
        );
    });

    it("replaces for triggers as a whole, updates for everything else", () => {
        const found = diff({}, { triggers: null, stdin: "a" }, { triggers: ["x"], stdin: "b", __internal: 1 }, []);
        assert.deepEqual(Object.fromEntries(found), {
            triggers: { kind: "add", replace: true },
            stdin: { kind: "update", replace: false },
        });
    });

    it("sees no difference in an ignored property", () => {
        assert.deepEqual([...diff({ stdin: "a" }, { stdin: "a" }, { stdin: "b" }, ["stdin"])], []);
    });

    it("does not know the output in a preview", async () => {
        const inputs = { create: "c", connection: secret({ host: "h" }) };
        const unknown = { stdout: UNKNOWN, stderr: UNKNOWN };
        assert.deepEqual((await create("name", inputs, true, quiet)).state, { ...inputs, ...unknown });
        assert.deepEqual(await update({ ...inputs, stdout: "o", stderr: "" }, inputs, [], true, quiet), {
            ...inputs,
            ...unknown,
        });
    });

    it("runs nothing where there is no command, and keeps the last output", async () => {
        const inputs = { connection: secret({ host: "nowhere.invalid" }) };
        const created = await create("name", inputs, false, quiet);
        assert.match(created.id, /^name[0-9a-f]{8}$/);
        assert.deepEqual(created.state, { ...inputs, stdout: "", stderr: "" });
        const state = { ...inputs, stdout: "o", stderr: "e" };
        assert.deepEqual(await update(state, inputs, [], false, quiet), state);
        await remove(state, quiet);
    });
});
