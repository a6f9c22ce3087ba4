/** What can go wrong between here and a host's shell, said so that somebody can act on it. */

import type { ResolvedEndpoint } from "./connection";
import { fingerprint, parseHostKey } from "./knownHosts";

/**
 * Why there was no exchange:
 * - `unreachable`: no connection, or nothing that speaks SSH as we do
 * - `host-key`: the server is not the one that was pinned
 * - `authentication`: none of the ways to log in worked, or the private key cannot be decrypted
 * - `command-refused`: logged in, but the server runs no commands
 * - `timeout`: silence
 * - `disconnected`: cut before the command's end; it may still be running
 */
export type ConnectionErrorKind =
    "unreachable" | "host-key" | "authentication" | "command-refused" | "timeout" | "disconnected";

/** Says which server, what happened and what to do; never holds a credential. */
export class ConnectionError extends Error {
    constructor(
        readonly kind: ConnectionErrorKind,
        /** Whose fault it is: the host's, or that of the proxy in front of it. */
        readonly at: "host" | "proxy",
        message: string,
    ) {
        super(message);
        this.name = "ConnectionError";
    }
}

export type At = ConnectionError["at"];

/** How far the login got, and what the server showed of itself; what an error is explained with. */
export interface Seen {
    stage: "dial" | "handshake" | "login";
    hostKey?: Buffer;
    tried: string[];
    offered: string[];
}

type Ssh2Error = Error & { level?: string; code?: string | number };

export const LOOK_AT_NETWORK = "Check host and port, that the host is up, and the firewalls on the way.";

export function explain(error: Ssh2Error, endpoint: ResolvedEndpoint, at: At, seen: Seen): ConnectionError {
    const fail = (kind: ConnectionErrorKind, found: string, remedy: string) =>
        failure(endpoint, at, kind, found, remedy);
    const said = printable(error.message);
    if (error.level === "client-timeout") {
        const reached = seen.stage === "dial" ? "no connection" : "connected, but not logged in";
        return fail("timeout", `${reached} after ${endpoint.perDialTimeout} s`, LOOK_AT_NETWORK);
    }
    switch (seen.stage) {
        case "dial":
            return fail("unreachable", `no connection (${String(error.code ?? said)})`, LOOK_AT_NETWORK);
        case "handshake":
            return explainHandshake(said, endpoint, seen, fail);
        case "login":
            break;
    }
    if (error.level !== "client-authentication" && error.level !== "agent" && !/authentication/i.test(said)) {
        return fail("disconnected", `the connection was cut during the login (${said})`, "Look at what its sshd logs.");
    }
    const tried = seen.tried.join(", ") || "nothing";
    const found = `login failed (${said}); tried ${tried}; the server takes ${printable(seen.offered.join(", ")) || "?"}`;
    return fail("authentication", found, "Check the user, the key or password, and authorized_keys on the server.");
}

type Fail = (kind: ConnectionErrorKind, found: string, remedy: string) => ConnectionError;

function explainHandshake(said: string, { hostKey }: ResolvedEndpoint, seen: Seen, fail: Fail): ConnectionError {
    const pinned = hostKey === undefined ? undefined : parseHostKey(hostKey);
    const remedy =
        "If the host was reinstalled, compare the key's fingerprint with the one on its own console, then set the new key; " +
        "if not, somebody may be in between.";
    if (pinned !== undefined && seen.hostKey !== undefined && !pinned.blob.equals(seen.hostKey)) {
        const shown = `the server shows the ${pinned.type} key ${fingerprint(seen.hostKey)}`;
        return fail("host-key", `changed host key: ${shown}, but ${fingerprint(pinned.blob)} is expected`, remedy);
    }
    if (pinned !== undefined && said.includes("no matching host key format")) {
        const found = `changed host key: the server has no ${pinned.type} key, but ${fingerprint(pinned.blob)} is expected`;
        return fail("host-key", found, remedy);
    }
    if (seen.hostKey !== undefined && /signature/i.test(said)) {
        return fail("host-key", `the server does not prove that the host key is its own (${said})`, remedy);
    }
    const advice = "Check that the port is sshd's, and what sshd logs: it also refuses when too many log in at once.";
    return fail("unreachable", `the SSH handshake failed (${said})`, advice);
}

export function failure(endpoint: ResolvedEndpoint, at: At, kind: ConnectionErrorKind, found: string, remedy: string) {
    return new ConnectionError(kind, at, `${describe(endpoint)}: ${found}. ${remedy}`);
}

export function describe({ host, port, user }: ResolvedEndpoint): string {
    return `${host.includes(":") ? `[${host}]` : host}:${port} as ${user}`;
}

/** A server's own words, safe to show on a terminal. */
export function printable(text: string): string {
    return text.replace(/\p{C}+/gu, " ").slice(0, 200);
}
