import { BlockList, isIP } from "node:net";
import type { AuditEvent } from "../event";
import type { Depth } from "../scanner";
import { microseconds } from "../time";

/** Something of an event that can be asked for by its name. */
export interface Field {
    /** What has to be read for it. */
    readonly depth: Depth;
    /** Empty where the event has none. Numbers are HTTP statuses and milliseconds. */
    readonly read: (event: AuditEvent) => readonly string[] | string | number | undefined;
    /**
     * What stands before the value in a line of the API server's own form, so that lines without it can be passed over.
     * Default: the value cannot be searched for.
     */
    readonly before?: string;
}

/** Every field by its name: as an option `--api-group`, in expressions `apiGroup`. */
export const FIELDS = {
    auditID: { depth: "texts", read: (event) => event.auditID, before: '"auditID":"' },
    name: { depth: "texts", read: (event) => event.objectRef?.name, before: '"name":"' },
    user: { depth: "texts", read: (event) => event.user.username, before: '"username":"' },
    serviceAccount: { depth: "texts", read: serviceAccount, before: '"username":"system:serviceaccount:' },
    status: { depth: "texts", read: (event) => event.responseStatus?.code, before: '"code":' },
    as: {
        depth: "head",
        read: (event) => event.impersonatedUser?.username,
        before: '"impersonatedUser":{"username":"',
    },
    group: { depth: "head", read: (event) => event.user.groups, before: '"' },
    sourceIP: { depth: "head", read: (event) => event.sourceIPs, before: '"' },
    decision: {
        depth: "head",
        read: (event) => event.annotations?.["authorization.k8s.io/decision"],
        before: '"authorization.k8s.io/decision":"',
    },
    reason: { depth: "head", read: (event) => event.annotations?.["authorization.k8s.io/reason"] },
    userAgent: { depth: "texts", read: (event) => event.userAgent, before: '"userAgent":"' },
    subresource: { depth: "texts", read: (event) => event.objectRef?.subresource, before: '"subresource":"' },
    namespace: { depth: "texts", read: (event) => event.objectRef?.namespace, before: '"namespace":"' },
    resource: { depth: "texts", read: (event) => event.objectRef?.resource, before: '"resource":"' },
    verb: { depth: "texts", read: (event) => event.verb, before: '"verb":"' },
    apiGroup: { depth: "texts", read: (event) => event.objectRef?.apiGroup, before: '"apiGroup":"' },
    apiVersion: { depth: "texts", read: (event) => event.objectRef?.apiVersion },
    stage: { depth: "texts", read: (event) => event.stage, before: '"stage":"' },
    level: { depth: "texts", read: (event) => event.level, before: '"level":"' },
    uri: { depth: "texts", read: (event) => event.requestURI, before: '"requestURI":"' },
    message: { depth: "head", read: (event) => event.responseStatus?.message },
    latency: { depth: "texts", read: latency },
    time: { depth: "texts", read: (event) => event.stageTimestamp },
} as const satisfies Readonly<Record<string, Field>>;

/** The name of one of {@link FIELDS}. */
export type FieldName = keyof typeof FIELDS;

/** Whether a text is the name of a field. */
export function isFieldName(name: string): name is FieldName {
    return Object.hasOwn(FIELDS, name);
}

/** The values of a field, none for one that the event has not. */
export function valuesOf(event: AuditEvent, name: FieldName): readonly (string | number)[] {
    const value = FIELDS[name].read(event);
    return value === undefined ? [] : typeof value === "object" ? value : [value];
}

/** Milliseconds from the request to the stage. */
export function latency(event: AuditEvent): number {
    return (microseconds(event.stageTimestamp) - microseconds(event.requestReceivedTimestamp)) / 1000;
}

/** `namespace:name` of a service account's user. */
function serviceAccount(event: AuditEvent): string | undefined {
    return /^system:serviceaccount:([^:]+:[^:]+)$/.exec(event.user.username ?? "")?.[1];
}

/** Whether addresses are in a network such as `10.0.0.0/8`; undefined where the text is no network. */
export function inNetwork(cidr: string): ((address: string) => boolean) | undefined {
    const [, network = "", bits = ""] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(cidr) ?? [];
    const family = isIP(network);
    if (family === 0 || Number(bits) > (family === 4 ? 32 : 128)) {
        return undefined;
    }
    const list = new BlockList();
    list.addSubnet(network, Number(bits), family === 4 ? "ipv4" : "ipv6");
    return (address) => {
        const kind = isIP(address);
        return kind !== 0 && list.check(address, kind === 4 ? "ipv4" : "ipv6");
    };
}
