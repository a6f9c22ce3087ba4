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

/** One host at one moment. */
export interface Observation {
    readonly machineId: string;
    /** By path. */
    readonly files: ReadonlyMap<string, ObservedFile>;
    readonly processes: readonly ObservedProcess[];
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
    let boot = 0;
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
            return { machineId, files, processes };
        } else if (word === "machine") {
            machineId = rest[0] ?? "";
        } else if (word === "file") {
            const file = parseFile(line);
            const content = text();
            files.set(file.path, content === undefined ? file : { ...file, text: content.toString("utf8") });
        } else if (word === "clock") {
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
