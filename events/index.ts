/** Audit events: reading them from logs, and asking them. Loads neither Pulumi nor a connection. */
export type { AuditEvent, ObjectReference, ResponseStatus, UserInfo } from "./event";
export { formatPlace, type Damage, type Place } from "./place";
export { readEvents, visitEvents, type LocatedEvent, type ReadOptions } from "./readEvents";
export type { Depth, Prefilter, Selection } from "./scanner";
export { findSources, SourceError, type LogSource } from "./sources";
