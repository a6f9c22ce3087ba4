/** Audit events: reading them from logs, asking, replaying and sizing them, and Falco's alerts about them. Loads neither Pulumi nor a connection. */
export type { AuditEvent, ObjectReference, ResponseStatus, UserInfo } from "./event";
export { formatPlace, type Damage, type Place } from "./place";
export { readEvents, visitEvents, type LocatedEvent, type ReadOptions } from "./readEvents";
export type { Depth, Prefilter, Selection } from "./scanner";
export { findSources, SourceError, type LogSource } from "./sources";
export { joinAlerts, type Candidate, type JoinedAlert, type JoinedBy, type LocatedAlert } from "./alertJoin";
export type { Bounds } from "./bounds";
export type { ChangedRequests, Comparison } from "./comparison";
export { readAlert, type FalcoAlert } from "./falcoAlert";
export { measureLog, type LogRate } from "./logRate";
export type { PolicyVolumes, RuleVolume, Volume } from "./policyVolume";
export { predictRetention, rotationFor, type Retention, type RotationSettings, type WriteRate } from "./retention";
export { simulate, type SimulateOptions, type Simulation } from "./simulate";
