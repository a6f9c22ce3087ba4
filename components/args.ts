import type * as pulumi from "@pulumi/pulumi";
import type { Flavour } from "../host/apiServerSource";
import type { LogFormat, LogMode } from "../host/settings";
import type { Policy } from "../policy/types";

/** How to log in to a machine over SSH. */
export interface LoginArgs {
    /** Default 22. */
    port?: pulumi.Input<number>;
    /** Default `root`. Any other user needs passwordless sudo. */
    user?: pulumi.Input<string>;
    /** A private key's text, in OpenSSH or PEM format. It is kept as a secret. */
    privateKey?: pulumi.Input<string>;
    /** The private key's passphrase. It is kept as a secret. */
    privateKeyPassword?: pulumi.Input<string>;
    /** It is kept as a secret. */
    password?: pulumi.Input<string>;
    /** The socket of an SSH agent. Default: the environment's `SSH_AUTH_SOCK`, where neither key nor password is given. */
    agentSocketPath?: pulumi.Input<string>;
    /** The machine's public host key, as one line `ssh-ed25519 AAAA…`. */
    hostKey?: pulumi.Input<string>;
    /** The text of a `known_hosts` file, hashed entries included, in which to look for the host key. */
    knownHosts?: pulumi.Input<string>;
    /** Connect to whatever answers, whoever it is. Default false: without a host key nothing is connected. */
    insecureIgnoreHostKey?: pulumi.Input<boolean>;
    /** Seconds to wait for one attempt to connect. Default 15. */
    perDialTimeout?: pulumi.Input<number>;
    /** How often connecting may fail before an update gives up. Default 10. */
    dialErrorLimit?: pulumi.Input<number>;
}

/** A bastion: a machine through which others are reached. */
export interface ProxyArgs extends LoginArgs {
    /** Address or DNS name. */
    host: pulumi.Input<string>;
}

/** How to reach a machine over SSH. */
export interface ConnectionArgs extends LoginArgs {
    /** The bastion through which it is reached. Default: none. */
    proxy?: pulumi.Input<ProxyArgs>;
}

/** One control-plane host. What it does not say about its connection is taken from {@link ApiServerAuditArgs.connection}. */
export interface HostArgs extends ConnectionArgs {
    /** A short name, unique in the list, for resource names and messages. */
    name: string;
    /** Address or DNS name. */
    host: pulumi.Input<string>;
    /**
     * Whether this host is yet to join the cluster as a control-plane node. Until it has, it is given the policy and the
     * log's directory only, so that the API server can start there that `kubeadm join` makes; the update after that takes it
     * over like any other host. Default false: a host without an API server is an error.
     */
    preJoin?: boolean;
}

/** Buffering of the log back end, used in mode `batch`. */
export interface LogBatchArgs {
    /** `--audit-log-batch-buffer-size`, events. Default: the API server's, 10000. */
    bufferSize?: pulumi.Input<number>;
    /** `--audit-log-batch-max-size`, events. Default: the API server's, 1. */
    maxSize?: pulumi.Input<number>;
    /** `--audit-log-batch-max-wait`, a duration such as `5s`. Default: the API server's, 0s. */
    maxWait?: pulumi.Input<string>;
    /** `--audit-log-batch-throttle-enable`. Default: the API server's, false. */
    throttleEnable?: pulumi.Input<boolean>;
    /** `--audit-log-batch-throttle-qps`, batches a second. Has to be positive with `throttleEnable`. */
    throttleQps?: pulumi.Input<number>;
    /** `--audit-log-batch-throttle-burst`, batches. Has to be positive with `throttleEnable`. */
    throttleBurst?: pulumi.Input<number>;
}

/** Truncation of large events. */
export interface LogTruncateArgs {
    /** `--audit-log-truncate-enabled`. Default: the API server's, false. */
    enabled?: pulumi.Input<boolean>;
    /** `--audit-log-truncate-max-batch-size`, bytes. Default: the API server's, 10485760. */
    maxBatchSize?: pulumi.Input<number>;
    /** `--audit-log-truncate-max-event-size`, bytes. Default: the API server's, 102400. */
    maxEventSize?: pulumi.Input<number>;
}

/** The log back end: the API server's `--audit-log-*` flags. */
export interface LogArgs {
    /** `--audit-log-path`: an absolute path in a directory of its own, or `-` for standard output. Default `/var/log/kubernetes/audit/audit.log`. */
    path?: pulumi.Input<string>;
    /** `--audit-log-maxage`, days; 0 is any. Default 30. */
    maxAge?: pulumi.Input<number>;
    /** `--audit-log-maxbackup`, rotated files; 0 is any number. Default 10. */
    maxBackup?: pulumi.Input<number>;
    /** `--audit-log-maxsize`, MiB before the file is rotated; at least 1. Default 100. */
    maxSize?: pulumi.Input<number>;
    /** `--audit-log-format`. Default: the API server's, `json`. */
    format?: pulumi.Input<LogFormat>;
    /** `--audit-log-compress`: gzip rotated files. Default: the API server's, false. */
    compress?: pulumi.Input<boolean>;
    /** `--audit-log-mode`. Default: the API server's, `blocking`. */
    mode?: pulumi.Input<LogMode>;
    /** `--audit-log-batch-*`. */
    batch?: pulumi.Input<LogBatchArgs>;
    /** `--audit-log-truncate-*`. */
    truncate?: pulumi.Input<LogTruncateArgs>;
}

/** How a change is rolled out over the hosts. */
export interface RolloutArgs {
    /** Seconds in which an API server has to be healthy again before the old settings are restored. Default 300. */
    timeoutSeconds?: pulumi.Input<number>;
    /**
     * What proves it healthy: `event`, the default, wants `/readyz` and an audit event of a request made for the proof
     * (where the policy records such a request); `ready` wants `/readyz` only.
     */
    health?: pulumi.Input<"event" | "ready">;
}

/** Which hosts there are, how they are reached, and what their API servers should record. */
export interface AuditedHostsArgs {
    /** The control-plane hosts, in the order in which they are changed. */
    hosts: HostArgs[];
    /** What all hosts have in common. */
    connection?: ConnectionArgs;
    /** The audit policy: an object, or the text of a policy file. Give this or {@link policyFile}. */
    policy?: pulumi.Input<string | Policy>;
    /** The path of a policy file on the machine where the program runs. Give this or {@link policy}. */
    policyFile?: string;
    /** The log back end. */
    log?: pulumi.Input<LogArgs>;
    /**
     * What starts the API servers: `kubeadm`, the kubelet from kubeadm's static-pod manifest, or `systemd`, a unit.
     * Default: on each host kubeadm's manifest where there is one, else the unit.
     */
    flavour?: Flavour;
    /**
     * The systemd unit that runs kube-apiserver; with it `flavour` is `systemd`. Default `kube-apiserver.service`. A unit
     * that starts a script, or several commands, is an error.
     */
    unit?: string;
    /** The API servers' version, such as `1.34`. Default: what the image in each host's manifest, or the unit's program, says. */
    kubernetesVersion?: pulumi.Input<string>;
}

/** What {@link AuditedHostsArgs} says, and how it gets there. */
export interface ApiServerAuditArgs extends AuditedHostsArgs {
    /** How a change is rolled out. */
    rollout?: pulumi.Input<RolloutArgs>;
    /**
     * Whether previews and updates read the hosts and show what somebody else changed there. Default true. With false a
     * preview needs no connection, and a drift is repaired only when something else changes too.
     */
    driftDetection?: boolean;
    /**
     * Take over hosts that another stack, or something else, has set up: flags of theirs give way, and come back when
     * audit logging is removed. Default false: that is an error.
     */
    adopt?: pulumi.Input<boolean>;
    /**
     * Whether the settings also go into kubeadm's own configuration of the cluster, so that `kubeadm upgrade` keeps them and
     * new control-plane nodes have them: into ClusterConfiguration in the ConfigMap `kube-system/kubeadm-config`, written
     * through the first host, after the last. Default true; where there is no such ConfigMap, that is a warning.
     */
    persistInKubeadmConfig?: boolean;
    /** A group on the hosts whose members may read the logs. Default: root alone. */
    readerGroup?: pulumi.Input<string>;
    /** Remove the logs too when the audit settings are removed. Default false. */
    purgeLogsOnDelete?: pulumi.Input<boolean>;
}

/**
 * The same hosts, policy and settings as those of the `ApiServerAudit` that the check is for: one object can be given to both.
 */
export interface AuditCheckArgs extends AuditedHostsArgs {
    /**
     * The path to ask for with a GET, such as `/api/v1/namespaces/shop/pods/none`. Default: the first of some harmless ones that
     * the policy logs; a policy that drops all of them is an error.
     */
    request?: string;
    /** Seconds for the event to arrive in the log, from 1 to 3600. Default 30. */
    timeoutSeconds?: number;
    /**
     * Anything: the check is made again when it changes. `[audit.reports]` has it made again after every change of a host;
     * a value from the stack's configuration, whenever you want.
     */
    triggers?: pulumi.Input<unknown>[];
}
