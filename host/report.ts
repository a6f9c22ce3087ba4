/** What a transaction did on a host. */
export interface HostReport {
    readonly host: string;
    /** The files that were written, moved or given another mode. */
    readonly changed: readonly string[];
    /** Whether the API server was restarted. */
    readonly restarted: boolean;
    /** `pid start`, the start in hundredths of a second since the host's boot; empty where none ran. */
    readonly oldProcess: string;
    readonly newProcess: string;
    /** `event`: an audit event of a request made for the proof arrived; `readyz`: the API server says it is ready. */
    readonly proof: "event" | "readyz" | "";
    /** By phase; `renameToReady` from the manifest's replacement to the new process's first `/readyz`. */
    readonly seconds: Readonly<Record<string, number>>;
    readonly warnings: readonly string[];
}

/**
 * Reads the transaction's standard output.
 *
 * @throws Error where it is no report
 */
export function parseReport(output: string): HostReport {
    try {
        return JSON.parse(output.slice(output.indexOf("{"))) as HostReport;
    } catch {
        throw new Error("The host's report is not the JSON document that the transaction prints.");
    }
}
