/** The audit policy engine: pure functions over policies, without Pulumi and without I/O. */
export * from "./types";
export { builtinResources, type BuiltinResource } from "./builtinResources";
export { checkPolicy, type ApiServerWords, type CheckOptions, type PolicyCheck } from "./check";
export { compilePolicy } from "./compile";
export {
    isInClass,
    type RequestClass,
    type TargetClass,
    type TargetSet,
    type TextSet,
    type UrlSet,
} from "./classes/requestClass";
export { ignore, policy, record, type PolicySettings, type RuleSentence } from "./builder";
export { diffPolicies, formatDifferences, type DiffOptions, type PolicyDifference } from "./diff";
export { evaluate, type Attributes, type Decision } from "./evaluate";
export { formatFinding, type Finding, type FindingSource } from "./finding";
export { newestMinor, oldestMinor, parseKubernetesVersion, type KubernetesMinor } from "./kubernetes";
export { resolveRequest, type RawRequest } from "./requestInfo";
export * from "./namedRequests";
export { presets, type Preset } from "./presets";
export { renderPolicy, type PolicyComments } from "./render";
export * from "./requests";
export { aggregateMessage, validatePolicy, type Violation, type ViolationCode } from "./validate";
export {
    frameworkNames,
    judge,
    readFlags,
    type Audited,
    type JudgeOptions,
    type VerdictResult,
    type Verdict,
} from "./verdicts";
export { lintPolicy, type LintOptions } from "./lint";
export { lintRules } from "./lint/rules";
export { describeRequest, recordsTheSame } from "./words";
