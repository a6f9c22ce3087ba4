import type { Sandbox, SandboxNode } from "../../sandbox";
import { assess, type Assessment } from "../../host/assess";
import { resolveConnection, type ResolvedConnection } from "../../host/connection";
import { parseObservation } from "../../host/observation";
import { inspectScript, planTransaction } from "../../host/plan";
import { probeScript, rootShell } from "../../host/script";
import { exchange, type Exchange } from "../../host/ssh";
import { makeWish, type Wish } from "../../host/wish";
import type { Policy } from "../../policy/types";

/** The transaction without the engine: for failures that have to happen at one exact step. */
export interface Delivery {
    readonly connection: ResolvedConnection;
    readonly wish: Wish;
    readonly host: string;
}

export const OWNER = "organization/test/e2e/audit";

/** A policy that records everything, and differs by its level. */
export function everything(level: "Metadata" | "Request"): Policy {
    return { rules: [{ level }] };
}

export function delivery(sandbox: Sandbox, node: SandboxNode, policy: string | Policy, timeoutSeconds = 120): Delivery {
    return {
        host: node.name,
        connection: resolveConnection({
            host: node.address,
            user: node.users.admin,
            privateKey: sandbox.credentials.privateKey,
            hostKey: node.hostKey,
        }),
        wish: makeWish({ owner: OWNER, policy, rollout: { timeoutSeconds } }),
    };
}

/** What a preview would make of the host now. */
export async function assessHost({ connection, wish }: Delivery): Promise<Assessment> {
    const read = await exchange(connection, rootShell(connection.user), probeScript());
    return assess(parseObservation(read.stdout), wish);
}

/** The whole script of a transaction, planned on what the host has now. */
export async function planned(delivery: Delivery): Promise<string> {
    const { generation } = await assessHost(delivery);
    const { connection, wish, host } = delivery;
    const inspected = await exchange(connection, rootShell(connection.user), inspectScript(generation));
    return planTransaction(host, inspected.stdout, wish).script;
}

export function send(
    { connection }: Delivery,
    script: string,
    verb: "apply" | "remove" = "apply",
    timeoutSeconds = 400,
): Promise<Exchange> {
    return exchange(connection, rootShell(connection.user, verb), script, { timeoutSeconds });
}

/** Puts shell text before a step of the runner: the function of that name, as the transaction calls it. */
export function before(script: string, step: string, text: string): string {
    return altered(
        script,
        '        "$phase_function"\n',
        (line) => `[ "$phase_function" != ${step} ] || { ${text}; }\n${line}`,
    );
}

/** Puts shell text after a line of the runner. */
export function after(script: string, line: string, text: string): string {
    return altered(script, `${line}\n`, (found) => `${found}${text}\n`);
}

function altered(script: string, place: string, alter: (found: string) => string): string {
    const result = script.replace(place, alter);
    if (result === script) {
        throw new Error(`The script has no line ${JSON.stringify(place)} any more; adapt the test.`);
    }
    return result;
}
