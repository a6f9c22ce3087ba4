import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { utils } from "ssh2";
import { readPrivateKey } from "../../host/privateKey";

const ENCRYPTED = { cipher: "aes-256-cbc", passphrase: "correct horse" } as const;
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const ed25519 = generateKeyPairSync("ed25519").privateKey;

describe("readPrivateKey", () => {
    let directory: string;

    before(() => {
        directory = mkdtempSync(join(tmpdir(), "private-key-"));
    });
    after(() => {
        rmSync(directory, { recursive: true });
    });

    /** The public key according to OpenSSH. */
    function sshKeygenReads(text: string, passphrase = ""): string {
        const file = join(directory, "key");
        writeFileSync(file, text);
        chmodSync(file, 0o600);
        const line = execFileSync("ssh-keygen", ["-y", "-P", passphrase, "-f", file], { encoding: "utf8" });
        return line.split(" ").slice(0, 2).join(" ").trim();
    }

    /** The public key according to ssh2. */
    function ssh2Reads(text: string, passphrase?: string): string {
        const key = utils.parseKey(text, passphrase);
        assert.ok(!(key instanceof Error), "ssh2 does not read the key");
        return `${key.type} ${key.getPublicSSH().toString("base64")}`;
    }

    /** The public key according to OpenSSL, as ssh2 writes it. */
    function sshLine(key: KeyObject): string {
        const { kty, x = "" } = key.export({ format: "jwk" });
        if (kty !== "OKP") {
            return ssh2Reads(key.export({ format: "pem", type: kty === "EC" ? "sec1" : "pkcs1" }).toString());
        }
        const head = Buffer.from("0000000b7373682d6564323535313900000020", "hex");
        return `ssh-ed25519 ${Buffer.concat([head, Buffer.from(x, "base64url")]).toString("base64")}`;
    }

    const pem = (type: "pkcs1" | "pkcs8" | "sec1", key = rsa, encryption = {}) =>
        key.export({ format: "pem", type, ...encryption } as { format: "pem"; type: "pkcs8" }).toString();

    const kept: [what: string, text: () => string, passphrase?: string][] = [
        ["RSA in PEM", () => pem("pkcs1")],
        ["RSA in encrypted PEM", () => pem("pkcs1", rsa, ENCRYPTED), ENCRYPTED.passphrase],
        ["ECDSA in PEM", () => pem("sec1", p256)],
        ["ECDSA in encrypted PEM", () => pem("sec1", p256, ENCRYPTED), ENCRYPTED.passphrase],
    ];
    for (const [what, text, passphrase] of kept) {
        it(`keeps ${what} as it is`, () => {
            const given = text();
            const expected = passphrase === undefined ? {} : { privateKeyPassword: passphrase };
            assert.deepEqual(readPrivateKey(given, passphrase), { privateKey: given, ...expected });
            assert.equal(ssh2Reads(given, passphrase), sshKeygenReads(given, passphrase));
        });
    }

    for (const [type, ...options] of [
        ["ed25519"],
        ["rsa", "-b", "2048"],
        ["ecdsa", "-b", "384"],
        ["ed25519", "-Z", "aes256-gcm@openssh.com"],
    ] as [string, ...string[]][]) {
        for (const passphrase of [undefined, ENCRYPTED.passphrase]) {
            it(`keeps ${[type, ...options].join(" ")} of OpenSSH, ${passphrase === undefined ? "plain" : "encrypted"}`, () => {
                const file = join(directory, "generated");
                rmSync(file, { force: true });
                const words = ["-q", "-a", "1", "-t", type, ...options, "-N", passphrase ?? "", "-f", file];
                execFileSync("ssh-keygen", words, { input: "y\n" });
                const given = readFileSync(file, "utf8");
                const expected = passphrase === undefined ? {} : { privateKeyPassword: passphrase };
                assert.deepEqual(readPrivateKey(given, passphrase), { privateKey: given, ...expected });
                assert.equal(ssh2Reads(given, passphrase), sshKeygenReads(given, passphrase));
            });
        }
    }

    for (const [what, key] of [
        ["RSA", rsa],
        ["ECDSA", p256],
        ["Ed25519", ed25519],
    ] as const) {
        it(`brings ${what} from PKCS#8 into a form that ssh2 reads, always the same`, () => {
            const plain = readPrivateKey(pem("pkcs8", key), undefined);
            const decrypted = readPrivateKey(pem("pkcs8", key, ENCRYPTED), ENCRYPTED.passphrase);
            assert.deepEqual(Object.keys(plain), ["privateKey"]);
            assert.deepEqual(decrypted, plain);
            assert.equal(ssh2Reads(plain.privateKey), sshKeygenReads(plain.privateKey));
            assert.equal(sshKeygenReads(plain.privateKey), sshLine(key));
        });
    }

    it("drops the passphrase of a key that is not encrypted, and what stands around the key", () => {
        const given = `Bag Attributes\n    friendlyName: me\n${pem("pkcs1")}\nand so on\n`;
        assert.deepEqual(readPrivateKey(given, "unneeded"), { privateKey: pem("pkcs1") });
    });

    const whole = "Give the text of an OpenSSH, PEM or PKCS#8 private key.";
    const lines = "Give the key file's whole text, with its line breaks.";
    const wrong: [what: string, text: () => string, passphrase: string | undefined, message: string][] = [
        ["nothing", () => " \n", undefined, `privateKey is empty. ${whole}`],
        ["a path", () => "~/.ssh/id_ed25519", undefined, `privateKey holds no key, perhaps a path. ${whole}`],
        ["prose", () => "not a key", undefined, `privateKey holds no key. ${whole}`],
        ["a public key", () => "ssh-ed25519 AAAA me", undefined, `privateKey holds a public key. ${whole}`],
        ["half a key", () => pem("pkcs1").slice(0, 200), undefined, `privateKey is cut short. ${whole}`],
        [
            "a key of PuTTY's",
            () => "PuTTY-User-Key-File-3: ssh-ed25519",
            undefined,
            `privateKey holds a PuTTY key (\`puttygen -O private-openssh\` converts it). ${whole}`,
        ],
        [
            "a damaged key",
            () => pem("pkcs1").replace("MIIE", "AAAA"),
            undefined,
            `privateKey is damaged or cut short. ${lines}`,
        ],
        [
            "a damaged key of OpenSSH's",
            () => "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----",
            undefined,
            `privateKey is damaged or cut short. ${lines}`,
        ],
        [
            "an encrypted key alone",
            () => pem("pkcs8", rsa, ENCRYPTED),
            undefined,
            "privateKey is encrypted and privateKeyPassword is not set. Set it to the key's passphrase.",
        ],
        [
            "another passphrase",
            () => pem("pkcs1", rsa, ENCRYPTED),
            "battery staple",
            "privateKey cannot be decrypted with privateKeyPassword. Check the passphrase.",
        ],
        [
            "an unsupported type",
            () => pem("pkcs8", generateKeyPairSync("ed448").privateKey),
            undefined,
            "privateKey is of the type ed448. Use an Ed25519, ECDSA or RSA key, or an agent.",
        ],
    ];
    for (const [what, text, passphrase, message] of wrong) {
        it(`says that it was given ${what}`, () => {
            assert.throws(() => readPrivateKey(text(), passphrase), { message });
        });
    }
});
