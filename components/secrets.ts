import * as pulumi from "@pulumi/pulumi";
import type { ConnectionArgs, HostArgs, LoginArgs } from "./args";

const CREDENTIALS = ["password", "privateKey", "privateKeyPassword"] as const;

/** The arguments as the engine may see them: every credential a secret, wherever it is. */
export function withSecretCredentials(args: { hosts: HostArgs[]; connection?: ConnectionArgs }): pulumi.Inputs {
    return {
        ...args,
        hosts: args.hosts.map(secretConnection),
        ...(args.connection && { connection: secretConnection(args.connection) }),
    };
}

function secretConnection<T extends ConnectionArgs>(connection: T): T {
    const { proxy } = connection;
    return {
        ...secretLogin(connection),
        ...(proxy !== undefined && { proxy: pulumi.output(proxy).apply(secretLogin) }),
    };
}

function secretLogin<T extends LoginArgs>(login: T): T {
    const secrets = CREDENTIALS.filter((field) => login[field] !== undefined).map((field) => [
        field,
        pulumi.secret(login[field]),
    ]);
    return { ...login, ...(Object.fromEntries(secrets) as Partial<T>) };
}
