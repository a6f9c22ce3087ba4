/** What {@link file://./probe.sh} printed of one host, read back. */

/** A file, link or directory as it is on the host. */
export interface ObservedFile {
    readonly path: string;
    readonly inode: string;
    /** Seconds since 1970, of the last change of the content. */
    readonly modified: number;
    /** Seconds since 1970, of the last change of content, mode, owner or name. */
    readonly changed: number;
    /** Octal, such as `600` or `2750`. */
    readonly mode: string;
    /** `uid:gid`. */
    readonly owner: string;
    readonly kind: "file" | "directory" | "link" | "other";
    /** The text of a regular file. */
    readonly text?: string;
}

/** A running kube-apiserver. */
export interface ObservedProcess {
    readonly pid: number;
    /** Seconds since 1970. */
    readonly started: number;
    readonly commandLine: readonly string[];
}

/** A systemd unit as systemd has loaded it. */
export interface ObservedUnit {
    readonly name: string;
    /** `loaded`, `masked`, `bad-setting` and so on. */
    readonly loadState: string;
    /** `active`, `failed`, `activating` and so on. */
    readonly activeState: string;
    /** 0 where none runs. */
    readonly mainPid: number;
    /** Whether its files were changed since systemd read them. */
    readonly needsReload: boolean;
    /** The paths of its files, in the order in which systemd reads them. */
    readonly files: readonly string[];
    readonly environmentFiles: readonly string[];
    /** What its program says of its version, such as `Kubernetes v1.34.4`. */
    readonly version?: string;
}

/** A file system on which one of our places may lie. */
export interface ObservedMount {
    /** `major:minor`. */
    readonly device: string;
    readonly readOnly: boolean;
    readonly point: string;
}

/** What a host has for the settings, apart from its files. */
export interface HostFacts {
    /** The host's clock when it was asked, in seconds since 1970. */
    readonly clock: number;
    /** In the order in which they were mounted: a later one hides an earlier one at the same place. */
    readonly mounts: readonly ObservedMount[];
    /** The file system of the log's directory, in bytes; undefined where it could not be asked. */
    readonly space?: { readonly total: number; readonly available: number };
    /** Where SELinux is enforcing: the context of each API server, by process, and the labels of our directories. */
    readonly contexts: ReadonlyMap<number, string>;
    readonly labels: ReadonlyMap<string, string>;
}

/** One host at one moment. */
export interface Observation {
    readonly machineId: string;
    /** By path. */
    readonly files: ReadonlyMap<string, ObservedFile>;
    readonly processes: readonly ObservedProcess[];
    /** Where the API server is one. */
    readonly unit?: ObservedUnit;
    /** Where they were asked for. */
    readonly facts?: HostFacts;
}

/** Something that is not the output of a whole probe, for instance a login banner or half of the text. */
export class ObservationError extends Error {}

const KINDS: Readonly<Record<string, ObservedFile["kind"]>> = {
    "regular file": "file",
    "regular empty file": "file",
    directory: "directory",
    "symbolic link": "link",
};

/**
 * Reads the probe's output.
 *
 * @throws ObservationError where it is not whole
 */
export function parseObservation(output: string): Observation {
    const lines = output.split("\n");
    const first = lines.indexOf("kube-apiserver-audit observation 1");
    if (first < 0) {
        throw new ObservationError(`the host answered something else: ${excerpt(output)}`);
    }
    const files = new Map<string, ObservedFile>();
    const processes: ObservedProcess[] = [];
    let machineId = "";
    let clock = 0;
    let boot = 0;
    const unitLines: string[] = [];
    const factLines: string[] = [];
    let position = first + 1;

    const text = (): Buffer | undefined => {
        if (lines[position] !== "text") {
            return undefined;
        }
        const end = lines.indexOf("end", position);
        const encoded = lines.slice(position + 1, end < 0 ? lines.length : end).join("");
        position = end < 0 ? lines.length : end + 1;
        return Buffer.from(encoded, "base64");
    };

    while (position < lines.length) {
        const line = lines[position++]!;
        const [word, ...rest] = line.split(" ");
        if (word === "done") {
            const unit = parseUnit(unitLines);
            const facts = parseFacts(factLines, clock);
            return { machineId, files, processes, ...(unit && { unit }), ...(facts && { facts }) };
        } else if (word === "machine") {
            machineId = rest[0] ?? "";
        } else if (word === "file") {
            const file = parseFile(line);
            const content = text();
            files.set(file.path, content === undefined ? file : { ...file, text: content.toString("utf8") });
        } else if (UNIT_LINES.has(word!)) {
            unitLines.push(line);
        } else if (FACT_LINES.has(word!)) {
            factLines.push(line);
        } else if (word === "clock") {
            clock = Number(rest[0]);
            boot = Number(rest[0]) - Number(rest[1]);
        } else if (word === "process") {
            const commandLine = (text() ?? Buffer.alloc(0)).toString("utf8").split("\0").slice(0, -1);
            // A process without a command line has ended and only waits to be reaped.
            if (commandLine.length > 0) {
                processes.push({
                    pid: Number(rest[0]),
                    started: Math.floor(boot + Number(rest[1]) / 100),
                    commandLine,
                });
            }
        }
    }
    throw new ObservationError(`the host's answer ended too early, after ${lines.length} lines`);
}

const UNIT_LINES: ReadonlySet<string> = new Set(["unit", "unit-file", "environment-file", "version"]);
const FACT_LINES: ReadonlySet<string> = new Set(["facts", "mount", "space", "context", "label"]);

/** What follows the word at the beginning, of each line that begins with it. */
function after(word: string, lines: readonly string[]): string[] {
    return lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
}

function parseUnit(lines: readonly string[]): ObservedUnit | undefined {
    const [state] = after("unit", lines);
    if (state === undefined) {
        return undefined;
    }
    const [loadState, activeState, pid, needsReload, ...name] = state.split(" ");
    const [version] = after("version", lines);
    return {
        name: name.join(" "),
        loadState: loadState!,
        activeState: activeState!,
        mainPid: Number(pid),
        needsReload: needsReload === "yes",
        files: after("unit-file", lines),
        environmentFiles: after("environment-file", lines),
        ...(version !== undefined && { version }),
    };
}

function parseFacts(lines: readonly string[], clock: number): HostFacts | undefined {
    if (!lines.includes("facts")) {
        return undefined;
    }
    const [space] = after("space", lines).map((line) => line.split(" ").map(Number));
    return {
        clock,
        mounts: after("mount", lines).map((line) => {
            const [device, options, superOptions, ...point] = line.split(" ");
            return {
                device: device!,
                readOnly: `${options!},${superOptions!}`.split(",").includes("ro"),
                // The kernel writes a blank as \040.
                point: point
                    .join(" ")
                    .replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(parseInt(code, 8))),
            };
        }),
        ...(space?.length === 3 && {
            space: { total: space[0]! * space[1]!, available: space[0]! * space[2]! },
        }),
        contexts: new Map(
            after("context", lines).map((line) => [parseInt(line, 10), line.replace(/^\d+ /, "").replace(/\0/g, "")]),
        ),
        labels: new Map(
            after("label", lines).map((line) => [line.slice(line.indexOf(" ") + 1), line.split(" ", 1)[0]!]),
        ),
    };
}

function parseFile(line: string): ObservedFile {
    const match = /^file (\d+) (\d+) (\d+) (\d+) (\d+) (\d+) ([^|]*)\|(.*)$/s.exec(line);
    if (match === null) {
        throw new ObservationError(`the host answered something else: ${excerpt(line)}`);
    }
    const [, inode, changed, modified, mode, uid, gid, kind, path] = match as unknown as string[];
    return {
        path: path!,
        inode: inode!,
        modified: Number(modified),
        changed: Number(changed),
        mode: mode!,
        owner: `${uid!}:${gid!}`,
        kind: KINDS[kind!] ?? "other",
    };
}

function excerpt(output: string): string {
    const text = output.trim();
    return text === "" ? "(nothing)" : JSON.stringify(text.slice(0, 200));
}
