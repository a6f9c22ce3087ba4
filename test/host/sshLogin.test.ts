import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import type { AuthContext } from "ssh2";
import { fingerprint, parseHostKey } from "../../host/knownHosts";
import { exchange } from "../../host/ssh";
import { PASSPHRASE, type KeyName } from "./sshd";
import { accept, REINSTALLED, useSshd } from "./sshFixture";

const CHECK_LOGIN = "Check the user, the key or password, and authorized_keys on the server.";

describe("logIn", () => {
    const { sshd, relay, connection, where, failureOf, startServer } = useSshd();

    describe("knows the host", () => {
        for (const type of ["ed25519", "ecdsa", "rsa"] as KeyName[]) {
            it(`by its ${type} key, and logs in with one`, async () => {
                const own = { hostKey: sshd().hostKeys[type], privateKey: sshd().userKeys[type] };
                assert.deepEqual(await exchange(connection(own), "echo in", ""), {
                    code: 0,
                    stdout: "in\n",
                    stderr: "",
                });
            });

            it(`and refuses it with another ${type} key`, async () => {
                const pinned = parseHostKey(sshd().hostKeys[type]);
                const blob = Buffer.from(pinned.blob);
                blob[blob.length - 1]! ^= 1;
                const hostKey = `${pinned.type} ${blob.toString("base64")}`;
                assert.deepEqual(await failureOf({ hostKey }), {
                    kind: "host-key",
                    at: "host",
                    message:
                        `${where()}: changed host key: the server shows the ${pinned.type} key ${fingerprint(pinned.blob)}, but ` +
                        `${fingerprint(blob)} is expected. ${REINSTALLED}`,
                });
            });
        }

        it("from knownHosts, hashed", async () => {
            const name = `[127.0.0.1]:${sshd().port}`;
            const hash = createHmac("sha1", "salt").update(name).digest("base64");
            const hashed = `|1|${Buffer.from("salt").toString("base64")}|${hash}`;
            const knownHosts = `${name} ${sshd().hostKeys.rsa}\n${hashed} ${sshd().hostKeys.ecdsa}\n`;
            const own = connection({ hostKey: undefined, knownHosts });
            assert.equal(own.hostKey, sshd().hostKeys.ecdsa);
            assert.equal((await exchange(own, "true", "")).code, 0);
        });

        it("not at all with insecureIgnoreHostKey", async () => {
            const own = connection({ hostKey: undefined, insecureIgnoreHostKey: true });
            assert.equal((await exchange(own, "true", "")).code, 0);
        });

        it("and refuses one that has no key of the pinned type", async () => {
            const port = await startServer(() => undefined);
            const pinned = parseHostKey(sshd().hostKeys.ecdsa);
            assert.deepEqual(await failureOf({ port, hostKey: sshd().hostKeys.ecdsa }), {
                kind: "host-key",
                at: "host",
                message:
                    `${where(port)}: changed host key: the server has no ${pinned.type} key, but ${fingerprint(pinned.blob)} is ` +
                    `expected. ${REINSTALLED}`,
            });
        });
    });

    describe("logs in", () => {
        it("with an encrypted key", async () => {
            const own = { privateKey: sshd().userKeys.encrypted, privateKeyPassword: PASSPHRASE };
            assert.equal((await exchange(connection(own), "true", "")).code, 0);
        });

        it("but not with a wrong passphrase, for which nobody is dialled", async () => {
            const counted = await relay(sshd().port);
            const own = {
                port: counted.port,
                privateKey: sshd().userKeys.encrypted,
                privateKeyPassword: "battery staple",
            };
            assert.deepEqual(await failureOf(own), {
                kind: "authentication",
                at: "host",
                message:
                    `${where(counted.port)}: privateKey cannot be decrypted with privateKeyPassword. ` +
                    "Check the passphrase, and that the key is whole.",
            });
            assert.equal(counted.made(), 0);
        });

        it("but not with a key that the host does not know", async () => {
            assert.deepEqual(await failureOf({ privateKey: sshd().stranger.privateKey, password: "secret pw" }), {
                kind: "authentication",
                at: "host",
                message:
                    `${where()}: login failed (All configured authentication methods failed); tried publickey; the server ` +
                    `takes publickey. ${CHECK_LOGIN}`,
            });
        });

        it("with an agent", async () => {
            const agent = await sshd().startAgent(sshd().userKeys.ed25519);
            const own = connection({ privateKey: undefined, agentSocketPath: agent });
            assert.equal((await exchange(own, "true", "")).code, 0);
        });

        it("but not with an agent that is not there", async () => {
            const own = { privateKey: undefined, agentSocketPath: "/nonexistent/agent" };
            const { kind, at, message } = await failureOf(own);
            assert.deepEqual([kind, at], ["authentication", "host"]);
            assert.match(
                message,
                /^127\.0\.0\.1:\d+ as \S+: login failed \(.*\); tried agent; the server takes \?\. Check/,
            );
        });

        for (const method of ["password", "keyboard-interactive"] as const) {
            const acceptOnly = (context: AuthContext) => {
                if (context.method !== method) {
                    context.reject([method]);
                } else if (context.method === "keyboard-interactive") {
                    context.prompt(["Password: ", "Again: "], (answers) => {
                        if (answers.join() === "secret pw,secret pw") {
                            context.accept();
                        } else {
                            context.reject([method]);
                        }
                    });
                } else if ("password" in context && context.password === "secret pw") {
                    context.accept();
                } else {
                    context.reject([method]);
                }
            };

            it(`with a password by ${method}`, async () => {
                const own = { port: await startServer(acceptOnly), privateKey: undefined, password: "secret pw" };
                const result = await exchange(connection(own), "whatever", "");
                assert.deepEqual(result, { code: 7, stdout: "whatever", stderr: "" });
            });

            it(`but not with a wrong password by ${method}`, async () => {
                const own = { port: await startServer(acceptOnly), privateKey: undefined, password: "wrong pw" };
                const tried = method === "password" ? "password" : "password, keyboard-interactive";
                assert.deepEqual(await failureOf(own), {
                    kind: "authentication",
                    at: "host",
                    message:
                        `${where(own.port)}: login failed (All configured authentication methods failed); tried ${tried}; the ` +
                        `server takes ${method}. ${CHECK_LOGIN}`,
                });
            });
        }

        it("but says so when the server runs no commands", async () => {
            const port = await startServer(accept, false);
            assert.deepEqual(await failureOf({ port, privateKey: undefined, password: "secret pw" }), {
                kind: "command-refused",
                at: "host",
                message:
                    `${where(port)}: it refuses to run a command: Unable to exec. ` +
                    "Look for ForceCommand and MaxSessions in its sshd_config, and for what sshd logs.",
            });
        });
    });
});
