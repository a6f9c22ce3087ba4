import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_SOURCE, type ApiServerSource } from "./apiServerSource";

/** Ends a text that a script carries, with underscores behind it where the text itself has it as a line. */
const DELIMITER = "KUBE_APISERVER_AUDIT_END";

/** The command that reads a script from its standard input, as root. */
export function rootShell(user: string | undefined, ...words: readonly string[]): string {
    const shell = ["sh", "-s", ...(words.length > 0 ? ["--", ...words] : [])];
    return (user === "root" ? shell : ["sudo", "-n", ...shell]).join(" ");
}

/**
 * The script that prints what a host has.
 *
 * @param logDirectory - where there is one, the script also looks at what the host has for a log there; empty for standard
 * output
 */
export function probeScript({ flavour, unit }: ApiServerSource = DEFAULT_SOURCE, logDirectory?: string): string {
    const words = [flavour, unit, ...(logDirectory === undefined ? [] : [logDirectory])];
    return `${source("probe.sh")}\nmain ${words.map(shellQuoted).join(" ")} complete\n`;
}

function shellQuoted(word: string): string {
    return `'${word.replaceAll("'", "'\\''")}'`;
}

/** What to print of a host's audit log. */
export interface LogRequest {
    /** The path of the file that the API server writes to. */
    readonly path: string;
    /** Rotated files from before this time are left out; milliseconds since 1970. Default: all are printed. */
    readonly since?: number;
    /** Go on with what is written, until the connection ends. Default false. */
    readonly follow?: boolean;
}

/** The script that prints an audit log with its rotated files, a line {@link FILE_MARK} and the path before each. */
export function readLogsScript({ path, since, follow = false }: LogRequest): string {
    const time = since === undefined ? "" : new Date(since).toISOString().slice(0, -1).replaceAll(":", "-");
    return `${source("readLogs.sh")}\nmain ${shellQuoted(path)} '${time}' ${follow ? 1 : 0}\n`;
}

/** How the line begins with which {@link readLogsScript}'s output announces a file. */
export const FILE_MARK = "kube-audit-file ";

/**
 * The script that prints what Falco has written into a host's journal, a line each: what it prints as a unit, whichever
 * that is, and what it sends to syslog.
 *
 * @param since - milliseconds since 1970; default: all of it
 */
export function falcoJournalScript(since?: number): string {
    const from = since === undefined ? "" : ` --since=@${Math.floor(since / 1000)}`;
    return `exec journalctl --quiet --no-pager --output=short-iso --identifier=falco${from}\n`;
}

/**
 * The script that delivers a transaction: its input as files, then the runner.
 *
 * @param files - by name, in the order in which a diff shows them
 * @throws Error where a text has a NUL byte, or no line break at its end
 */
export function transactionScript(files: Readonly<Record<string, string>>): string {
    const runner = `${["common.sh", "manifest.sh", "unit.sh", "peers.sh", "runner.sh"].map(source).join("\n")}\nmain "$@"\n`;
    const documents = Object.entries({ ...files, "runner.sh": runner }).flatMap(([name, text]) =>
        hereDocument(name, text),
    );
    return [source("deliver.sh"), "transaction_files() {", ...documents, "}", "", 'main "$@" complete', ""].join("\n");
}

/**
 * The script that edits kubeadm's ClusterConfiguration.
 *
 * @param entries - the settings, as `patch_configuration` in `kubeadmConfig.sh` reads them
 */
export function configMapScript(entries: string): string {
    return [
        ...["common.sh", "manifest.sh", "kubeadmConfig.sh", "configMap.sh"].map(source),
        "configuration_files() {",
        ...hereDocument("entries", entries),
        "}",
        "",
        'main "$@" complete',
        "",
    ].join("\n");
}

/**
 * The script that makes one request of a host's API server and looks for its event.
 *
 * @param verb - `look`: only print how the API server was started
 * @param settings - names and values, as `read_settings` in `verify.sh` knows them
 * @throws Error where a value has a line break
 */
export function verificationScript(
    verb: "look" | "verify",
    settings: readonly (readonly [name: string, value: string | number])[],
): string {
    const broken = settings.find(([, value]) => /[\n\r\0]/.test(String(value)));
    if (broken !== undefined) {
        throw new Error(`${broken[0]} has a line break: ${JSON.stringify(broken[1])}.`);
    }
    const lines = settings.map(([name, value]) => `${name} ${value}\n`).join("");
    return [
        ...["common.sh", "verify.sh"].map(source),
        "verification_settings() {",
        ...hereText("cat", lines, "settings"),
        "}",
        "",
        `main ${verb} complete`,
        "",
    ].join("\n");
}

/** What a program said last, on its standard error mostly: the reason of its failure. */
export function lastLine(said: string): string {
    return said.trim().split("\n").at(-1) ?? "";
}

function hereDocument(name: string, text: string): string[] {
    return hereText(`cat >"$1/${name}"`, text, name);
}

/** A command that is given a text, whatever is in it. */
function hereText(command: string, text: string, name: string): string[] {
    const lines = text.split("\n");
    if (lines.pop() !== "") {
        throw new Error(`${name} has to end with a line break.`);
    }
    if (text.includes("\0")) {
        throw new Error(`${name} has a NUL byte.`);
    }
    let delimiter = DELIMITER;
    while (lines.includes(delimiter)) {
        delimiter += "_";
    }
    return [`${command} <<'${delimiter}'`, ...lines, delimiter];
}

const sources = new Map<string, string>();

/** One of the shell files beside this one. */
function source(name: string): string {
    const text = sources.get(name) ?? readFileSync(join(__dirname, name), "utf8");
    sources.set(name, text);
    return text;
}
