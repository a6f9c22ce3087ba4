import { isMap, isSecret, reveal, secret, type Value, type ValueMap } from "./values";

/** How to reach a host, defaults filled in. */
export interface Endpoint {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password?: string;
    readonly privateKey?: string;
    readonly privateKeyPassword?: string;
    readonly agentSocketPath?: string;
    readonly dialErrorLimit: number;
    readonly perDialTimeout: number;
    readonly hostKey?: string;
}

export interface Connection extends Endpoint {
    readonly proxy?: Endpoint;
}

/** A Command's inputs, and in its state also what the last run wrote. */
export interface CommandProperties {
    readonly create?: string;
    readonly update?: string;
    readonly delete?: string;
    readonly stdin?: string;
    readonly logging?: "stdout" | "stderr" | "stdoutAndStderr" | "none";
    readonly environment?: Readonly<Record<string, string>>;
    readonly addPreviousOutputInEnv?: boolean;
    readonly connection: Connection;
    readonly stdout?: string;
    readonly stderr?: string;
}

const DEFAULTS: ValueMap = { user: "root", port: 22, dialErrorLimit: 10, perDialTimeout: 15 };
const SECRET_FIELDS = ["password", "privateKey", "privateKeyPassword"];

/** Fills in the defaults of the connection and makes it a secret. */
export function checked(inputs: ValueMap): ValueMap {
    const { connection } = inputs;
    return connection === undefined ? inputs : { ...inputs, connection: secret(checkedConnection(connection)) };
}

/** What a set of inputs lacks, by property. */
export function missing(inputs: ValueMap): { property: string; reason: string }[] {
    const connection = reveal(inputs.connection ?? null);
    if (connection === null) {
        return [{ property: "connection", reason: "missing required property 'connection'" }];
    }
    if (isMap(connection) && connection.host === undefined) {
        return [{ property: "connection.host", reason: "missing required property 'connection.host'" }];
    }
    return [];
}

/** A Command's properties as a run needs them. */
export function properties(values: ValueMap): CommandProperties {
    return reveal(values) as unknown as CommandProperties;
}

function checkedConnection(value: Value): Value {
    const plain = isSecret(value) ? value.value : value;
    if (!isMap(plain)) {
        return plain; // not known yet
    }
    const full = endpoint(plain);
    return full.proxy === undefined ? full : { ...full, proxy: checkedProxy(full.proxy) };
}

function checkedProxy(value: Value): Value {
    const plain = isSecret(value) ? value.value : value;
    if (!isMap(plain)) {
        return value;
    }
    return isSecret(value) ? secret(endpoint(plain)) : endpoint(plain);
}

function endpoint(values: ValueMap): ValueMap {
    const full: ValueMap = { ...DEFAULTS, ...withoutNulls(values) };
    for (const field of SECRET_FIELDS) {
        if (full[field] !== undefined) {
            full[field] = secret(full[field]);
        }
    }
    return full;
}

function withoutNulls(values: ValueMap): ValueMap {
    return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}
