/** Logging in to one SSH server over a transport that is already there. */

import { createHash } from "node:crypto";
import type { Duplex } from "node:stream";
import type { AnyAuthMethod, AuthenticationType, Client, ConnectConfig, ParsedKey, ServerHostKeyAlgorithm } from "ssh2";
import type { ResolvedEndpoint } from "./connection";
import { explain, failure, type At, type Seen } from "./connectionError";
import { HOST_KEY_TYPES, parseHostKey } from "./knownHosts";

/** The library, loaded by who talks to a host and by nobody else. */
export type Ssh2 = typeof import("ssh2");

/**
 * Checks the server's key against the pinned one, then logs in.
 *
 * @param transport - a socket, connecting or connected, or a proxy's channel; closing it is the caller's
 * @throws ConnectionError
 */
export function logIn(ssh2: Ssh2, endpoint: ResolvedEndpoint, at: At, transport: Duplex): Promise<Client> {
    const seen: Seen = { stage: "dial", tried: [], offered: [] };
    const client = new ssh2.Client();
    return new Promise((resolve, reject) => {
        client.on("error", (error) => {
            reject(explain(error, endpoint, at, seen));
        });
        client.on("close", () => {
            reject(explain(new Error("closed by the server"), endpoint, at, seen));
        });
        client.on("connect", () => (seen.stage = "handshake"));
        client.on("handshake", () => (seen.stage = "login"));
        client.on("change password", () => {
            reject(
                failure(endpoint, at, "authentication", "the password has expired", "Log in by hand and change it."),
            );
        });
        client.once("ready", () => {
            resolve(client);
        });
        client.connect({
            sock: transport,
            username: endpoint.user,
            readyTimeout: endpoint.perDialTimeout * 1000,
            keepaliveInterval: 5000,
            keepaliveCountMax: 3,
            algorithms: { ...ALGORITHMS, serverHostKey: hostKeyAlgorithms(endpoint) },
            hostVerifier: (key: Buffer) => {
                seen.hostKey = key;
                return endpoint.hostKey === undefined || parseHostKey(endpoint.hostKey).blob.equals(key);
            },
            authHandler: loginHandler(loginMethods(ssh2, endpoint, at), seen),
        });
    });
}

/** The fastest first, with nothing that relies on SHA-1. A cipher that authenticates by itself needs no MAC. */
const ALGORITHMS: ConnectConfig["algorithms"] = {
    kex: [
        "curve25519-sha256",
        "curve25519-sha256@libssh.org",
        "ecdh-sha2-nistp256",
        "ecdh-sha2-nistp384",
        "ecdh-sha2-nistp521",
        "diffie-hellman-group14-sha256",
        "diffie-hellman-group16-sha512",
        "diffie-hellman-group18-sha512",
        "diffie-hellman-group-exchange-sha256",
    ],
    hmac: ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512"],
};

/** Only what the pinned key can sign with, so that a server with several keys shows this one. */
function hostKeyAlgorithms({ hostKey }: ResolvedEndpoint): ServerHostKeyAlgorithm[] {
    const types = hostKey === undefined ? HOST_KEY_TYPES : [parseHostKey(hostKey).type];
    return types.flatMap((type) =>
        type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [type],
    ) as ServerHostKeyAlgorithm[];
}

/** In the order in which `remote.Command` tries them: the agent is for who has no key. */
function loginMethods(ssh2: Ssh2, endpoint: ResolvedEndpoint, at: At): AnyAuthMethod[] {
    const { user: username, password } = endpoint;
    const methods: AnyAuthMethod[] = [];
    const key = decryptKey(ssh2, endpoint, at);
    if (key !== undefined) {
        methods.push({ type: "publickey", username, key });
    }
    if (password !== undefined) {
        methods.push({ type: "password", username, password });
        methods.push({
            type: "keyboard-interactive",
            username,
            prompt: (_name, _instructions, _lang, prompts, finish) => {
                finish(prompts.map(() => password));
            },
        });
    }
    const agent = endpoint.agentSocketPath ?? (methods.length === 0 ? process.env.SSH_AUTH_SOCK : undefined);
    if (agent !== undefined && agent !== "" && key === undefined) {
        methods.push({ type: "agent", username, agent });
    }
    return methods;
}

/** Goes through the methods, passing over those that the server has said it does not take. */
function loginHandler(methods: AnyAuthMethod[], seen: Seen) {
    return (offered: AuthenticationType[] | null): AnyAuthMethod | false => {
        seen.offered = offered ?? [];
        for (let method = methods.shift(); method !== undefined; method = methods.shift()) {
            const needed = method.type === "agent" ? "publickey" : method.type;
            if (offered === null || offered.includes(needed)) {
                seen.tried.push(method.type);
                return method;
            }
        }
        return false;
    };
}

const decrypted = new Map<string, ParsedKey | Error>();

/** A passphrase is made slow to try: fifty hosts with the same key decrypt it once. */
export function decryptKey(ssh2: Ssh2, endpoint: ResolvedEndpoint, at: At): ParsedKey | undefined {
    const { privateKey, privateKeyPassword } = endpoint;
    if (privateKey === undefined) {
        return undefined;
    }
    const id = digest(JSON.stringify([privateKey, privateKeyPassword]));
    const key = decrypted.get(id) ?? ssh2.utils.parseKey(privateKey, privateKeyPassword);
    decrypted.set(id, key);
    if (key instanceof Error) {
        const found =
            privateKeyPassword === undefined
                ? "privateKey cannot be read"
                : "privateKey cannot be decrypted with privateKeyPassword";
        throw failure(endpoint, at, "authentication", found, "Check the passphrase, and that the key is whole.");
    }
    return key;
}

export function digest(text: string): string {
    return createHash("sha256").update(text).digest("hex");
}
