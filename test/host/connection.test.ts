import assert from "node:assert/strict";
import type { types } from "@pulumi/command";
import {
    connectionWarnings,
    credentialsOf,
    remoteCommandConnection,
    resolveConnection,
    type ConnectionDefaults,
    type ConnectionSettings,
} from "../../host/connection";

const ED25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXO0UdUYuTrh5zYjDz0QvRwALS3GlWUA4mnaA0b0ZFS";
const OTHER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDX4Dn7OD2VRg7AxKaQBQG3QqkRFlHJTkqPnKnVQVbTg";
const ECDSA =
    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBDSKTZ+YrVbkSMLRbBbhPfIFqWYaHKRUfZ3WUL6Yhvdg" +
    "WRQ0PeaCnsaH55HCsJjAL6uSuvDmgEBzoGwJ5Q2wo4A=";
const RSA = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAwEAAQ==";

/** The least a host needs, in two halves, and what comes of it. */
const WITHOUT_HOST_KEY = { host: "cp-1", password: "pw" };
const WITHOUT_LOGIN = { host: "cp-1", hostKey: ED25519 };
const LEAST: ConnectionSettings = { ...WITHOUT_HOST_KEY, ...WITHOUT_LOGIN };
const FILLED_IN = { port: 22, user: "root", perDialTimeout: 15, dialErrorLimit: 10 };
const RESOLVED = { ...LEAST, ...FILLED_IN };

const how = (host = "cp-1", port = 22) =>
    `Get it with \`ssh-keyscan -t ed25519 -p ${port} ${host}\` and compare its fingerprint (\`ssh-keygen -lf -\`) with that ` +
    "of /etc/ssh/ssh_host_ed25519_key.pub on the host's own console; then set hostKey to `ssh-ed25519 AAAA…`, or " +
    "knownHosts to the text of a known_hosts file with it.";

describe("resolveConnection", () => {
    const merged: [what: string, host: ConnectionSettings, defaults: ConnectionDefaults, expected: object][] = [
        ["fills in what upstream fills in", LEAST, {}, RESOLVED],
        [
            "takes each field from the defaults",
            { host: "cp-1" },
            { port: 2222, user: "ops", password: "pw", hostKey: `${ED25519} x`, perDialTimeout: 0, dialErrorLimit: -1 },
            { ...RESOLVED, port: 2222, user: "ops", perDialTimeout: 0, dialErrorLimit: -1 },
        ],
        [
            "prefers the host's own",
            { ...LEAST, port: 2222, user: "ops", perDialTimeout: 5, dialErrorLimit: 1 },
            { port: 22, user: "root", password: "no", hostKey: OTHER, perDialTimeout: 9, dialErrorLimit: 9 },
            { ...RESOLVED, port: 2222, user: "ops", perDialTimeout: 5, dialErrorLimit: 1 },
        ],
        [
            "takes none of the defaults' logins when the host has one of its own",
            { ...WITHOUT_LOGIN, agentSocketPath: "/run/agent" },
            { password: "no", privateKey: "not even read", privateKeyPassword: "no" },
            { ...WITHOUT_LOGIN, ...FILLED_IN, agentSocketPath: "/run/agent" },
        ],
        [
            "pins the host's own key rather than accept any, as the defaults say",
            LEAST,
            { insecureIgnoreHostKey: true },
            RESOLVED,
        ],
        [
            "accepts any key of the one host that asks for it",
            { ...WITHOUT_HOST_KEY, insecureIgnoreHostKey: true },
            { knownHosts: `cp-1 ${OTHER}` },
            { ...WITHOUT_HOST_KEY, ...FILLED_IN },
        ],
        [
            "takes the key from known_hosts, Ed25519 before ECDSA before RSA",
            WITHOUT_HOST_KEY,
            { knownHosts: `cp-1 ${RSA}\ncp-1 ${ECDSA}\ncp-1 ${ED25519}\ncp-2 ${OTHER}` },
            RESOLVED,
        ],
        [
            "takes ECDSA from known_hosts before RSA",
            WITHOUT_HOST_KEY,
            { knownHosts: `cp-1 ${RSA}\ncp-1 ${ECDSA}` },
            { ...RESOLVED, hostKey: ECDSA },
        ],
        [
            "looks the port up in known_hosts",
            { ...WITHOUT_HOST_KEY, port: 2222 },
            { knownHosts: `cp-1 ${OTHER}\n[cp-1]:2222 ${ED25519}` },
            { ...RESOLVED, port: 2222 },
        ],
        [
            "merges the proxy too, and looks it up in the host's known_hosts",
            { ...WITHOUT_HOST_KEY, proxy: { user: "jump" } },
            { knownHosts: `cp-1 ${ED25519}\nbastion ${OTHER}`, proxy: { host: "bastion", user: "no", password: "jp" } },
            { ...RESOLVED, proxy: { ...RESOLVED, host: "bastion", user: "jump", password: "jp", hostKey: OTHER } },
        ],
        [
            "does not look a proxy up that has a key",
            { ...LEAST, proxy: { host: "bastion", password: "jp", hostKey: OTHER } },
            { knownHosts: `bastion ${ED25519}` },
            { ...RESOLVED, proxy: { ...RESOLVED, host: "bastion", password: "jp", hostKey: OTHER } },
        ],
        [
            "takes an IPv6 address, and an international name",
            { ...LEAST, host: "fe80::1%eth0", proxy: { ...LEAST, host: "bücher.example" } },
            {},
            { ...RESOLVED, host: "fe80::1%eth0", proxy: { ...RESOLVED, host: "bücher.example" } },
        ],
    ];
    for (const [what, host, defaults, expected] of merged) {
        it(what, () => {
            assert.deepEqual(resolveConnection(host, defaults), expected);
        });
    }

    it("needs neither key nor password where the environment has an agent, whose socket it does not repeat", () => {
        assert.deepEqual(resolveConnection(WITHOUT_LOGIN, {}, { sshAuthSock: "/run/agent" }), {
            ...WITHOUT_LOGIN,
            ...FILLED_IN,
        });
    });

    const bare = "Give the bare name or address in host, and port and user in their own fields.";
    const login = "Set privateKey, password or agentSocketPath, or run where SSH_AUTH_SOCK names an agent.";
    const refused: [settings: ConnectionSettings, message: string][] = [
        [{ ...LEAST, host: "" }, `host is "", which is not a name or an address. ${bare}`],
        [{ ...LEAST, host: "cp-1:2222" }, `host is "cp-1:2222", which is not a name or an address. ${bare}`],
        [{ ...LEAST, host: "root@cp-1" }, `host is "root@cp-1", which is not a name or an address. ${bare}`],
        [{ ...LEAST, host: "-oProxyCommand" }, `host is "-oProxyCommand", which is not a name or an address. ${bare}`],
        [{ ...LEAST, user: "" }, 'user is "". Give the name of a user of the host.'],
        [{ ...LEAST, user: "ro ot" }, 'user is "ro ot". Give the name of a user of the host.'],
        [{ ...LEAST, port: 0 }, "port is 0. Give a whole number from 1 to 65535."],
        [{ ...LEAST, port: 22.5 }, "port is 22.5. Give a whole number from 1 to 65535."],
        [{ ...LEAST, perDialTimeout: -1 }, "perDialTimeout is -1. Give a whole number from 0 to 86400."],
        [{ ...LEAST, dialErrorLimit: -2 }, "dialErrorLimit is -2. Give a whole number of at least -1."],
        [{ ...LEAST, password: "" }, "password is empty. Look at where it is read from, or leave it out."],
        [
            { ...LEAST, agentSocketPath: "" },
            "agentSocketPath is empty. Look at where it is read from, or leave it out.",
        ],
        [{ ...LEAST, privateKey: "" }, "privateKey is empty. Give the text of an OpenSSH, PEM or PKCS#8 private key."],
        [WITHOUT_LOGIN, `no way to log in is given. ${login}`],
        [WITHOUT_HOST_KEY, `no host key is given, so the host cannot be told from an impostor. ${how()}`],
        [
            { ...LEAST, insecureIgnoreHostKey: true },
            "hostKey and insecureIgnoreHostKey are both set. They contradict each other: leave one of them out.",
        ],
        [
            { ...LEAST, hostKey: `cp-1 ${ED25519}` },
            `hostKey cannot be read: it starts with a host name, as in known_hosts; leave that out, or give the line as knownHosts. ${how()}`,
        ],
        [
            { ...WITHOUT_HOST_KEY, port: 2222, knownHosts: `cp-1 ${ED25519}` },
            `knownHosts has no key for [cp-1]:2222. ${how("cp-1", 2222)}`,
        ],
        [
            { ...WITHOUT_HOST_KEY, knownHosts: `cp-1 ${ED25519}\n@revoked cp-1 ${ED25519}` },
            `knownHosts has no key for cp-1; line 2 is left out: a revoked key. ${how()}`,
        ],
        [
            { ...WITHOUT_HOST_KEY, knownHosts: `cp-1 ${ED25519}\ncp-1 ${OTHER}\ncp-1 ${RSA}` },
            "knownHosts has several ssh-ed25519 keys for cp-1. Remove those that are out of date, or give the right one as hostKey.",
        ],
        [{ ...LEAST, proxy: {} }, `proxy: host is "", which is not a name or an address. ${bare}`],
        [{ ...LEAST, proxy: { host: "bastion", hostKey: OTHER } }, `proxy: no way to log in is given. ${login}`],
        [
            { ...LEAST, proxy: { host: "bastion", password: "jp" } },
            `proxy: no host key is given, so the host cannot be told from an impostor. ${how("bastion")}`,
        ],
    ];
    for (const [settings, message] of refused) {
        it(`refuses: ${message.slice(0, 60)}`, () => {
            const context = { where: "hosts[1] cp-2" };
            assert.throws(() => resolveConnection(settings, {}, context), { message: `hosts[1] cp-2: ${message}` });
        });
    }

    it("calls the host by its address where it has no other name", () => {
        assert.throws(() => resolveConnection({ ...LEAST, port: 0 }), {
            message: "cp-1: port is 0. Give a whole number from 1 to 65535.",
        });
    });
});

describe("remoteCommandConnection", () => {
    it("is the command provider's input, the proxy's host key included", () => {
        const connection: types.input.remote.ConnectionArgs = remoteCommandConnection(
            resolveConnection({ ...LEAST, proxy: { host: "bastion", password: "jp", hostKey: OTHER } }),
        );
        assert.deepEqual(connection, {
            ...RESOLVED,
            proxy: { ...RESOLVED, host: "bastion", password: "jp", hostKey: OTHER },
        });
    });
});

describe("connectionWarnings", () => {
    it("has nothing to say of a pinned Ed25519 key", () => {
        assert.deepEqual(connectionWarnings(resolveConnection(LEAST)), []);
    });

    it("warns of a host key that is not checked, and of an RSA key", () => {
        const connection = resolveConnection({
            host: "cp-1",
            password: "pw",
            insecureIgnoreHostKey: true,
            proxy: { host: "bastion", password: "jp", hostKey: RSA },
        });
        assert.deepEqual(connectionWarnings(connection, "hosts[0] cp-1"), [
            "hosts[0] cp-1: insecureIgnoreHostKey is set, so anybody in between can pose as the host. Set hostKey instead.",
            "hosts[0] cp-1: proxy: the host key is an RSA key, with which remote.Command asks for SHA-1 signatures; OpenSSH " +
                "since 8.8 refuses them. Pin the host's Ed25519 or ECDSA key instead.",
        ]);
    });
});

describe("credentialsOf", () => {
    it("names every secret field, the proxy's included", () => {
        const settings = {
            ...LEAST,
            privateKey: "key",
            privateKeyPassword: "passphrase",
            proxy: { host: "bastion", privateKey: "proxy key" },
        };
        assert.deepEqual(credentialsOf(settings), [
            { path: "password", value: "pw" },
            { path: "privateKey", value: "key" },
            { path: "privateKeyPassword", value: "passphrase" },
            { path: "proxy.privateKey", value: "proxy key" },
        ]);
    });
});
