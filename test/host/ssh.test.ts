import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { AuthContext } from "ssh2";
import { fingerprint, parseHostKey } from "../../host/knownHosts";
import type { ConnectionSettings } from "../../host/connection";
import { exchange } from "../../host/ssh";
import { freePort, listen, type Relay } from "./sshd";
import { accept, LOOK_AT_NETWORK, REINSTALLED, useSshd } from "./sshFixture";

/** Waits for it; the test's own time limit is the limit. */
async function allClosed({ open }: Relay): Promise<void> {
    while (open() > 0) {
        await sleep(10);
    }
}

describe("exchange", () => {
    const { sshd, stops, relay, settings, connection, where, failureOf, startServer } = useSshd();

    describe("runs a command", () => {
        const results: [command: string, stdin: string, expected: object][] = [
            ["true", "", { code: 0, stdout: "", stderr: "" }],
            ["cat; echo bad >&2; exit 3", "grüß\n", { code: 3, stdout: "grüß\n", stderr: "bad\n" }],
            ["kill -KILL $$", "", { code: null, signal: "SIGKILL", stdout: "", stderr: "" }],
            ["no-such-command 2>/dev/null", "", { code: 127, stdout: "", stderr: "" }],
            ["echo no >&2; exit 9", "x".repeat(4_000_000), { code: 9, stdout: "", stderr: "no\n" }],
            ["exec 0<&-; sleep 0.2; echo done", "x".repeat(4_000_000), { code: 0, stdout: "done\n", stderr: "" }],
        ];
        for (const [command, stdin, expected] of results) {
            it(`${command}, given ${stdin.length} bytes`, async () => {
                assert.deepEqual(await exchange(connection(), command, stdin), expected);
            });
        }

        it("brings 5 MB there and back, and as much on stderr", async () => {
            const stdin = "0123456789abcde\n".repeat(5_000_000 / 16);
            const result = await exchange(connection(), "tee /dev/stderr", stdin);
            assert.equal(result.code, 0);
            assert.ok(result.stdout === stdin && result.stderr === stdin);
        });

        it("on 70 hosts, 64 of them at a time, and leaves no connection open", async () => {
            const held: AuthContext[] = [];
            let made = 0;
            const port = await startServer((context) => {
                held.push(context);
                if (held.length === 64) {
                    setTimeout(() => {
                        made = counted.made(); // By now there would be one too many.
                        held.forEach(accept);
                    }, 100);
                } else if (held.length > 64) {
                    accept(context);
                }
            });
            const counted = await relay(port);
            const commands = Array.from({ length: 70 }, (_, host) => `on ${host}`);
            const own = connection({ port: counted.port, privateKey: undefined, password: "secret pw" });
            assert.deepEqual(
                await Promise.all(commands.map((command) => exchange(own, command, ""))),
                commands.map((command) => ({ code: 7, stdout: command, stderr: "" })),
            );
            await allClosed(counted);
            assert.deepEqual([made, counted.made()], [64, 70]);
        });
    });

    describe("gives up", () => {
        it("on a port where nothing listens", async () => {
            const port = await freePort();
            assert.deepEqual(await failureOf({ port }), {
                kind: "unreachable",
                at: "host",
                message: `${where(port)}: no connection (ECONNREFUSED). ${LOOK_AT_NETWORK}`,
            });
        });

        it("on a name that does not exist", async () => {
            const { kind, at, message } = await failureOf({ host: "cp-1.invalid" });
            assert.deepEqual([kind, at], ["unreachable", "host"]);
            assert.match(message, /^cp-1\.invalid:\d+ as \S+: no connection \((ENOTFOUND|EAI_AGAIN)\)\. Check/);
        });

        it("on a server that never answers, after perDialTimeout", async () => {
            const silent = await relay();
            assert.deepEqual(await failureOf({ port: silent.port, perDialTimeout: 1 }), {
                kind: "timeout",
                at: "host",
                message: `${where(silent.port)}: connected, but not logged in after 1 s. ${LOOK_AT_NETWORK}`,
            });
        });

        it("on a command that never ends, after timeoutSeconds", async () => {
            const counted = await relay(sshd().port);
            assert.deepEqual(await failureOf({ port: counted.port }, "exec sleep 5", 1), {
                kind: "timeout",
                at: "host",
                message:
                    `${where(counted.port)}: the command had not ended after 1 s. ` +
                    "It may still be running. See what the host is busy with.",
            });
            await allClosed(counted);
        });

        it("on a server that hangs up, or speaks something else", async () => {
            for (const greeting of ["", "HTTP/1.1 400 Bad Request\r\n\r\n"]) {
                const server = createServer((socket) => socket.on("error", () => socket.destroy()).end(greeting));
                const port = await listen(server);
                stops.push(() => server.close());
                assert.deepEqual(await failureOf({ port }), {
                    kind: "unreachable",
                    at: "host",
                    message:
                        `${where(port)}: the SSH handshake failed (Connection lost before handshake). ` +
                        "Check that the port is sshd's, and what sshd logs: it also refuses when too many log in at once.",
                });
            }
        });

        it("when the network, or sshd, ends in the middle", async () => {
            const cuttable = await relay(sshd().port);
            for (const [port, command] of [
                [cuttable.port, cutAtStart(cuttable)],
                [sshd().port, "kill -KILL $PPID; exec sleep 5"],
            ] as const) {
                assert.deepEqual(await failureOf({ port }, command), {
                    kind: "disconnected",
                    at: "host",
                    message:
                        `${where(port)}: the connection was cut before the command ended. ` +
                        "The command may still be running; try again.",
                });
            }
        });
    });

    describe("goes through a proxy", () => {
        const proxy = (own: Partial<ConnectionSettings> = {}) => ({ proxy: settings(own) });

        it("that all hosts share, and closes it after the last", async () => {
            const counted = await relay(sshd().port);
            const own = connection(proxy({ port: counted.port }));
            const results = await Promise.all(["a", "b", "c"].map((word) => exchange(own, `echo ${word}`, "")));
            assert.deepEqual(
                results.map(({ stdout }) => stdout),
                ["a\n", "b\n", "c\n"],
            );
            assert.equal(counted.made(), 1);
            await allClosed(counted);
            assert.equal((await exchange(own, "true", "")).code, 0);
        });

        it("but not through one with another host key", async () => {
            const shown = fingerprint(parseHostKey(sshd().hostKeys.ed25519).blob);
            const expected = fingerprint(parseHostKey(sshd().stranger.publicKey).blob);
            assert.deepEqual(await failureOf(proxy({ hostKey: sshd().stranger.publicKey })), {
                kind: "host-key",
                at: "proxy",
                message:
                    `${where()}: proxy ${where()}: changed host key: the server shows the ssh-ed25519 key ${shown}, but ` +
                    `${expected} is expected. ${REINSTALLED}`,
            });
        });

        it("and checks the host's own key behind it", async () => {
            const { kind, at } = await failureOf({ ...proxy(), hostKey: sshd().stranger.publicKey });
            assert.deepEqual([kind, at], ["host-key", "host"]);
        });

        it("and says which of the two cannot be reached", async () => {
            const port = await freePort();
            assert.deepEqual(await failureOf({ ...proxy(), port }), {
                kind: "unreachable",
                at: "host",
                message:
                    `${where(port)}: the proxy cannot connect to it: (SSH) Channel open failure: Connection refused. ` +
                    "Check host and port as the proxy sees them.",
            });
            assert.deepEqual(await failureOf(proxy({ port })), {
                kind: "unreachable",
                at: "proxy",
                message: `${where()}: proxy ${where(port)}: no connection (ECONNREFUSED). ${LOOK_AT_NETWORK}`,
            });
        });

        it("and notices when it is cut", async () => {
            const cuttable = await relay(sshd().port);
            const { kind, at } = await failureOf(proxy({ port: cuttable.port }), cutAtStart(cuttable));
            assert.deepEqual([kind, at], ["disconnected", "host"]);
        });
    });

    /** A command that lasts; when it has started, the relay is cut. */
    function cutAtStart({ cut }: Relay): string {
        const started = join(sshd().directory, `started-${Math.random()}`);
        const timer = setInterval(() => {
            if (existsSync(started)) {
                clearInterval(timer);
                cut();
            }
        }, 20);
        return `: > ${started}; exec sleep 5`;
    }
});
