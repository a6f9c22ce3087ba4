import type { Attributes, Decision } from "../policy/evaluate";
import type { Level, Stage } from "../policy/types";
import { answeredStatus, lacksBody, recordsRequests, withoutManagedFields } from "./bodies";
import { exactly, type Bounds } from "./bounds";
import type { AuditEvent, ObjectReference } from "./event";
import { lineSize } from "./lineSize";

/** What a decision says about the events that are recorded. */
export type Recording = Pick<Decision, "level" | "omitManagedFields">;

/**
 * The bytes of a recorded event, had it been recorded in another way.
 *
 * Exact where the event is at least as detailed as it shall be, and where there is no body to record. Where a body is
 * missing, the event without it is the lower bound, and there is no upper one.
 *
 * @param without - whether the recording left managed fields out, so that nobody knows how large they were
 */
export function sizeAs(event: AuditEvent, attributes: Attributes, recording: Recording, without = false): Bounds {
    const min = lineSize(recordedAs(event, recording));
    const fieldsLost = without && !recording.omitManagedFields && hasObject(event, recording.level);
    return fieldsLost || lacksBody(event, attributes, recording.level) ? { min, max: Infinity } : exactly(min);
}

/** A recorded event as far as it would have been recorded at another level, and without managed fields if so wished. */
export function recordedAs(event: AuditEvent, { level, omitManagedFields }: Recording): AuditEvent {
    const { requestObject, responseObject, ...rest } = event;
    const request = recordsRequests(level) ? requestObject : undefined;
    const response = level === "RequestResponse" ? (responseObject ?? answeredUnseen(event)) : undefined;
    const trim = (body: unknown) => (omitManagedFields ? withoutManagedFields(body) : body);
    return {
        ...rest,
        level,
        // A patch is recorded as it was sent.
        ...(request !== undefined && { requestObject: event.verb === "patch" ? request : trim(request) }),
        ...(response !== undefined && { responseObject: trim(response) }),
    };
}

/** A status that was the whole answer is in the event at every level. */
function answeredUnseen(event: AuditEvent): object | undefined {
    return event.level === "RequestResponse" ? undefined : answeredStatus(event);
}

function hasObject({ verb, requestObject, responseObject }: AuditEvent, level: Level): boolean {
    const request = recordsRequests(level) && verb !== "patch" && requestObject !== undefined;
    return request || (level === "RequestResponse" && responseObject !== undefined);
}

/**
 * The bytes that the `RequestReceived` of an event's request takes at the level `Metadata`.
 *
 * It is known from any of the request's events, since what was asked for is in all of them.
 */
export function receivedSize(event: AuditEvent, attributes: Attributes): number {
    // Before the request is authorized there is only what authentication has to say.
    const early = Object.entries(event.annotations ?? {}).filter(([key]) => key.startsWith("authentication."));
    return lineSize({
        ...event,
        level: "Metadata",
        stage: "RequestReceived",
        objectRef: attributes.isResource ? referenceBefore(event, attributes) : undefined,
        annotations: early.length > 0 ? Object.fromEntries(early) : undefined,
        impersonatedUser: undefined,
        requestObject: undefined,
        responseObject: undefined,
        responseStatus: undefined,
    });
}

/** Later the API server adds the object's UID and version, and the name that it found in a body. */
function referenceBefore({ objectRef }: AuditEvent, { namespace, name }: Attributes): ObjectReference {
    return {
        ...objectRef,
        namespace: namespace || undefined,
        name: name || undefined,
        uid: undefined,
        resourceVersion: undefined,
    };
}

/** What every event after `RequestReceived` has at least. */
const shortestStatus = ',"responseStatus":{"metadata":{},"code":200}'.length;

/**
 * The bytes of an event that the log does not have. Of a stage after `RequestReceived` nobody knows what was answered, so
 * there is only a lower bound.
 *
 * @param received - from {@link receivedSize}
 */
export function sizeOfUnseen(received: number, stage: Stage, level: Level): Bounds {
    const size = received + level.length - "Metadata".length;
    return stage === "RequestReceived"
        ? exactly(size)
        : { min: size + stage.length - "RequestReceived".length + shortestStatus, max: Infinity };
}
