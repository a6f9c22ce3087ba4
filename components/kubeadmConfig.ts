import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { remoteCommandConnection, type ResolvedConnection } from "../host/connection";
import { kubeadmConfigScript, parseKubeadmConfigReport } from "../host/kubeadmConfig";
import { rootShell } from "../host/script";
import type { Wish } from "../host/wish";
import type { HostAudit } from "./hostAudit";

/** What goes into kubeadm's configuration, and through which host. */
export interface KubeadmConfigArgs {
    /** A host of the cluster that kubeadm has set up. */
    connection: pulumi.Input<ResolvedConnection>;
    wish: pulumi.Input<Wish>;
    /** All hosts: kubeadm is told of what was proven on them, and what was repaired on one is told to it again. */
    after: readonly HostAudit[];
}

/** Has kubeadm write the audit settings into every manifest that it makes from now on, until this resource is removed. */
export function persistInKubeadmConfig(
    name: string,
    { connection, wish, after }: KubeadmConfigArgs,
    opts: pulumi.CustomResourceOptions & { parent: pulumi.Resource },
): void {
    const resolved = pulumi.output(connection);
    const shell = (verb: string) => pulumi.unsecret(resolved.apply(({ user }) => rootShell(user, verb)));
    // Of a plan that is a secret only a hash gets into the script.
    const plans = pulumi.unsecret(pulumi.all(after.map(({ planned }) => planned)));
    const command = new remote.Command(
        name,
        {
            connection: resolved.apply(remoteCommandConnection),
            logging: remote.Logging.None,
            addPreviousOutputInEnv: false,
            create: shell("apply"),
            delete: shell("remove"),
            stdin: pulumi.all([wish, plans]).apply(([{ settings }, plans]) => kubeadmConfigScript(settings, plans)),
        },
        { ...opts, dependsOn: after.map(({ applied }) => applied) },
    );
    pulumi.all([command.stdout, plans]).apply(async ([stdout]) => {
        for (const warning of parseKubeadmConfigReport(stdout).warnings) {
            await pulumi.log.warn(warning, opts.parent);
        }
    });
}
