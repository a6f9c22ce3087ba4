/** The audit policy engine: pure functions over policies, without Pulumi and without I/O. */
export * from "./types";
export { checkPolicy, type CheckOptions, type PolicyCheck } from "./check";
export { evaluate, type Attributes, type Decision } from "./evaluate";
export { formatFinding, type Finding, type FindingSource } from "./finding";
export { newestMinor, oldestMinor, parseKubernetesVersion, type KubernetesMinor } from "./kubernetes";
export { renderPolicy } from "./render";
export { aggregateMessage, validatePolicy, type Violation, type ViolationCode } from "./validate";
