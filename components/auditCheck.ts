import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { remoteCommandConnection, type ResolvedConnection } from "../host/connection";
import { loggedRequests } from "../host/loggedRequests";
import { rootShell } from "../host/script";
import { parseVerification, verifyScript, whyDropped, type Verification } from "../host/verification";
import { sha256, type Wish } from "../host/wish";
import type { AuditCheckArgs, HostArgs } from "./args";
import { complain, connect, refusal, wanted } from "./arguments";
import { withSecretCredentials } from "./secrets";

/**
 * Shows, during an update, that the audit log of every host works: one harmless request is made on each through its API
 * server's own address, and its event has to arrive in that host's log with the level that the policy says. An update fails
 * where it does not, with the host's name and the reason.
 *
 * It is made when it is new, and again when the policy, the settings, the hosts or its triggers change; in between, previews
 * are clean. Give it `dependsOn: audit`, so that it comes after the changes of the hosts. It changes nothing on them, and removing it
 * does nothing. A host with `preJoin` is left out.
 */
export class AuditCheck extends pulumi.ComponentResource {
    /** What was seen when the check was made last, in the order of the hosts. */
    public readonly reports: pulumi.Output<Verification[]>;

    /**
     * @throws pulumi.ResourceError where the arguments cannot be right for any host
     */
    constructor(name: string, args: AuditCheckArgs, opts?: pulumi.ComponentResourceOptions) {
        super("kube-apiserver-audit:index:AuditCheck", name, withSecretCredentials(args), opts);
        const complaint = complain(args) ?? complainOfTimeout(args);
        if (complaint !== undefined) {
            throw new pulumi.ResourceError(complaint, this, true);
        }
        const wish = wanted(this, name, args);
        const scripts = planScripts(this, wish, args);
        const checks = args.hosts.flatMap((host, index) =>
            host.preJoin === true
                ? []
                : [check(this, `${name}-${host.name}`, host, connect(this, host, index, args), scripts)],
        );
        this.reports = pulumi.all(checks);
        this.registerOutputs({ reports: this.reports });
    }
}

function complainOfTimeout({ timeoutSeconds = 30 }: AuditCheckArgs): string | undefined {
    return Number.isInteger(timeoutSeconds) && timeoutSeconds >= 1 && timeoutSeconds <= 3600
        ? undefined
        : `timeoutSeconds is ${timeoutSeconds}; give whole seconds, from 1 to 3600.`;
}

/** The standard input for each host, by its name. */
function planScripts(
    component: AuditCheck,
    wish: pulumi.Output<Wish>,
    { hosts, flavour, request, timeoutSeconds = 30, triggers = [] }: AuditCheckArgs,
): pulumi.Output<ReadonlyMap<string, string>> {
    const names = hosts.map(({ name }) => name);
    return pulumi.all([wish, pulumi.output(triggers)]).apply(([{ policy, policyText, settings }, triggers]) => {
        try {
            const logPath = settings.log.path!;
            if (logPath === "-") {
                throw new Error(
                    "log.path is -, the API server's standard output, which is not looked at. Give a file.",
                );
            }
            const requests = loggedRequests(policy, flavour === "kubeadm" ? "kubeadm" : "unknown", request);
            if (requests.length === 0) {
                throw new Error(`${names.join(", ")}: ${whyDropped("The policy", request)}`);
            }
            const target = { logPath, policySha256: sha256(policyText), requests, timeoutSeconds };
            const token = sha256(JSON.stringify(triggers)).slice(0, 16);
            return new Map(names.map((host) => [host, `# triggers ${token}\n${verifyScript({ ...target, host })}`]));
        } catch (error) {
            throw refusal(component, error);
        }
    });
}

function check(
    component: AuditCheck,
    name: string,
    host: HostArgs,
    connection: pulumi.Output<ResolvedConnection>,
    scripts: pulumi.Output<ReadonlyMap<string, string>>,
): pulumi.Output<Verification> {
    const command = new remote.Command(
        name,
        {
            connection: connection.apply(remoteCommandConnection),
            logging: remote.Logging.None,
            addPreviousOutputInEnv: false,
            create: pulumi.unsecret(connection.apply(({ user }) => rootShell(user))),
            stdin: scripts.apply((each) => each.get(host.name)!),
        },
        { parent: component },
    );
    // A command that is given a failed input never gets outputs, so what waits for them has to fail by itself.
    return pulumi.all([command.stdout, scripts]).apply(([stdout]) => parseVerification(host.name, stdout));
}
