import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fingerprint, findHostKeys, formatHostKey, lookUpHost, parseHostKey } from "../../host/knownHosts";

function field(data: Buffer | string): Buffer {
    const bytes = Buffer.from(data);
    return Buffer.concat([Buffer.from([0, 0, bytes.length >> 8, bytes.length & 255]), bytes]);
}

function ed25519(): string {
    const { x = "" } = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" });
    const blob = Buffer.concat([field("ssh-ed25519"), field(Buffer.from(x, "base64url"))]);
    return `ssh-ed25519 ${blob.toString("base64")}`;
}

const [a, b, c, d, e] = Array.from({ length: 5 }, ed25519) as [string, string, string, string, string];

const FILE = [
    "# a comment",
    "",
    `cp-1 ${a} root@cp-1`,
    `cp-2,10.0.0.2 ${b}`,
    `[cp-2]:2222,[10.0.0.2]:2222 ${c}`,
    `*.example.com,!old.example.com ${d}`,
    `10.0.1.? ${e}`,
    `  CP-3 ${a}`,
    `cp-1\t${b}`,
    `fe80::1,[fe80::1]:2222 ${c}`,
    `[*]:2200 ${d}`,
    `cp.1 ${e}`,
    "cp-1 ssh-ed25519",
    `cp-4 ${b}`,
    `cp-4 ${b} the same again`,
].join("\n");

const HOSTS: [host: string, port: number][] = [
    ["cp-1", 22],
    ["cp-1", 2222],
    ["cp-2", 22],
    ["cp-2", 2222],
    ["10.0.0.2", 2222],
    ["new.example.com", 22],
    ["old.example.com", 22],
    ["new.example.com", 2222],
    ["10.0.1.7", 22],
    ["10.0.1.77", 22],
    ["cp-3", 22],
    ["CP-1", 22],
    ["fe80::1", 22],
    ["fe80::1", 2222],
    ["anything", 2200],
    ["cpx1", 22],
    ["cp-4", 22],
    ["nobody", 22],
];

describe("findHostKeys", () => {
    let directory: string;

    before(() => {
        directory = mkdtempSync(join(tmpdir(), "known-hosts-"));
    });
    after(() => {
        rmSync(directory, { recursive: true });
    });

    /** What OpenSSH itself finds. */
    function sshKeygenFinds(file: string, host: string, port: number): string[] {
        const name = port === 22 ? host : `[${host}]:${String(port)}`;
        const { stdout } = spawnSync("ssh-keygen", ["-F", name.toLowerCase(), "-f", file], { encoding: "utf8" });
        const keys = stdout
            .split("\n")
            .flatMap((line) => (line.startsWith("#") ? [] : (/ssh-ed25519 \S+/.exec(line) ?? [])));
        return [...new Set(keys)];
    }

    function comparison(text: string) {
        const file = join(directory, "known_hosts");
        writeFileSync(file, text);
        return HOSTS.map(([host, port]) => ({
            host,
            port,
            ours: findHostKeys(text, host, port),
            theirs: sshKeygenFinds(file, host, port),
        }));
    }

    it("finds what ssh-keygen -F finds", () => {
        for (const { host, port, ours, theirs } of comparison(FILE)) {
            assert.deepEqual(ours, theirs, `${host}:${port}`);
        }
    });

    it("finds each key under the names that are meant", () => {
        assert.deepEqual(
            HOSTS.map(([host, port]) => findHostKeys(FILE, host, port)),
            [[a, b], [], [b], [c], [c], [d], [], [], [e], [], [a], [a, b], [c], [c], [d], [], [b], []],
        );
    });

    it("finds the same in the file that ssh-keygen -H has hashed", () => {
        const file = join(directory, "hashed");
        writeFileSync(file, FILE.replace("cp-1 ssh-ed25519\n", "")); // ssh-keygen refuses to hash a file with a bad line.
        execFileSync("ssh-keygen", ["-q", "-H", "-f", file], { stdio: "ignore" });
        const hashed = readFileSync(file, "utf8");
        assert.equal(hashed.includes("cp-2"), false);
        for (const { host, port, ours, theirs } of comparison(hashed)) {
            assert.deepEqual(ours, theirs, `${host}:${port}`);
            assert.deepEqual(ours, findHostKeys(FILE, host, port), `${host}:${port}`);
        }
    });

    it("reads CRLF", () => {
        const text = FILE.replace(/\n/g, "\r\n");
        for (const [host, port] of HOSTS) {
            assert.deepEqual(findHostKeys(text, host, port), findHostKeys(FILE, host, port));
        }
    });
});

describe("lookUpHost", () => {
    it("leaves out what must not be trusted, wherever it stands, and says why", () => {
        const text = [
            `cp-1 ${a}`,
            `@revoked * ${a}`,
            `@cert-authority *,!other ${b}`,
            `@unheard-of cp-1 ${c}`,
            "cp-1 ssh-dss AAAAB3NzaC1kc3M=",
            `cp-1 ${d}`,
            `@revoked other ${d}`,
            `cp-1 ${c.slice(0, -8)}`,
        ].join("\n");
        assert.deepEqual(lookUpHost(text, "cp-1", 22), {
            name: "cp-1",
            keys: [d],
            skipped: [
                { line: 2, reason: "a revoked key" },
                { line: 3, reason: "a certificate authority, and host certificates are not supported" },
                { line: 4, reason: "the marker @unheard-of is not known" },
                {
                    line: 5,
                    reason:
                        'it starts with "ssh-dss", which is none of ssh-ed25519, ecdsa-sha2-nistp256, ' +
                        "ecdsa-sha2-nistp384, ecdsa-sha2-nistp521, ssh-rsa",
                },
                { line: 8, reason: "what follows ssh-ed25519 is not a key of that type; is it cut short?" },
            ],
        });
    });
});

describe("parseHostKey", () => {
    it("takes a comment, and gives the line back without it", () => {
        assert.equal(formatHostKey(parseHostKey(` ${a}  root@cp-1\n`)), a);
    });

    const wrong: [what: string, line: string, message: string][] = [
        ["nothing", "", 'it starts with "", which is none of '],
        ["a fingerprint", "SHA256:abc", "it is a fingerprint, SHA256:abc; the whole key is needed"],
        [
            "a line of known_hosts",
            `cp-1 ${a}`,
            "it starts with a host name, as in known_hosts; leave that out, or give the line as knownHosts",
        ],
        ["a short key", a.slice(0, -6), "what follows ssh-ed25519 is not a key of that type; is it cut short?"],
        [
            "another type's key",
            a.replace("ssh-ed25519", "ssh-rsa"),
            "what follows ssh-rsa is not a key of that type; is it cut short?",
        ],
        ["no base64", "ssh-ed25519 !!!", "what follows ssh-ed25519 is not a key of that type; is it cut short?"],
    ];
    for (const [what, line, message] of wrong) {
        it(`says that it was given ${what}`, () => {
            const types = "ssh-ed25519, ecdsa-sha2-nistp256, ecdsa-sha2-nistp384, ecdsa-sha2-nistp521, ssh-rsa";
            assert.throws(() => parseHostKey(line), {
                message: message.endsWith("none of ") ? message + types : message,
            });
        });
    }
});

describe("fingerprint", () => {
    for (const [type, bits] of [
        ["ed25519"],
        ["ecdsa", "256"],
        ["ecdsa", "384"],
        ["ecdsa", "521"],
        ["rsa", "1024"],
    ] as const) {
        it(`is what ssh-keygen -l prints for ${type} ${bits ?? ""}`, () => {
            const directory = mkdtempSync(join(tmpdir(), "host-key-"));
            const file = join(directory, "key");
            execFileSync("ssh-keygen", [
                "-q",
                "-t",
                type,
                ...(bits === undefined ? [] : ["-b", bits]),
                "-N",
                "",
                "-f",
                file,
            ]);
            const line = readFileSync(`${file}.pub`, "utf8");
            const printed = execFileSync("ssh-keygen", ["-l", "-f", file], { encoding: "utf8" });
            assert.equal(fingerprint(parseHostKey(line).blob), printed.split(" ")[1]);
            rmSync(directory, { recursive: true });
        });
    }
});
