import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { ApiServerSource } from "../host/apiServerSource";
import { remoteCommandConnection, type ResolvedConnection } from "../host/connection";
import { inspectScript, planTransaction } from "../host/plan";
import { parseReport, type HostReport } from "../host/report";
import { rootShell } from "../host/script";
import type { Wish } from "../host/wish";
import { HostError } from "../host/assess";
import { retention } from "./retention";

/** What one host is given. */
export interface HostAuditArgs {
    /** The host's name, for messages. */
    host: string;
    connection: pulumi.Input<ResolvedConnection>;
    wish: pulumi.Input<Wish>;
    /** Stays the same as long as the host need not be read again. */
    generation: pulumi.Input<string>;
    /** Where its API server is looked for. */
    source: pulumi.Input<ApiServerSource>;
    /** Whether it may be a host that has not joined the cluster yet. */
    preJoin: boolean;
    /** Keep the token of the first reading, whatever {@link generation} says. */
    readOnce: boolean;
    /** The host that is changed before this one. Default: none. */
    after?: HostAudit | undefined;
}

/** Audit logging on one control-plane host. */
export class HostAudit extends pulumi.ComponentResource {
    /** What the last transaction did. */
    public readonly report: pulumi.Output<HostReport>;
    /** The transaction, for what has to come after it. */
    public readonly applied: remote.Command;
    /** The transaction's script; it fails where the host cannot be given what is asked for. */
    public readonly planned: pulumi.Output<string>;

    constructor(name: string, args: HostAuditArgs, opts?: pulumi.ComponentResourceOptions) {
        super("kube-apiserver-audit:index:HostAudit", name, {}, opts);
        const connection = pulumi.output(args.connection).apply(remoteCommandConnection);
        const shell = (...words: string[]) =>
            pulumi.unsecret(pulumi.output(args.connection).apply(({ user }) => rootShell(user, ...words)));
        const common = { connection, logging: remote.Logging.None, addPreviousOutputInEnv: false };
        // The policy, of which it comes, may be a secret; what is read on the host is none.
        const stdin = pulumi
            .all([args.generation, pulumi.unsecret(pulumi.output(args.source))])
            .apply(([generation, source]) => inspectScript(generation, source));
        const inspect = new remote.Command(
            `${name}-inspect`,
            { ...common, create: shell(), stdin },
            // A manifest can hold secrets: kubeadm copies the proxy variables, with their passwords, into it.
            {
                parent: this,
                ...retention(opts),
                additionalSecretOutputs: ["stdout"],
                ...(args.readOnce && { ignoreChanges: ["stdin"] }),
            },
        );
        // A command that is given a failed input never gets outputs, so what waits for them has to fail by itself.
        this.planned = pulumi
            .all([pulumi.unsecret(inspect.stdout), args.wish, args.generation])
            .apply(([inspected, wish]) => plan(this, args, inspected, wish));
        this.applied = new remote.Command(
            `${name}-apply`,
            {
                ...common,
                create: shell("apply"),
                delete: shell("remove"),
                // Shown in previews, unless the policy itself is a secret or the plan repeats something of the manifest.
                stdin: this.planned,
            },
            { parent: this, ...retention(opts), ...(args.after && { dependsOn: args.after.applied }) },
        );
        this.report = pulumi.all([this.applied.stdout, this.planned]).apply(([stdout]) => parseReport(stdout));
        this.registerOutputs({ report: this.report });
    }
}

function plan(
    component: HostAudit,
    { host, preJoin }: HostAuditArgs,
    inspected: string,
    wish: Wish,
): pulumi.Output<string> {
    try {
        const { script, showable } = planTransaction(host, inspected, wish, preJoin);
        return showable ? pulumi.output(script) : pulumi.secret(script);
    } catch (error) {
        throw error instanceof HostError
            ? new pulumi.ResourceError(`${host}: ${error.message} Nothing was changed.`, component, true)
            : error;
    }
}
