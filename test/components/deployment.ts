/** Pulumi programs run without an engine: what they register, say and fail with. */

import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import type { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import type { Observation } from "../../host/observation";
import type { HostReport } from "../../host/report";
import type { Verification } from "../../host/verification";
import { printed } from "../host/observedHost";

/** A resource as the engine would be asked for it. */
export interface Registration {
    readonly type: string;
    readonly name: string;
    /** Names, without types. */
    readonly parent: string;
    readonly dependsOn: readonly string[];
    readonly ignoreChanges: readonly string[];
    readonly additionalSecretOutputs: readonly string[];
    readonly retainOnDelete: boolean;
    /** What is secret is wrapped: `{ secret: … }`. */
    readonly inputs: Readonly<Record<string, unknown>>;
}

export interface Deployment<T> {
    /** In the order in which they were asked for. */
    readonly registrations: readonly Registration[];
    /** `warning: …` and `info: …`, with the name of the resource that they are about. */
    readonly said: readonly string[];
    /** What the program made; undefined where it failed. */
    readonly value: T | undefined;
    /** What the program, or whatever it left to be computed, failed with: each once. */
    readonly errors: readonly unknown[];
}

export interface DeploymentOptions {
    readonly preview?: boolean;
    /** What `-inspect` commands find. */
    readonly host: Observation;
}

/** Runs a program to the end of all that it started. */
export async function deploy<T>(
    program: () => pulumi.Output<T>,
    { preview = false, host }: DeploymentOptions,
): Promise<Deployment<T>> {
    const registrations: Registration[] = [];
    await pulumi.runtime.setMocks(mocks(host), "project", "stack", preview, "organization");
    record(pulumi.runtime.getMonitor() as unknown as MockMonitor, registrations);
    const said: string[] = [];
    const errors = new Set<unknown>();
    const restore = [listen(said), catchRejections(errors)];
    let value: T | undefined;
    try {
        value = await valueOf(program());
    } catch (error) {
        errors.add(error);
    }
    // Whatever the program does not wait for.
    await pulumi.runtime.disconnect();
    await new Promise((resolve) => setImmediate(resolve));
    restore.forEach((undo) => {
        undo();
    });
    if (errors.size > 0) {
        // What a failed program waits for will never be; the runtime would complain of it when the tests end.
        await pulumi.runtime.setMocks(mocks(host));
    }
    return { registrations, said, value, errors: [...errors] };
}

/** The report that every `-apply` command gives. */
export function reportOf(host: string): HostReport {
    return {
        host,
        changed: [],
        restarted: false,
        oldProcess: "1 2",
        newProcess: "1 2",
        proof: "event",
        seconds: { lock: 0.01 },
        warnings: [],
    };
}

/** What every check of an `AuditCheck` sees. */
export function verificationOf(host: string): Verification {
    return {
        host,
        request: "/version",
        client: "kubectl",
        server: "https://10.0.0.11:6443",
        level: "Metadata",
        seconds: 0.25,
    };
}

function mocks(host: Observation): pulumi.runtime.Mocks {
    return {
        call: () => ({}),
        newResource: ({ name, inputs }) => ({
            id: `${name}-id`,
            state: { ...(inputs as object), ...commandOutput(name, inputs as CommandInputs, host) },
        }),
    };
}

/** Mocks are not told of dependencies and options: those are in what they are made from. */
function record(monitor: MockMonitor, registrations: Registration[]): void {
    const register = monitor.registerResource.bind(monitor);
    monitor.registerResource = (request: RegisterResourceRequest, callback) => {
        registrations.push({
            type: request.getType(),
            name: request.getName(),
            parent: nameOf(request.getParent()),
            dependsOn: request.getDependenciesList().map(nameOf),
            ignoreChanges: request.getIgnorechangesList(),
            additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
            retainOnDelete: request.getRetainondelete() ?? false,
            inputs: unwrap(request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>,
        });
        return register(request, callback);
    };
}

interface CommandInputs {
    readonly stdin?: string;
}

function commandOutput(name: string, { stdin }: CommandInputs, host: Observation): object {
    if (name.endsWith("-inspect")) {
        const generation = /^echo "(generation \w+)"/.exec(stdin ?? "")?.[1] ?? "";
        return { stdout: `${generation}\n${printed(host)}` };
    }
    if (name.endsWith("-kubeadm-config")) {
        return { stdout: '{ "changed": true, "warnings": [] }\n' };
    }
    // One that is a secret comes wrapped.
    if (JSON.stringify(stdin ?? "").includes("main verify complete")) {
        return {
            stdout: Object.entries(verificationOf(name))
                .map((field) => `${field.join(" ")}\n`)
                .join(""),
        };
    }
    return name.endsWith("-apply") ? { stdout: JSON.stringify(reportOf(name)) } : {};
}

function nameOf(urn: string): string {
    return urn.split("::").at(-1)!;
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

function unwrap(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(unwrap);
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    const fields = value as Record<string, unknown>;
    return fields[SIGNATURE] === SECRET
        ? { secret: unwrap(fields.value) }
        : Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, unwrap(field)]));
}

function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
    return new Promise((resolve, reject) => {
        output.apply(resolve);
        (output as unknown as { promise(): Promise<T> }).promise().catch(reject);
    });
}

function listen(said: string[]): () => void {
    const { info, warn } = pulumi.log;
    const record = (severity: string) => (message: string, resource?: pulumi.Resource) => {
        said.push(`${severity}: ${message}`);
        return resource;
    };
    Reflect.set(pulumi.log, "info", record("info"));
    Reflect.set(pulumi.log, "warn", record("warning"));
    return () => {
        Reflect.set(pulumi.log, "info", info);
        Reflect.set(pulumi.log, "warn", warn);
    };
}

function catchRejections(errors: Set<unknown>): () => void {
    const listeners = process.listeners("unhandledRejection");
    const collect = (error: unknown) => errors.add(error);
    process.removeAllListeners("unhandledRejection").on("unhandledRejection", collect);
    return () => {
        process.removeListener("unhandledRejection", collect);
        listeners.forEach((listener) => process.on("unhandledRejection", listener));
    };
}
