/** A private key as it is given in the settings, checked without a connection. */

import { createPrivateKey, type KeyObject } from "node:crypto";
import { HOST_KEY_TYPES, sshFields } from "./knownHosts";

/**
 * Checks a private key and brings it into a form that both ssh2 and `remote.Command` read.
 *
 * @param passphrase - dropped where the key is not encrypted, since `remote.Command` would refuse it
 * @throws an Error that says what was found and what to do, never with any of the key in it
 */
export function readPrivateKey(
    text: string,
    passphrase: string | undefined,
): { privateKey: string; privateKeyPassword?: string | undefined } {
    const block = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----[^]*?-----END \1-----/.exec(text);
    if (block === null) {
        throw problem(`privateKey ${describeNoKey(text)}`, "Give the text of an OpenSSH, PEM or PKCS#8 private key.");
    }
    const [pem, label = ""] = block;
    const openSsh = label === "OPENSSH PRIVATE KEY" ? readOpenSshKey(pem) : undefined;
    const encrypted = openSsh?.encrypted ?? (label.startsWith("ENCRYPTED") || /^Proc-Type:.*ENCRYPTED/m.test(pem));
    if (encrypted && (passphrase ?? "") === "") {
        throw problem("privateKey is encrypted and privateKeyPassword is not set", "Set it to the key's passphrase.");
    }
    const kept = encrypted ? { privateKey: `${pem}\n`, privateKeyPassword: passphrase } : { privateKey: `${pem}\n` };
    if (openSsh !== undefined) {
        checkKeyType(openSsh.type);
        return kept;
    }
    const key = parsePem(pem, encrypted ? passphrase : undefined);
    const type = key.asymmetricKeyType ?? "";
    checkKeyType(type === "ec" ? (key.asymmetricKeyDetails?.namedCurve ?? "") : type);
    if (label !== "PRIVATE KEY" && label !== "ENCRYPTED PRIVATE KEY") {
        return kept;
    }
    // ssh2 does not read PKCS#8, and remote.Command does not decrypt it.
    if (type === "ed25519") {
        return { privateKey: openSshEd25519(key) };
    }
    return { privateKey: key.export({ format: "pem", type: type === "ec" ? "sec1" : "pkcs1" }).toString() };
}

function describeNoKey(text: string): string {
    if (text.trim() === "") {
        return "is empty";
    }
    if (/^(ssh-|ecdsa-|sk-)|BEGIN (\w+ )?PUBLIC KEY/.test(text.trim())) {
        return "holds a public key";
    }
    if (text.startsWith("PuTTY-User-Key-File")) {
        return "holds a PuTTY key (`puttygen -O private-openssh` converts it)";
    }
    if (text.includes("PRIVATE KEY-----")) {
        return "is cut short";
    }
    return /^\S+$/.test(text.trim()) ? "holds no key, perhaps a path" : "holds no key";
}

/** Reads the format's head, which is in the clear: magic, cipher, key derivation, its options, a count, the public key. */
function readOpenSshKey(pem: string): { encrypted: boolean; type: string } {
    const body = /BEGIN OPENSSH PRIVATE KEY-----([^-]*)-----END/.exec(pem)?.[1] ?? "";
    const data = Buffer.from(body, "base64").subarray(OPENSSH_MAGIC.length);
    const head = sshFields(data, 3) ?? [];
    const keys = sshFields(data.subarray(head.reduce((length, field) => length + 4 + field.length, 4)), 2) ?? [];
    const type = keys.length === 2 ? sshFields(keys[0] ?? Buffer.alloc(0), 1)?.[0]?.toString("latin1") : undefined;
    if (type === undefined) {
        throw damaged();
    }
    return { encrypted: head[0]?.toString("latin1") !== "none", type };
}

const OPENSSH_MAGIC = Buffer.from("openssh-key-v1\0");

const KEY_TYPES = [...HOST_KEY_TYPES, "rsa", "ed25519", "prime256v1", "secp384r1", "secp521r1"];

function checkKeyType(type: string): void {
    if (!KEY_TYPES.includes(type)) {
        throw problem(`privateKey is of the type ${type}`, "Use an Ed25519, ECDSA or RSA key, or an agent.");
    }
}

function parsePem(text: string, passphrase: string | undefined): KeyObject {
    try {
        return createPrivateKey(passphrase === undefined ? text : { key: text, passphrase });
    } catch {
        // OpenSSL's own words say no more, and could quote the input.
        throw passphrase === undefined
            ? damaged()
            : problem("privateKey cannot be decrypted with privateKeyPassword", "Check the passphrase.");
    }
}

/** An Ed25519 key in OpenSSH's own format, the only one for which ssh2 knows it; the same key always gives the same text. */
function openSshEd25519(key: KeyObject): string {
    const { d = "", x = "" } = key.export({ format: "jwk" });
    const type = sshField(Buffer.from("ssh-ed25519"));
    const publicKey = Buffer.from(x, "base64url");
    const secret = [
        Buffer.alloc(8),
        type,
        sshField(publicKey),
        sshField(Buffer.concat([Buffer.from(d, "base64url"), publicKey])),
    ];
    const unpadded = Buffer.concat([...secret, sshField(Buffer.alloc(0))]);
    const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7]).subarray(0, -unpadded.length & 7);
    const none = sshField(Buffer.from("none"));
    const data = Buffer.concat([
        OPENSSH_MAGIC,
        ...[none, none, sshField(Buffer.alloc(0)), Buffer.from([0, 0, 0, 1])],
        ...[sshField(Buffer.concat([type, sshField(publicKey)])), sshField(Buffer.concat([unpadded, padding]))],
    ]);
    const lines = data.toString("base64").match(/.{1,70}/g) ?? [];
    return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join("\n");
}

function sshField(data: Buffer): Buffer {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    return Buffer.concat([length, data]);
}

function damaged(): Error {
    return problem("privateKey is damaged or cut short", "Give the key file's whole text, with its line breaks.");
}

function problem(found: string, remedy: string): Error {
    return new Error(`${found}. ${remedy}`);
}
