/** Says things the way the official plugin's Go libraries do, because programs and tests read its errors. */

export { goQuote as quoted } from "../../policy/goText";

/** How a remote command ended. */
export interface RemoteExit {
    /** Absent when a signal ended it, or when the connection broke before it did. */
    readonly code?: number;
    /** Without the leading SIG. */
    readonly signal?: string;
    readonly reason?: string;
}

const SIGNAL_NUMBERS: Readonly<Record<string, number>> = {
    HUP: 1,
    INT: 2,
    QUIT: 3,
    ILL: 4,
    ABRT: 6,
    FPE: 8,
    KILL: 9,
    SEGV: 11,
    PIPE: 13,
    ALRM: 14,
    TERM: 15,
};

/** What is wrong with an end, or undefined for a good one. */
export function exitError(exit: RemoteExit): string | undefined {
    if (exit.code === 0 && exit.signal === undefined) {
        return undefined;
    }
    if (exit.code === undefined && exit.signal === undefined) {
        return "wait: remote command exited without exit status or exit signal";
    }
    const status = exit.code ?? 128 + (SIGNAL_NUMBERS[exit.signal ?? ""] ?? 0);
    const signal = exit.signal === undefined ? "" : ` from signal ${exit.signal}`;
    const reason = exit.reason === undefined || exit.reason === "" ? "" : `. Reason was: ${exit.reason}`;
    return `Process exited with status ${status}${signal}${reason}`;
}
