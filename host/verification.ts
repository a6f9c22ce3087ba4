import { checkPolicy } from "../policy/check";
import type { ResolvedConnection } from "./connection";
import { HARMLESS_PATHS, loggedRequests, type LoggedRequest } from "./loggedRequests";
import { lastLine, rootShell, verificationScript } from "./script";
import { exchange, type Exchange } from "./ssh";
import { certificateUser } from "./unitServer";
import { sha256 } from "./wish";

/** What was seen of one request to one API server. */
export interface Verification {
    readonly host: string;
    /** The path of the GET. */
    readonly request: string;
    /** Who made it: `kubectl` with kubeadm's admin.conf, or curl with the API server's own client certificate or with none. */
    readonly client: string;
    /** The API server's own address, `https://10.0.0.11:6443`. */
    readonly server: string;
    /** The event's, which is what the policy says. */
    readonly level: string;
    /** From the request to its event's arrival in the log. */
    readonly seconds: number;
}

/** An API server whose log was not seen to work: what was found, and what to do. */
export class VerificationError extends Error {}

/** What is to be seen on a host. */
export interface VerificationTarget {
    /** For messages; empty for none. */
    readonly host: string;
    /** The log's path on the host. */
    readonly logPath: string;
    /** Of the policy that the API server has to have been started with. */
    readonly policySha256: string;
    readonly requests: readonly LoggedRequest[];
    /** For the event to arrive. */
    readonly timeoutSeconds: number;
}

/** The standard input that makes the request and waits for its event. */
export function verifyScript(target: VerificationTarget): string {
    return verificationScript("verify", [
        ["host", target.host],
        ["log", target.logPath],
        ["policy-sha256", target.policySha256],
        ["timeout-seconds", target.timeoutSeconds],
        ...target.requests.map(({ client, levels, path }): [string, string] => [
            "request",
            `${client} ${levels.join(",")} ${path}`,
        ]),
    ]);
}

/**
 * Reads what {@link verifyScript}'s script printed.
 *
 * @throws Error where it is something else
 */
export function parseVerification(host: string, output: string): Verification {
    const field = (name: string) => {
        const value = new RegExp(`^${name} (.+)$`, "m").exec(output)?.[1];
        if (value === undefined) {
            throw new Error(
                `${host}: what the verification printed has no ${name}. Does the login shell print something?`,
            );
        }
        return value;
    };
    return {
        host,
        request: field("request"),
        client: field("client"),
        server: field("server"),
        level: field("level"),
        seconds: Number(field("seconds")),
    };
}

/** How a host's API server is verified. */
export interface VerificationOptions {
    /** For the event to arrive. */
    readonly timeoutSeconds: number;
    /** The path of the GET to make. Default: the first harmless one that the policy logs. */
    readonly path?: string | undefined;
}

/**
 * Makes one request of a host's API server, and finds its event in the host's log with the level that the policy says
 * which it was started with.
 *
 * @throws VerificationError where that is not so
 * @throws ConnectionError where the host cannot be reached
 */
export async function verify(
    { name, connection, logPath }: { name: string; connection: ResolvedConnection; logPath: string },
    { timeoutSeconds, path }: VerificationOptions,
): Promise<Verification> {
    const look = verificationScript("look", [["log", logPath]]);
    const seen = succeeded(connection, await exchange(connection, rootShell(connection.user), look));
    const policyText = block(seen, "policy") ?? "";
    const requests = requestsOf(seen, policyText, path);
    const target = { host: "", logPath, policySha256: sha256(policyText), requests, timeoutSeconds };
    const said = await exchange(connection, rootShell(connection.user), verifyScript(target), {
        timeoutSeconds: timeoutSeconds + 60,
    });
    return parseVerification(name, succeeded(connection, said));
}

function requestsOf(seen: string, policyText: string, path: string | undefined): LoggedRequest[] {
    const file = /^policy-file (.*)$/m.exec(seen)?.[1] ?? "";
    const { policy, findings } = checkPolicy(policyText, { mode: "faithful" });
    if (policy === undefined) {
        const [first] = findings.filter(({ severity }) => severity === "error");
        throw new VerificationError(
            `${file}, which the API server was started with, is no policy: ${first?.message ?? "it is empty"}. ` +
                "Its next start will fail: put the right one back.",
        );
    }
    const certificate = block(seen, "certificate");
    const requests = loggedRequests(policy, certificateUser(certificate), path);
    if (requests.length === 0) {
        throw new VerificationError(whyDropped(`The policy (${file})`, path));
    }
    return requests;
}

/** Says that a policy drops what was to be asked, and what to do. */
export function whyDropped(policy: string, path: string | undefined): string {
    return path === undefined
        ? `${policy} drops every harmless request: GET ${HARMLESS_PATHS}. Name a GET request that it logs, ` +
              "or add a rule that logs one of these."
        : `${policy} drops GET ${path}. Name a GET request that it logs.`;
}

function succeeded({ user }: ResolvedConnection, { code, signal, stdout, stderr }: Exchange): string {
    if (code === 0) {
        return stdout;
    }
    const said = lastLine(stderr);
    throw new VerificationError(
        code === 1 && /[.)]$/.test(said)
            ? said
            : `sh ended with ${code === null ? `signal ${signal ?? "?"}` : `status ${code}`}: ${said}. May ${user} run sudo -n sh?`,
    );
}

/** A text that the script printed in base64. */
function block(output: string, name: string): string | undefined {
    const base64 = new RegExp(`^${name}\\n([A-Za-z0-9+/=\\n]*?)^end$`, "m").exec(output)?.[1];
    return base64 === undefined ? undefined : Buffer.from(base64, "base64").toString("utf8");
}
