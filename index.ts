export { ApiServerAudit } from "./components/apiServerAudit";
export { AuditCheck } from "./components/auditCheck";
export type {
    ApiServerAuditArgs,
    AuditCheckArgs,
    AuditedHostsArgs,
    ConnectionArgs,
    HostArgs,
    LogArgs,
    LogBatchArgs,
    LoginArgs,
    LogTruncateArgs,
    ProxyArgs,
    RolloutArgs,
} from "./components/args";
export type { KubeAuditEndpoint, KubeAuditHost, KubeAuditHosts } from "./components/kubeAuditHosts";
export type { Flavour } from "./host/apiServerSource";
export type { HostReport } from "./host/report";
export type { Verification } from "./host/verification";
export type { LogFormat, LogMode } from "./host/settings";
export * from "./policy";
