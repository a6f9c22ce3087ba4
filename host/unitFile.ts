/** Unit files as systemd's own parser, config_parse, reads them. */

/** A file of a unit: the unit itself or one of its drop-ins. */
export interface UnitFile {
    readonly path: string;
    readonly text: string;
}

/** A physical line that a logical one was made from. */
export interface Piece {
    /** Its number in what {@link joinUnitFiles} gives, from 1. */
    readonly line: number;
    /** Where its text begins in the logical line. */
    readonly start: number;
}

/** One `Key=value`, over however many lines. */
export interface Assignment {
    readonly file: string;
    readonly section: string;
    readonly key: string;
    /** Without the white space around it. */
    readonly value: string;
    /** Where the value begins in the logical line. */
    readonly valueStart: number;
    /** The lines that it stands on, without comments in between. */
    readonly pieces: readonly Piece[];
}

/** All files of a unit in one text, as `systemctl cat` shows them. Its SHA-256 stands for all of them. */
export function joinUnitFiles(files: readonly UnitFile[]): string {
    return files.map(({ path, text }) => `# ${path}\n${text}\n`).join("");
}

/** The assignments of a unit's files, in the order in which systemd reads them. */
export function parseUnitFiles(files: readonly UnitFile[]): Assignment[] {
    const assignments: Assignment[] = [];
    let first = 1;
    for (const { path, text } of files) {
        // Behind the line with the path.
        assignments.push(...parseUnitFile(path, text, first + 1));
        first += text.split("\n").length + 1;
    }
    return assignments;
}

/**
 * A line that ends in a backslash goes on in the next one; the backslash is a blank then. Comments in between are skipped,
 * and so is what stands in no section.
 */
function parseUnitFile(path: string, text: string, first: number): Assignment[] {
    const assignments: Assignment[] = [];
    let section = "";
    let logical = "";
    let pieces: Piece[] = [];
    for (const [index, line] of text.split("\n").entries()) {
        const content = line.replace(/\r$/, "");
        if (/^[ \t\r\f\v]*[#;]/.test(content)) {
            continue;
        }
        pieces.push({ line: first + index, start: logical.length });
        logical += content;
        if (continues(content)) {
            logical = `${logical.slice(0, -1)} `;
            continue;
        }
        const header = /^\s*\[(.*)\]\s*$/.exec(logical);
        const assignment = /^\s*([^=\s[][^=]*?)\s*=\s*/.exec(logical);
        if (header !== null) {
            section = header[1]!;
        } else if (assignment !== null && section !== "") {
            const valueStart = assignment[0].length;
            const value = logical.slice(valueStart).trimEnd();
            assignments.push({ file: path, section, key: assignment[1]!, value, valueStart, pieces });
        }
        logical = "";
        pieces = [];
    }
    return assignments;
}

function continues(line: string): boolean {
    return /\\*$/.exec(line)![0].length % 2 === 1;
}

/** The values of a key that can be given several times: an empty one takes back those before it. */
export function valuesOf(assignments: readonly Assignment[], section: string, key: string): Assignment[] {
    const given = assignments.filter((assignment) => assignment.section === section && assignment.key === key);
    return given.slice(given.findLastIndex(({ value }) => value === "") + 1);
}
