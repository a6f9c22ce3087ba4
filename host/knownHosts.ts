/** SSH host keys as text: one public-key line, and the known_hosts file that holds many of them. */

import { createHash, createHmac } from "node:crypto";

/** A server's public key. */
export interface HostKey {
    /** Such as `ssh-ed25519`: the name of the key's format, which for RSA is not that of its signatures. */
    type: string;
    /** What the server sends in the handshake, byte for byte. */
    blob: Buffer;
}

/** One entry of a known_hosts file that is about the host but gives no key to pin, and why. */
export interface SkippedEntry {
    /** Counted from 1. */
    line: number;
    reason: string;
}

/** What a known_hosts file says of one host. */
export interface KnownHost {
    /** The name that was looked up: `host`, or `[host]:port` unless the port is 22. */
    name: string;
    /** Each key once, in the file's order, as `type base64` lines. */
    keys: string[];
    skipped: SkippedEntry[];
}

/** The key types that can be pinned, the preferred ones first: short and fast to verify, then what the oldest have. */
export const HOST_KEY_TYPES: readonly string[] = [
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "ssh-rsa",
];

/** How many length-prefixed fields a key has after its type. */
const FIELDS_AFTER_TYPE: ReadonlyMap<string, number> = new Map(
    HOST_KEY_TYPES.map((type) => [type, type === "ssh-ed25519" ? 1 : 2]),
);

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * Reads `type base64`, whatever follows it.
 *
 * @throws an Error that says what the line is instead
 */
export function parseHostKey(line: string): HostKey {
    const [type = "", base64 = "", next = ""] = line.trim().split(/\s+/);
    if (type.startsWith("SHA256:") || type.startsWith("MD5:")) {
        throw new Error(`it is a fingerprint, ${type}; the whole key is needed`);
    }
    if (!HOST_KEY_TYPES.includes(type)) {
        throw new Error(
            HOST_KEY_TYPES.includes(base64) && next !== ""
                ? `it starts with a host name, as in known_hosts; leave that out, or give the line as knownHosts`
                : `it starts with ${JSON.stringify(type.slice(0, 40))}, which is none of ${HOST_KEY_TYPES.join(", ")}`,
        );
    }
    const blob = Buffer.from(base64, "base64");
    const fields = BASE64.test(base64) ? sshFields(blob) : undefined;
    if (fields?.[0]?.toString("latin1") !== type || fields.length - 1 !== FIELDS_AFTER_TYPE.get(type)) {
        throw new Error(`what follows ${type} is not a key of that type; is it cut short?`);
    }
    return { type, blob };
}

/** The key as the one line that settings, `authorized_keys` and known_hosts use, without a comment. */
export function formatHostKey(key: HostKey): string {
    return `${key.type} ${key.blob.toString("base64")}`;
}

/** As OpenSSH prints it: `SHA256:` and unpadded base64. */
export function fingerprint(blob: Buffer): string {
    return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

/**
 * Splits the length-prefixed fields that SSH's binary formats are made of.
 *
 * @param count - how many to read; by default all there are, and nothing else may follow
 * @returns undefined where the data is not so
 */
export function sshFields(data: Buffer, count?: number): Buffer[] | undefined {
    const fields = [];
    for (let at = 0; count === undefined ? at < data.length : fields.length < count;) {
        const start = at + 4;
        const end = start <= data.length ? start + data.readUInt32BE(at) : Infinity;
        if (end > data.length) {
            return undefined;
        }
        fields.push(data.subarray(start, end));
        at = end;
    }
    return fields;
}

/** The name under which a server is known: the host, and the port only where it is not 22. */
export function knownHostName(host: string, port: number): string {
    const name = host.toLowerCase();
    return port === 22 ? name : `[${name}]:${String(port)}`;
}

/**
 * The keys that a known_hosts file has for a host, as `type base64` lines in the file's order.
 *
 * Names are matched as OpenSSH does: plain or hashed, `*` and `?`, and a `!` that rules the line out. Revoked keys are
 * left out wherever they stand, and so are certificate authorities and types that cannot be pinned.
 *
 * @param text - the file's text; lines that are not entries are passed over
 */
export function findHostKeys(text: string, host: string, port: number): string[] {
    return lookUpHost(text, host, port).keys;
}

/** {@link findHostKeys}, with the entries that had to be left out. */
export function lookUpHost(text: string, host: string, port: number): KnownHost {
    const name = knownHostName(host, port);
    const keys = new Set<string>();
    const revoked = new Map<string, number>();
    const skipped: SkippedEntry[] = [];
    for (const [index, content] of text.split(/\r?\n/).entries()) {
        const entry = parseEntry(content);
        if (entry === undefined || !matches(entry.names, name)) {
            continue;
        }
        const line = index + 1;
        if (entry.marker === "@cert-authority") {
            skipped.push({ line, reason: "a certificate authority, and host certificates are not supported" });
            continue;
        }
        if (entry.marker !== "" && entry.marker !== "@revoked") {
            skipped.push({ line, reason: `the marker ${entry.marker} is not known` });
            continue;
        }
        try {
            const key = formatHostKey(parseHostKey(entry.key));
            if (entry.marker === "@revoked") {
                revoked.set(key, line);
            } else {
                keys.add(key);
            }
        } catch (error) {
            skipped.push({ line, reason: error instanceof Error ? error.message : "not a key" });
        }
    }
    for (const [key, line] of revoked) {
        keys.delete(key);
        skipped.push({ line, reason: "a revoked key" });
    }
    return { name, keys: [...keys], skipped: skipped.sort((a, b) => a.line - b.line) };
}

/** Markers, names and key of one line; undefined for comments and blank lines. */
function parseEntry(line: string): { marker: string; names: string; key: string } | undefined {
    const match = /^\s*(?:(@\S+)\s+)?([^\s#@]\S*)\s+(\S.*)$/.exec(line);
    return match === null ? undefined : { marker: match[1] ?? "", names: match[2] ?? "", key: match[3] ?? "" };
}

function matches(names: string, name: string): boolean {
    if (names.startsWith("|")) {
        return isHashOf(names, name);
    }
    const patterns = names.toLowerCase().split(",");
    const isNamed = (pattern: string) => glob(pattern).test(name);
    return (
        !patterns.some((pattern) => pattern.startsWith("!") && isNamed(pattern.slice(1))) &&
        patterns.some((pattern) => !pattern.startsWith("!") && isNamed(pattern))
    );
}

/** `|1|salt|hash`, where the hash is the name's HMAC-SHA1 with the salt as key. */
function isHashOf(hashed: string, name: string): boolean {
    const [, version, salt, hash] = hashed.split("|");
    return (
        version === "1" &&
        salt !== undefined &&
        createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64") === hash
    );
}

/** Only `*` and `?` are special: the brackets of `[host]:port` stand for themselves. */
function glob(pattern: string): RegExp {
    const source = pattern
        .replace(/\*+/g, "*")
        .replace(/[.+^${}()|[\]\\]/g, "\\$&")
        .replace(/\*/g, ".*")
        .replace(/\?/g, ".");
    return new RegExp(`^${source}$`);
}
