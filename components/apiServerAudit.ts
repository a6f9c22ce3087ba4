import * as pulumi from "@pulumi/pulumi";
import { clockWarnings } from "../host/clock";
import { ConnectionError } from "../host/connectionError";
import type { ResolvedConnection } from "../host/connection";
import { probe, type Probed } from "../host/probe";
import type { HostReport } from "../host/report";
import { sha256, type Wish } from "../host/wish";
import type { ApiServerAuditArgs, HostArgs } from "./args";
import { complain, connect, refusal, wanted } from "./arguments";
import { describeAssessment, describeChangeOnce } from "./describe";
import { HostAudit } from "./hostAudit";
import { kubeAuditHosts, type KubeAuditHosts } from "./kubeAuditHosts";
import { persistInKubeadmConfig } from "./kubeadmConfig";
import { retention } from "./retention";
import { withSecretCredentials } from "./secrets";

/**
 * Turns on API-server audit logging on an existing control plane, one host after another, and keeps it as it was asked
 * for: previews show what somebody else changed on the hosts, and removing it restores their manifests byte for byte.
 *
 * An API server reads its audit policy once, when it starts: every change of the policy or of a flag restarts the API
 * server of each host in turn. A preview says which ones.
 */
export class ApiServerAudit extends pulumi.ComponentResource {
    /** What each host reported when it was last changed, in the order of the hosts. */
    public readonly reports: pulumi.Output<HostReport[]>;
    /**
     * The hosts as `kube-audit --stack` wants them from the stack's output of the same name:
     * `export const kubeAudit = audit.kubeAudit`. A secret: their credentials are in it.
     */
    public readonly kubeAudit: pulumi.Output<KubeAuditHosts>;

    /**
     * @throws pulumi.ResourceError where the arguments cannot be right for any host
     */
    constructor(name: string, args: ApiServerAuditArgs, opts?: pulumi.ComponentResourceOptions) {
        super("kube-apiserver-audit:index:ApiServerAudit", name, withSecretCredentials(args), opts);
        const complaint = complain(args);
        if (complaint !== undefined) {
            throw new pulumi.ResourceError(complaint, this, true);
        }
        const wish = wanted(this, name, args);
        const hosts = args.hosts.map((host, index) => ({ host, connection: connect(this, host, index, args) }));
        const told = new Set<string>();
        const assessments = hosts.map(({ host, connection }) => read(this, host, connection, wish, args, told));
        // Nothing is changed anywhere before every host was read and found fit.
        const everyAssessment = compareClocks(this, args, pulumi.all(assessments));
        let previous: HostAudit | undefined;
        const audits = hosts.map(({ host, connection }, index) => {
            previous = new HostAudit(
                `${name}-${host.name}`,
                {
                    host: host.name,
                    connection,
                    wish,
                    generation: everyAssessment.apply((all) => all[index]!.generation),
                    source: wish.apply(({ source }) => source),
                    preJoin: host.preJoin === true,
                    readOnce: args.driftDetection === false,
                    after: previous,
                },
                { parent: this, ...retention(opts) },
            );
            return previous;
        });
        const member = hosts.find(({ host }) => host.preJoin !== true);
        if (args.persistInKubeadmConfig !== false && member !== undefined) {
            const { connection } = member;
            const options = { parent: this, ...retention(opts) };
            persistInKubeadmConfig(`${name}-kubeadm-config`, { connection, wish, after: audits }, options);
        }
        this.kubeAudit = kubeAuditHosts(hosts, wish);
        this.reports = pulumi.all(audits.map(({ report }) => report));
        this.registerOutputs({ reports: this.reports });
    }
}

/** Reads a host and tells what was found, in previews and in updates alike. */
function read(
    component: ApiServerAudit,
    { name, preJoin }: HostArgs,
    connection: pulumi.Output<ResolvedConnection>,
    desired: pulumi.Output<Wish>,
    args: ApiServerAuditArgs,
    told: Set<string>,
): pulumi.Output<Pick<Probed, "generation" | "clockOffset">> {
    if (args.driftDetection === false) {
        return desired.apply(({ owner }) => ({ generation: sha256(`${owner} ${name}`).slice(0, 16) }));
    }
    const assessment = pulumi.all([connection, desired]).apply(async ([connection, wish]) => {
        try {
            const assessment = await probe(connection, wish, preJoin === true);
            const showDiffs = !(await pulumi.isSecret(desired));
            await describeAssessment(component, name, assessment, { hosts: args.hosts.length, showDiffs });
            if (showDiffs) {
                await describeChangeOnce(component, assessment, wish, told);
            }
            const { generation, clockOffset } = assessment;
            return { generation, ...(clockOffset !== undefined && { clockOffset }) };
        } catch (error) {
            throw refusal(component, error, `${name}: `, routeAdvice(error));
        }
    });
    // Made of hashes and dates: the credentials that it was read with are not in it.
    return pulumi.unsecret(assessment);
}

/** Tells of clocks that differ, once all hosts were read. */
function compareClocks<T extends Pick<Probed, "clockOffset">>(
    component: ApiServerAudit,
    { hosts }: ApiServerAuditArgs,
    assessments: pulumi.Output<T[]>,
): pulumi.Output<T[]> {
    return assessments.apply(async (all) => {
        const clocks = all.flatMap(({ clockOffset }, index) =>
            clockOffset === undefined ? [] : [{ host: hosts[index]!.name, offset: clockOffset }],
        );
        for (const warning of clockWarnings(clocks)) {
            await pulumi.log.warn(warning, component);
        }
        return all;
    });
}

function routeAdvice(error: unknown): string {
    return error instanceof ConnectionError && ["unreachable", "timeout"].includes(error.kind)
        ? " Where previews have no route to the hosts, set driftDetection: false."
        : "";
}
