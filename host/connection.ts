/** How a control-plane host is reached: what may be said, what it means together, and what `remote.Command` is given. */

import { formatHostKey, HOST_KEY_TYPES, lookUpHost, parseHostKey } from "./knownHosts";
import { readPrivateKey } from "./privateKey";

/** How to log in to one SSH server, and how to know that it is the right one. */
export interface EndpointSettings {
    /** The SSH port. Default 22. */
    port?: number;
    /** The user to log in as. Default `root`; anyone else needs passwordless sudo. */
    user?: string;
    /** The password, also given to whatever a keyboard-interactive login asks. Secret. */
    password?: string;
    /**
     * The private key's text (not its path): OpenSSH, PEM or PKCS#8; RSA, ECDSA (P-256, P-384, P-521) or Ed25519. Secret.
     * An encrypted PKCS#8 key is decrypted here, because `remote.Command` cannot: the state then has it, as a secret.
     */
    privateKey?: string;
    /** The passphrase of an encrypted `privateKey`; ignored for one that is not encrypted. Secret. */
    privateKeyPassword?: string;
    /**
     * An SSH agent's socket. Default: the environment's `SSH_AUTH_SOCK`, where neither key nor password is given.
     * `remote.Command` dials the agent whenever this or `SSH_AUTH_SOCK` is set, even with a key, and fails if none answers.
     */
    agentSocketPath?: string;
    /** The server's public key, `ssh-ed25519 AAAA…`: the text of `/etc/ssh/ssh_host_ed25519_key.pub`. */
    hostKey?: string;
    /**
     * The text of a known_hosts file, hashed entries included, to take `hostKey` from. Of several keys of one host the
     * Ed25519 one is pinned, else ECDSA, else RSA, since one line pins one algorithm.
     */
    knownHosts?: string;
    /** Accept any host key, and so anybody in the network's path. Default false. */
    insecureIgnoreHostKey?: boolean;
    /** Seconds for the connection, handshake and login; 0 for no limit. Default 15. */
    perDialTimeout?: number;
    /** Failed dials that `remote.Command` puts up with; -1 for no limit. Default 10. Reading in a preview dials once. */
    dialErrorLimit?: number;
}

/** A bastion: a connection of its own, with its own login and host key. Nothing but `knownHosts` is shared with it. */
export interface ProxySettings extends EndpointSettings {
    /** The bastion's name or address. Required, here or in the defaults. */
    host?: string;
}

/** What all hosts have in common. */
export interface ConnectionDefaults extends EndpointSettings {
    /** The bastion through which the hosts are reached. Default: none. */
    proxy?: ProxySettings;
}

/** One host's connection; what is not given is taken from the defaults. */
export interface ConnectionSettings extends ConnectionDefaults {
    /** The host's name or address. */
    host: string;
}

/** One SSH server, nothing left to decide. */
export interface ResolvedEndpoint {
    host: string;
    port: number;
    user: string;
    password?: string;
    privateKey?: string;
    /** Only with an encrypted key. */
    privateKeyPassword?: string;
    agentSocketPath?: string;
    /** `type base64`; missing only with `insecureIgnoreHostKey`. */
    hostKey?: string;
    perDialTimeout: number;
    dialErrorLimit: number;
}

/** One host, nothing left to decide. The same value serves ssh2 and `remote.Command`. */
export interface ResolvedConnection extends ResolvedEndpoint {
    proxy?: ResolvedEndpoint;
}

/** What the settings themselves do not say. */
export interface ConnectionContext {
    /** The beginning of every error, such as `hosts[1] cp-2`. Default: the host's address. */
    where?: string;
    /** The environment's `SSH_AUTH_SOCK`: with it, a host needs neither key nor password. Default: none. */
    sshAuthSock?: string;
}

/** The settings that are credentials. */
export const CREDENTIAL_FIELDS = ["password", "privateKey", "privateKeyPassword"] as const;

/** A credential and where it stands, such as `proxy.password`. */
export interface Credential {
    path: string;
    value: string;
}

/**
 * Merges one host's settings into the defaults and checks the result, without connecting to anything.
 *
 * A host (or its proxy) that names a way to log in (`password`, `privateKey` or `agentSocketPath`) takes none of the
 * defaults' ways; one that names a way to know its key (`hostKey`, `knownHosts` or `insecureIgnoreHostKey: true`) takes
 * none of those. Every other field is merged by itself. A proxy is also looked up in the host's known_hosts.
 *
 * @throws an Error that says what was found, where, and what to do; never with a credential in it
 */
export function resolveConnection(
    host: ConnectionSettings,
    defaults: ConnectionDefaults = {},
    context: ConnectionContext = {},
): ResolvedConnection {
    const where = context.where ?? host.host;
    const resolved = resolveEndpoint(host.host, host, defaults, { ...context, where });
    if (host.proxy === undefined && defaults.proxy === undefined) {
        return resolved;
    }
    const address = host.proxy?.host ?? defaults.proxy?.host ?? "";
    const proxyDefaults = { ...defaults.proxy };
    if (PROOFS.every((field) => proxyDefaults[field] === undefined)) {
        proxyDefaults.knownHosts = host.knownHosts ?? defaults.knownHosts;
    }
    const proxy = resolveEndpoint(address, { ...host.proxy }, proxyDefaults, { ...context, where: `${where}: proxy` });
    return { ...resolved, proxy };
}

/** The value for the `connection` input of a `remote.Command`. Wrap its credentials in `pulumi.secret`. */
export function remoteCommandConnection(connection: ResolvedConnection): ResolvedConnection {
    return { ...connection };
}

/**
 * What is allowed and yet should be known, to be shown as a warning: each says what, where and what to do.
 *
 * @param where - as in {@link ConnectionContext.where}
 */
export function connectionWarnings(connection: ResolvedConnection, where = connection.host): string[] {
    const proxy = connection.proxy === undefined ? [] : endpointWarnings(connection.proxy, `${where}: proxy`);
    return [...endpointWarnings(connection, where), ...proxy];
}

/** Every credential of a connection, the proxy's included, with the path of the field it stands in. */
export function credentialsOf(connection: ConnectionDefaults): Credential[] {
    const own = CREDENTIAL_FIELDS.flatMap((path): Credential[] => {
        const value = connection[path];
        return value === undefined ? [] : [{ path, value }];
    });
    const proxy = connection.proxy === undefined ? [] : credentialsOf(connection.proxy);
    return [...own, ...proxy.map(({ path, value }) => ({ path: `proxy.${path}`, value }))];
}

const LOGINS = ["password", "privateKey", "agentSocketPath"] as const;
const PROOFS = ["hostKey", "knownHosts", "insecureIgnoreHostKey"] as const;

type Place = ConnectionContext & { where: string };

function resolveEndpoint(host: string, own: EndpointSettings, defaults: EndpointSettings, place: Place) {
    const { where } = place;
    if (!/^[\p{L}\p{N}:][\p{L}\p{N}._%:-]*$/u.test(host) || /^[^:]*:\d*$/.test(host)) {
        const found = `host is ${JSON.stringify(host)}, which is not a name or an address`;
        throw problem(where, found, "Give the bare name or address in host, and port and user in their own fields.");
    }
    const user = own.user ?? defaults.user ?? "root";
    if (user === "" || user.startsWith("-") || /[\s\p{Cc}]/u.test(user)) {
        throw problem(where, `user is ${JSON.stringify(user)}`, "Give the name of a user of the host.");
    }
    const { port = 22, perDialTimeout = 15, dialErrorLimit = 10 } = mergeNumbers(own, defaults);
    for (const [field, value, least, most] of [
        ["port", port, 1, 65535],
        ["perDialTimeout", perDialTimeout, 0, 86400],
        ["dialErrorLimit", dialErrorLimit, -1, Infinity],
    ] as const) {
        if (!Number.isInteger(value) || value < least || value > most) {
            const range = most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`;
            throw problem(where, `${field} is ${value}`, `Give a whole number ${range}.`);
        }
    }
    const login = resolveLogin(own, defaults, place);
    const hostKey = resolveHostKey(host, port, own, defaults, where);
    const endpoint: ResolvedEndpoint = { host, port, user, ...login, perDialTimeout, dialErrorLimit };
    return hostKey === undefined ? endpoint : { ...endpoint, hostKey };
}

function mergeNumbers(own: EndpointSettings, defaults: EndpointSettings) {
    return {
        port: own.port ?? defaults.port,
        perDialTimeout: own.perDialTimeout ?? defaults.perDialTimeout,
        dialErrorLimit: own.dialErrorLimit ?? defaults.dialErrorLimit,
    };
}

function resolveLogin(own: EndpointSettings, defaults: EndpointSettings, { where, sshAuthSock }: Place) {
    const level = LOGINS.some((field) => own[field] !== undefined) ? own : defaults;
    const passphrase = own.privateKeyPassword ?? level.privateKeyPassword;
    const login: Partial<Pick<ResolvedEndpoint, (typeof LOGINS)[number] | "privateKeyPassword">> = {};
    if (level.password === "" || level.agentSocketPath === "") {
        const field = level.password === "" ? "password" : "agentSocketPath";
        throw problem(where, `${field} is empty`, "Look at where it is read from, or leave it out.");
    }
    if (level.privateKey !== undefined) {
        try {
            Object.assign(login, readPrivateKey(level.privateKey, passphrase));
        } catch (error) {
            throw new Error(`${where}: ${messageOf(error)}`);
        }
    }
    if (level.password !== undefined) {
        login.password = level.password;
    }
    if (level.agentSocketPath !== undefined) {
        login.agentSocketPath = level.agentSocketPath;
    }
    if (Object.keys(login).length === 0 && (sshAuthSock ?? "") === "") {
        const remedy = "Set privateKey, password or agentSocketPath, or run where SSH_AUTH_SOCK names an agent.";
        throw problem(where, "no way to log in is given", remedy);
    }
    return login;
}

function resolveHostKey(host: string, port: number, own: EndpointSettings, defaults: EndpointSettings, where: string) {
    const isOwn = own.hostKey !== undefined || own.knownHosts !== undefined || own.insecureIgnoreHostKey === true;
    const { hostKey, knownHosts } = isOwn ? own : defaults;
    const insecure = own.insecureIgnoreHostKey ?? (isOwn ? false : defaults.insecureIgnoreHostKey);
    const given = hostKey === undefined ? "knownHosts" : "hostKey";
    if (insecure === true) {
        if (hostKey !== undefined || knownHosts !== undefined) {
            const remedy = "They contradict each other: leave one of them out.";
            throw problem(where, `${given} and insecureIgnoreHostKey are both set`, remedy);
        }
        return undefined;
    }
    const remedy = howToGetHostKey(host, port);
    if (hostKey !== undefined) {
        try {
            return formatHostKey(parseHostKey(hostKey));
        } catch (error) {
            throw problem(where, `hostKey cannot be read: ${messageOf(error)}`, remedy);
        }
    }
    if (knownHosts === undefined) {
        throw problem(where, "no host key is given, so the host cannot be told from an impostor", remedy);
    }
    const found = lookUpHost(knownHosts, host, port);
    const type = HOST_KEY_TYPES.find((wanted) => found.keys.some((key) => key.startsWith(`${wanted} `)));
    const [key, second] = found.keys.filter((candidate) => candidate.startsWith(`${type ?? ""} `));
    if (key === undefined) {
        const skipped = found.skipped.map(({ line, reason }) => `; line ${line} is left out: ${reason}`).join("");
        throw problem(where, `knownHosts has no key for ${found.name}${skipped}`, remedy);
    }
    if (second !== undefined) {
        const several = `knownHosts has several ${type ?? ""} keys for ${found.name}`;
        throw problem(where, several, "Remove those that are out of date, or give the right one as hostKey.");
    }
    return key;
}

function howToGetHostKey(host: string, port: number): string {
    return (
        `Get it with \`ssh-keyscan -t ed25519 -p ${port} ${host}\` and compare its fingerprint (\`ssh-keygen -lf -\`) with ` +
        "that of /etc/ssh/ssh_host_ed25519_key.pub on the host's own console; then set hostKey to `ssh-ed25519 AAAA…`, or " +
        "knownHosts to the text of a known_hosts file with it."
    );
}

function endpointWarnings(endpoint: ResolvedEndpoint, where: string): string[] {
    if (endpoint.hostKey === undefined) {
        return [
            `${where}: insecureIgnoreHostKey is set, so anybody in between can pose as the host. Set hostKey instead.`,
        ];
    }
    if (endpoint.hostKey.startsWith("ssh-rsa ")) {
        return [
            `${where}: the host key is an RSA key, with which remote.Command asks for SHA-1 signatures; OpenSSH since 8.8 ` +
                "refuses them. Pin the host's Ed25519 or ECDSA key instead.",
        ];
    }
    return [];
}

function problem(where: string, found: string, remedy: string): Error {
    return new Error(`${where}: ${found}. ${remedy}`);
}

function messageOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}
