import { appendFileSync } from "node:fs";
import { dial } from "./dial";
import { type Variable } from "./environment";
import { type CommandProperties } from "./inputs";
import { runCommand, type Output } from "./session";

export type Verb = "create" | "update" | "delete";

/** Where a run's messages go. */
export interface RunLog {
    /** Shown while it lasts. */
    status(message: string): void;
    warning(message: string): void;
    error(message: string): void;
}

/** What the last run wrote, to be handed to this one. */
export type Previous = Partial<Output>;

const STDOUT_VARIABLE = "PULUMI_COMMAND_STDOUT";
const STDERR_VARIABLE = "PULUMI_COMMAND_STDERR";

/** Runs a Command's create, update or delete on its host. */
export async function runOnHost(
    verb: Verb,
    command: string,
    settings: CommandProperties,
    previous: Previous,
    log: RunLog,
): Promise<Output> {
    record(verb, command, settings.connection.host);
    const client = await dial(settings.connection, (message) => {
        log.status(message);
    });
    const status = (line: string) => {
        log.status(line);
    };
    const { logging = "stdoutAndStderr" } = settings;
    const output = await runCommand(client, command, {
        stdin: settings.stdin ?? "",
        variables: [...given(settings, log), ...handedOn(settings, previous, log)],
        ...(logging === "stdout" || logging === "stdoutAndStderr" ? { onStdoutLine: status } : {}),
        ...(logging === "stderr" || logging === "stdoutAndStderr" ? { onStderrLine: status } : {}),
    });
    return { stdout: withoutFinalNewline(output.stdout), stderr: withoutFinalNewline(output.stderr) };
}

function given(settings: CommandProperties, log: RunLog): Variable[] {
    return Object.entries(settings.environment ?? {}).map(([name, value]) => ({
        name,
        value,
        refused: () => {
            log.error(refusal(name));
            throw new Error(`could not set environment variable "${name}": ssh: setenv failed`);
        },
    }));
}

function handedOn(settings: CommandProperties, previous: Previous, log: RunLog): Variable[] {
    if (settings.addPreviousOutputInEnv === false) {
        return [];
    }
    const values = { [STDOUT_VARIABLE]: previous.stdout ?? "", [STDERR_VARIABLE]: previous.stderr ?? "" };
    return Object.entries(values)
        .filter(([, value]) => value !== "")
        .map(([name, value]) => ({
            name,
            value,
            refused: () => {
                log.warning(refusal(name));
            },
        }));
}

function refusal(name: string): string {
    return (
        `The SSH server does not accept the environment variable '${name}': its AcceptEnv has to name it. ` +
        "Or set it in the command itself: VAR=value command."
    );
}

function withoutFinalNewline(text: string): string {
    return text.endsWith("\n") ? text.slice(0, -1) : text;
}

/** For tests: one line for each command that is on its way to a host. */
function record(verb: Verb, command: string, host: string): void {
    const file = process.env.KUBE_APISERVER_AUDIT_COMMAND_LOG;
    if (file !== undefined && file !== "") {
        appendFileSync(file, `${JSON.stringify({ time: new Date().toISOString(), host, verb, command })}\n`);
    }
}
