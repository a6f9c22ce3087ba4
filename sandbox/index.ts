/** Disposable real control planes in Docker, for the demo and the tests. */
export { startWebapp } from "./boot";
export { upCluster, type Cluster, type ClusterOptions } from "./cluster";
export { downSandbox, ensureMaterials, openSandbox, upSandbox, type Sandbox, type SandboxOptions } from "./sandbox";
export { SandboxHost, SandboxNode, USERS } from "./node";
export { type Credentials } from "./credentials";
export { type ExecOptions } from "./container";
export { type ProcessResult } from "./process";
export { type Progress } from "./progress";
export { runIdleApiServer } from "./lightHost";
export { createEngine, type Engine, type EngineOptions } from "./engine";
export { installFaultyApiServer, installFaultyUnit, restoreApiServer, setFault, type Fault } from "./faults";
export { type PluginKind } from "./commandPlugin";
export { giveShape, type Shape } from "./systemdNode";
export { type Flavour } from "./state";
