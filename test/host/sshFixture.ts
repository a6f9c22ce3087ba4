/** What the tests of an exchange share: a running sshd, and the settings that reach it. */

import assert from "node:assert/strict";
import type { AuthContext } from "ssh2";
import { resolveConnection, type ConnectionSettings } from "../../host/connection";
import { ConnectionError, exchange } from "../../host/ssh";
import { startRelay, startSsh2Server, startSshd, type Relay, type Sshd } from "./sshd";

/** The last sentence of many an error. */
export const LOOK_AT_NETWORK = "Check host and port, that the host is up, and the firewalls on the way.";
export const REINSTALLED =
    "If the host was reinstalled, compare the key's fingerprint with the one on its own console, then set the new key; if " +
    "not, somebody may be in between.";

export const accept = (context: AuthContext): void => {
    context.accept();
};

/** Starts sshd before the tests of a `describe` and stops it, and whatever else they started, after them. */
export function useSshd() {
    let started: Sshd | undefined;
    const stops: (() => void)[] = [];

    before(async () => {
        started = await startSshd();
        stops.push(started.stop);
    });
    after(() => {
        stops.forEach((stop) => {
            stop();
        });
    });

    const sshd = (): Sshd => started ?? assert.fail("sshd runs only while tests do");

    async function relay(to?: number): Promise<Relay> {
        const relay = await startRelay(to);
        stops.push(relay.stop);
        return relay;
    }

    const settings = (own: Partial<ConnectionSettings> = {}): ConnectionSettings => ({
        host: "127.0.0.1",
        port: sshd().port,
        user: sshd().user,
        privateKey: sshd().userKeys.ed25519,
        hostKey: sshd().hostKeys.ed25519,
        ...own,
    });
    const connection = (own?: Partial<ConnectionSettings>) => resolveConnection(settings(own));
    const where = (port = sshd().port) => `127.0.0.1:${port} as ${sshd().user}`;

    /** The error, every field of it; and that no credential is in it. */
    async function failureOf(own: Partial<ConnectionSettings>, command = "true", timeoutSeconds = 30) {
        const resolved = connection(own);
        try {
            await exchange(resolved, command, "", { timeoutSeconds });
        } catch (error) {
            assert.ok(error instanceof ConnectionError, String(error));
            const { kind, at, message } = error;
            for (const secret of [
                resolved.password,
                resolved.privateKeyPassword,
                resolved.privateKey?.split("\n")[2],
            ]) {
                assert.equal(secret !== undefined && (error.stack ?? "").includes(secret), false);
            }
            return { kind, at, message };
        }
        assert.fail("there was no error");
    }

    async function startServer(onLogin: (context: AuthContext) => void, runs = true): Promise<number> {
        const { port, stop } = await startSsh2Server(sshd().hostPrivateKey, onLogin, runs);
        stops.push(stop);
        return port;
    }

    return { sshd, stops, relay, settings, connection, where, failureOf, startServer };
}
