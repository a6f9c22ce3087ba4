import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseDocument } from "yaml";
import {
    connectionWarnings,
    resolveConnection,
    type ConnectionDefaults,
    type ConnectionSettings,
    type ResolvedConnection,
} from "../host/connection";
import { LOG_DEFAULTS } from "../host/flags";
import { CommandError, fileName, type CommandIO } from "./io";

/** A host whose log can be read. */
export interface LogHost {
    readonly name: string;
    readonly connection: ResolvedConnection;
    /** Of the file that its API server writes to. */
    readonly logPath: string;
}

type FileSettings = Record<string, unknown>;

/**
 * Reads which hosts there are and how they are reached.
 *
 * @throws CommandError that says what is wrong, without a credential in it
 */
export function readHostsFile(path: string, io: CommandIO): LogHost[] {
    const document = parseDocument(io.readFile(path).toString("utf8"));
    const content: unknown = document.errors.length > 0 ? undefined : document.toJS();
    return toHosts(content, { file: fileName(path), directory: dirname(path) }, io);
}

/**
 * The hosts that a hosts file's content names.
 *
 * @param where - what messages call the content, and the directory that its paths are seen from
 * @throws CommandError that says what is wrong, without a credential in it
 */
export function toHosts(
    content: unknown,
    { file, directory }: { readonly file: string; readonly directory: string },
    io: CommandIO,
): LogHost[] {
    if (!isMapping(content) || !Array.isArray(content.hosts) || content.hosts.length === 0) {
        throw new CommandError(
            `${file} has no list of hosts; give at least {hosts: [{name: cp-1, host: 10.0.0.11, …}]}`,
        );
    }
    const load = (settings: unknown) => withFiles(isMapping(settings) ? settings : {}, directory);
    const defaults = load(content.connection) as ConnectionDefaults;
    return content.hosts.map((entry: unknown, index) => {
        const { name, log, ...settings } = load(entry) as unknown as ConnectionSettings & {
            name?: unknown;
            log?: unknown;
        };
        const host = typeof settings.host === "string" ? settings.host : "";
        const where = typeof name === "string" ? name : host || `hosts[${index}]`;
        try {
            const context = { where: `${file}: ${where}`, sshAuthSock: process.env.SSH_AUTH_SOCK };
            const connection = resolveConnection({ ...settings, host }, defaults, context);
            io.stderr(
                connectionWarnings(connection, where)
                    .map((warning) => `${warning}\n`)
                    .join(""),
            );
            return { name: where, connection, logPath: logPathOf(log ?? content.log) };
        } catch (error) {
            throw new CommandError((error as Error).message);
        }
    });
}

function logPathOf(log: unknown): string {
    const path = isMapping(log) && log.path !== undefined ? log.path : LOG_DEFAULTS.path;
    if (typeof path !== "string" || !path.startsWith("/")) {
        throw new Error(`log.path is ${JSON.stringify(path)}; give the absolute path of a file`);
    }
    return path;
}

/** Puts the texts of files in the place of their paths, in a proxy, too. */
function withFiles(settings: FileSettings, directory: string): FileSettings {
    const { privateKeyFile, knownHostsFile, proxy, ...rest } = settings;
    const read = (path: unknown) => {
        try {
            return readFileSync(resolve(directory, String(path)), "utf8");
        } catch {
            throw new CommandError(`cannot read ${resolve(directory, String(path))}`);
        }
    };
    return {
        ...rest,
        ...(privateKeyFile !== undefined && { privateKey: read(privateKeyFile) }),
        ...(knownHostsFile !== undefined && { knownHosts: read(knownHostsFile) }),
        ...(isMapping(proxy) && { proxy: withFiles(proxy, directory) }),
    };
}

function isMapping(value: unknown): value is FileSettings {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
