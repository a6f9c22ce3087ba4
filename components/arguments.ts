/** What every component makes of the arguments that they have in common. */

import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { connectionWarnings, resolveConnection, type ResolvedConnection } from "../host/connection";
import { makeWish, type Wish } from "../host/wish";
import type { ApiServerAuditArgs, AuditedHostsArgs, HostArgs } from "./args";

/** What is wrong with the arguments' shape. */
export function complain(args: AuditedHostsArgs): string | undefined {
    if (args.hosts.length === 0) {
        return "hosts is empty; name at least one control-plane host.";
    }
    const names = args.hosts.map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) {
        return `hosts has two entries with the name ${twice}; every host needs its own.`;
    }
    const odd = names.find((name) => !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name));
    if (odd !== undefined) {
        return `hosts has the name ${JSON.stringify(odd)}; use letters, digits, dots, dashes and underscores.`;
    }
    if ((args.policy === undefined) === (args.policyFile === undefined)) {
        return "give either policy or policyFile.";
    }
    return undefined;
}

/** Checks what is wanted before any connection is made. */
export function wanted(
    component: pulumi.ComponentResource,
    name: string,
    args: Omit<ApiServerAuditArgs, "hosts" | "connection">,
): pulumi.Output<Wish> {
    const owner = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack(), name].join("/");
    const { policyFile, log, adopt, readerGroup, rollout, purgeLogsOnDelete, kubernetesVersion } = args;
    const { flavour, unit } = args;
    const policy = policyFile === undefined ? args.policy! : readPolicy(component, policyFile);
    return pulumi
        .output({ policy, log, adopt, readerGroup, rollout, purgeLogsOnDelete, kubernetesVersion })
        .apply((plain) =>
            orThrow(component, () => makeWish({ ...plain, flavour, unit, owner, policyName: policyFile })),
        );
}

function readPolicy(component: pulumi.ComponentResource, path: string): string {
    try {
        return readFileSync(path, "utf8");
    } catch (error) {
        throw new pulumi.ResourceError(`policyFile cannot be read: ${(error as Error).message}`, component, true);
    }
}

/** How a host is reached, with its credentials, and so a secret. */
export function connect(
    component: pulumi.ComponentResource,
    host: HostArgs,
    index: number,
    args: AuditedHostsArgs,
): pulumi.Output<ResolvedConnection> {
    const context = {
        where: `hosts[${index}] ${host.name}`,
        ...(process.env.SSH_AUTH_SOCK && { sshAuthSock: process.env.SSH_AUTH_SOCK }),
    };
    return pulumi.secret({ own: host, common: args.connection ?? {} }).apply(async ({ own, common }) => {
        const connection = orThrow(component, () => resolveConnection(own, common, context));
        for (const warning of connectionWarnings(connection, context.where)) {
            await pulumi.log.warn(warning, component);
        }
        return connection;
    });
}

/** Lets what goes wrong be told as something that is the arguments' fault. */
export function orThrow<T>(component: pulumi.ComponentResource, make: () => T): T {
    try {
        return make();
    } catch (error) {
        throw refusal(component, error);
    }
}

/** An error with something to say to the user, without a stack. */
export function refusal(
    component: pulumi.ComponentResource,
    error: unknown,
    prefix = "",
    advice = "",
): pulumi.ResourceError {
    const message = error instanceof Error ? error.message : String(error);
    const separator = message.includes("\n") ? "\n" : /[.?!]$/.test(message + advice) ? " " : ". ";
    return new pulumi.ResourceError(`${prefix}${message}${advice}${separator}Nothing was changed.`, component, true);
}
