/** Where a line of a log is. */
export interface Place {
    /** The path as it was given or found, `<stdin>` for standard input; on a host, `<host>:<path>`. */
    readonly file: string;
    /** Counted from 1; in a pretty-printed document the line where the event ends. */
    readonly line: number;
}

/** A part of a log that no event could be read from. */
export interface Damage extends Place {
    /** What is wrong, such as `the line is cut`; begins with a small letter, ends without a full stop. */
    readonly reason: string;
}

/** `file:line`, as compilers and editors write it. */
export function formatPlace({ file, line }: Place): string {
    return `${file}:${line}`;
}
