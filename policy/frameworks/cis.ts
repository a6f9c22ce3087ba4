import type { KubernetesMinor } from "../kubernetes";
import { keySecurityConcerns } from "./cisConcerns";
import { isAtLeast, isSet } from "./flags";
import { aboutPolicy, type Framework } from "./framework";

/** A CIS Kubernetes Benchmark as kube-bench knows it. */
interface Benchmark {
    name: string;
    /** The number of the recommendation about `--audit-log-path` in 1.2; age, backups and size follow it. */
    logPath: number;
    /** The minor versions for which kube-bench takes it by itself. */
    kubernetes: { from: KubernetesMinor; to: KubernetesMinor };
}

/** Source: `cfg/` of aquasecurity/kube-bench (`config.yaml`, `version_mapping`; `cis-*` `/master.yaml`), June 2026. */
const benchmarks: readonly Benchmark[] = [
    { name: "cis-1.5", logPath: 22, kubernetes: { from: 15, to: 15 } },
    { name: "cis-1.6", logPath: 22, kubernetes: { from: 16, to: 18 } },
    { name: "cis-1.20", logPath: 21, kubernetes: { from: 19, to: 21 } },
    { name: "cis-1.23", logPath: 19, kubernetes: { from: 22, to: 23 } },
    { name: "cis-1.24", logPath: 18, kubernetes: { from: 24, to: 24 } },
    { name: "cis-1.7", logPath: 18, kubernetes: { from: 25, to: 25 } },
    { name: "cis-1.8", logPath: 17, kubernetes: { from: 26, to: 26 } },
    { name: "cis-1.9", logPath: 16, kubernetes: { from: 27, to: 27 } },
    { name: "cis-1.10", logPath: 16, kubernetes: { from: 28, to: 28 } },
    { name: "cis-1.11", logPath: 16, kubernetes: { from: 29, to: 31 } },
    { name: "cis-1.12", logPath: 16, kubernetes: { from: 32, to: 34 } },
];

/** The CIS Kubernetes Benchmarks, oldest first. */
export function cisBenchmarks(): Framework[] {
    return benchmarks.map(({ name, logPath }) => ({
        name,
        controls: [
            { id: `1.2.${logPath}`, title: "The audit log has a path", judge: isSet("audit-log-path") },
            {
                id: `1.2.${logPath + 1}`,
                title: "Rotated logs are kept for 30 days",
                judge: isAtLeast("audit-log-maxage", 30),
            },
            {
                id: `1.2.${logPath + 2}`,
                title: "10 rotated logs are kept",
                judge: isAtLeast("audit-log-maxbackup", 10),
            },
            {
                id: `1.2.${logPath + 3}`,
                title: "A log is rotated at 100 MB, not earlier",
                judge: isAtLeast("audit-log-maxsize", 100),
            },
            { id: "3.2.1", title: "There is an audit policy", judge: isSet("audit-policy-file") },
            {
                id: "3.2.2",
                title: "The policy records what matters, and no bodies of what is secret",
                judge: aboutPolicy(keySecurityConcerns),
            },
        ],
    }));
}

/** The benchmark that kube-bench takes for a version; the newest for versions that it does not know yet. */
export function cisBenchmarkFor(kubernetes: KubernetesMinor): string {
    const found = benchmarks.find(({ kubernetes: { to } }) => kubernetes <= to);
    return (found ?? benchmarks.at(-1)!).name;
}
