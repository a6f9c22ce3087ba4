export { ApiServerAudit } from "./components/apiServerAudit";
export type {
    ApiServerAuditArgs,
    ConnectionArgs,
    HostArgs,
    LogArgs,
    LogBatchArgs,
    LoginArgs,
    LogTruncateArgs,
    ProxyArgs,
    RolloutArgs,
} from "./components/args";
export type { Flavour } from "./host/apiServerSource";
export type { HostReport } from "./host/report";
export type { LogFormat, LogMode } from "./host/settings";
export * from "./policy";
