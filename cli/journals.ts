import type { AlertSource } from "../events/readAlerts";
import { falcoJournalScript, lastLine, rootShell } from "../host/script";
import { exchange } from "../host/ssh";
import type { LogHost } from "./hostsFile";
import { CommandError } from "./io";

/**
 * What Falco has written into the hosts' journals.
 *
 * @param since - milliseconds since 1970; default: all of it
 * @throws CommandError where a host cannot be reached, or its journal cannot be read
 */
export function readJournals(hosts: readonly LogHost[], since?: number): Promise<AlertSource[]> {
    return Promise.all(hosts.map((host) => readJournal(host, since)));
}

async function readJournal({ name, connection }: LogHost, since?: number): Promise<AlertSource> {
    const { code, stdout, stderr } = await exchange(connection, rootShell(connection.user), falcoJournalScript(since), {
        timeoutSeconds: 0,
    }).catch((error: unknown) => {
        throw new CommandError(`${name}: ${(error as Error).message}`);
    });
    // Without any line of Falco journalctl ends with 1, and says nothing.
    if (code !== 0 && stderr.trim() !== "") {
        const said = lastLine(stderr);
        throw new CommandError(
            `${name}: the journal cannot be read: ${said}. Has it journalctl, and may ${connection.user} run sudo -n sh?`,
        );
    }
    return { name: `${name}:journal`, lines: stdout.split("\n") };
}
