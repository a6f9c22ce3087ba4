import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { retrying } from "../../sandbox/command-provider/dial";
import { type CommandProperties, type Connection } from "../../sandbox/command-provider/inputs";
import { runOnHost, type Previous, type RunLog } from "../../sandbox/command-provider/run";
import { SshServer, strangeHostKey } from "./sshServer";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

describe("a command run by the stand-in", () => {
    let server: SshServer;
    let said: string[];
    const log: RunLog = {
        status: (message) => said.push(`status: ${message}`),
        warning: (message) => said.push(`warning: ${message.split("'")[1] ?? ""}`),
        error: (message) => said.push(`error: ${message.split("'")[1] ?? ""}`),
    };

    beforeEach(async () => {
        said = [];
        server = new SshServer();
        await server.start();
    });
    afterEach(() => {
        server.stop();
    });

    function connection(change: Partial<Connection> = {}): Connection {
        return {
            ...{ host: "127.0.0.1", port: server.port, user: "ops", password: "secret", hostKey: server.hostKey },
            ...{ dialErrorLimit: 0, perDialTimeout: 5, ...change },
        };
    }
    function run(change: Partial<CommandProperties> = {}, previous: Previous = {}) {
        const properties = { connection: connection(), ...change };
        return runOnHost("create", properties.create ?? "do it", properties, previous, log);
    }

    it("hands stdin over and takes one final newline off the output", async () => {
        server.reply = { stdout: "a\nb\n\n", stderr: "c\n" };
        assert.deepEqual(await run({ stdin: "in\n" }), { stdout: "a\nb\n", stderr: "c" });
        assert.deepEqual(server.seen, [{ user: "ops", command: "do it", stdin: "in\n", environment: {} }]);
        assert.deepEqual(said, ["status: a", "status: b", "status: ", "status: c"]);
    });

    for (const [logging, expected] of Object.entries({
        stdout: ["status: a"],
        stderr: ["status: b"],
        stdoutAndStderr: ["status: a", "status: b"],
        none: [],
    })) {
        it(`logs what ${logging} says`, async () => {
            server.reply = { stdout: "a", stderr: "b" };
            await run({ logging: logging as "none" });
            assert.deepEqual(said, expected);
        });
    }

    it("shows the command and its output when it fails", async () => {
        server.reply = { stdout: "out\n", stderr: "err\n", code: 3 };
        await assert.rejects(run({ create: 'say "x"' }), {
            message: 'Process exited with status 3: running "say \\"x\\"":\nout\nerr\n',
        });
    });

    it("runs nothing when a variable is refused", async () => {
        await assert.rejects(run({ environment: { OK_A: "1", NOT: "2" } }), {
            message: 'could not set environment variable "NOT": ssh: setenv failed',
        });
        assert.deepEqual([server.seen, said], [[], ["error: NOT"]]);
    });

    it("sets variables that are accepted", async () => {
        await run({ environment: { OK_A: "1", OK_B: "2" } });
        assert.deepEqual(server.seen[0]?.environment, { OK_A: "1", OK_B: "2" });
    });

    it("warns when the last output is refused, and goes on", async () => {
        await run({}, { stdout: "last", stderr: "" });
        assert.deepEqual([server.seen.length, said], [1, ["warning: PULUMI_COMMAND_STDOUT"]]);
    });

    it("keeps the last output to itself when it should", async () => {
        await run({ addPreviousOutputInEnv: false }, { stdout: "last", stderr: "last" });
        assert.deepEqual(said, []);
    });

    it("refuses a host with another key, and tries again as for any failed dial", async () => {
        const wrong = connection({ hostKey: strangeHostKey(), dialErrorLimit: 1 });
        await assert.rejects(run({ connection: wrong }), {
            message: "after 1 failed attempts: ssh: handshake failed: ssh: host key mismatch",
        });
        assert.deepEqual([server.connections, server.seen, said], [2, [], ["status: Dial 1/1 failed: retrying"]]);
    });

    it("takes any host without a host key", async () => {
        const trusting: Mutable<Connection> = connection();
        delete trusting.hostKey;
        await run({ connection: trusting });
        assert.equal(server.seen.length, 1);
    });

    it("tells a refused log-in", async () => {
        await assert.rejects(run({ connection: connection({ password: "wrong" }) }), {
            message:
                "after 0 failed attempts: ssh: handshake failed: ssh: unable to authenticate, no supported methods remain",
        });
    });

    it("tells a host that hangs up while somebody logs in", async () => {
        await assert.rejects(run({ connection: connection({ user: "gone" }) }), {
            message: "after 0 failed attempts: ssh: handshake failed: EOF",
        });
    });

    it("tells a host that does not listen", async () => {
        const closed = connection();
        server.stop();
        await assert.rejects(run({ connection: closed }), {
            message: `after 0 failed attempts: dial tcp 127.0.0.1:${closed.port}: connect: connection refused`,
        });
    });

    it("does not try at all with a key that cannot be read", async () => {
        await assert.rejects(
            run({ connection: connection({ privateKey: "nonsense", dialErrorLimit: 10 }) }),
            /^Error: ssh: /,
        );
        assert.equal(server.connections, 0);
    });

    it("says so where the official plugin would hang", async () => {
        server.reply = { stdout: "x".repeat(70_000) };
        await assert.rejects(run(), /official command plugin hangs here/);
        assert.equal((await run({ logging: "none" })).stdout.length, 70_000);
    });

    it("records commands for tests that ask for it", async () => {
        const directory = mkdtempSync(join(tmpdir(), "command-log-"));
        process.env.KUBE_APISERVER_AUDIT_COMMAND_LOG = join(directory, "log");
        try {
            await run();
            const line = JSON.parse(readFileSync(join(directory, "log"), "utf8")) as { time: string };
            assert.deepEqual(line, { time: line.time, host: "127.0.0.1", verb: "create", command: "do it" });
        } finally {
            delete process.env.KUBE_APISERVER_AUDIT_COMMAND_LOG;
            rmSync(directory, { recursive: true });
        }
    });

    it("forgives as many failures as the limit says", async () => {
        let calls = 0;
        const work = () => (++calls < 3 ? Promise.reject(new Error("no")) : Promise.resolve("yes"));
        assert.equal(await retrying("Dial", 2, (message) => said.push(message), work), "yes");
        assert.deepEqual(said, ["Dial 1/2 failed: retrying", "Dial 2/2 failed: retrying"]);
    });
});
