import type { AuditEvent } from "./event";
import type { FalcoAlert } from "./falcoAlert";
import type { AlertFields } from "./falcoOutput";
import type { Place } from "./place";
import type { LocatedEvent } from "./readEvents";
import { microseconds } from "./time";

/** An alert and where it was found. */
export interface LocatedAlert {
    readonly alert: FalcoAlert;
    readonly place: Place;
}

/**
 * How an alert was joined with a request: by its audit ID; by its time, which Falco takes from the event, to the
 * microsecond; or by what it says, where only one request of that second fits. With several that fit, it is not joined.
 */
export type JoinedBy = "audit ID" | "exact time" | "second and fields";

/** A request that an alert may belong to. */
export interface Candidate {
    readonly auditID: string;
    /** The event that fits best. */
    readonly event: AuditEvent;
    readonly place: Place;
    /** What the alert and the event both say, and say alike. */
    readonly alike: readonly (keyof AlertFields)[];
    /** From the alert's time to the event's, in microseconds. */
    readonly distance: number;
}

/** An alert, and the request that it belongs to or those that it may belong to. */
export interface JoinedAlert extends LocatedAlert {
    /** Absent where the alert is not joined. */
    readonly by?: JoinedBy;
    /** One where it is joined; else all that fit, the best first. */
    readonly candidates: readonly Candidate[];
    /** So many further requests fit, which are not told. */
    readonly further: number;
}

/** So many candidates of an alert are told. */
const mostCandidates = 10;

const second = 1_000_000;
/** Offsets of time zones are multiples of a quarter of an hour. */
const quarter = 900 * second;
const day = 86_400 * second;

/**
 * Joins alerts with the audit events that they are about. In memory are the alerts and their candidates, and no other
 * events.
 *
 * @param events - in any order
 * @returns in the order of the alerts
 */
export async function joinAlerts(
    alerts: readonly LocatedAlert[],
    events: AsyncIterable<LocatedEvent> | Iterable<LocatedEvent>,
): Promise<JoinedAlert[]> {
    const searches = alerts.map((alert) => new Search(alert));
    const byAuditID = groupBy(searches, ({ auditID }) => (auditID === undefined ? [] : [auditID]));
    const bySecond = groupBy(searches, ({ auditID, seconds }) => (auditID === undefined ? seconds : []));
    for await (const located of events) {
        const { auditID, stageTimestamp } = located.event;
        const time = microseconds(stageTimestamp);
        const near = bySecond.get(Math.floor((time % quarter) / second)) ?? [];
        for (const search of [...(byAuditID.get(auditID) ?? []), ...near]) {
            search.look(located, time);
        }
    }
    return searches.map((search) => search.result());
}

/** Looks for the request of one alert. */
class Search {
    readonly auditID: string | undefined;
    /** The seconds of a quarter of an hour in which the alert's event can be. */
    readonly seconds: readonly number[];
    private readonly found = new Map<string, Candidate>();

    constructor(private readonly located: LocatedAlert) {
        const { auditID, time, timeOfDay, source } = located.alert;
        const at = time ?? timeOfDay;
        this.auditID = auditID;
        const audited = at !== undefined && !Number.isNaN(at) && source !== "syscall";
        const middle = Math.floor(((at ?? 0) % quarter) / second);
        this.seconds = audited ? [-1, 0, 1].map((step) => (middle + step + 900) % 900) : [];
    }

    look({ event, place }: LocatedEvent, time: number): void {
        const { alert } = this.located;
        const distance = distanceOf(alert, time);
        const alike = compare(alert, event);
        if (
            this.auditID === undefined &&
            (alike === undefined || Math.abs(distance) > second || isOtherDay(alert, time))
        ) {
            return;
        }
        const candidate = { auditID: event.auditID, event, place, alike: alike ?? [], distance };
        const known = this.found.get(event.auditID);
        if (!known || rank(candidate, known) < 0) {
            this.found.set(event.auditID, candidate);
        }
    }

    result(): JoinedAlert {
        const candidates = [...this.found.values()].sort(rank);
        const [best, ...others] = candidates;
        const by = best && this.joinedBy(best, others);
        return by
            ? { ...this.located, by, candidates: [best], further: 0 }
            : {
                  ...this.located,
                  candidates: candidates.slice(0, mostCandidates),
                  further: Math.max(0, candidates.length - mostCandidates),
              };
    }

    private joinedBy(best: Candidate, others: readonly Candidate[]): JoinedBy | undefined {
        if (this.auditID !== undefined) {
            return "audit ID";
        }
        const { time, timeOfDay = 0 } = this.located.alert;
        // A time without microseconds was rounded on its way.
        if ((time ?? timeOfDay) % 1000 !== 0 && best.distance === 0 && others.every(({ distance }) => distance !== 0)) {
            return "exact time";
        }
        return others.length === 0 && best.alike.includes("user") && best.alike.length > 1
            ? "second and fields"
            : undefined;
    }
}

/** The nearest first, and of equally near ones those that are more alike. */
function rank(one: Candidate, other: Candidate): number {
    const exact = (candidate: Candidate) => (candidate.distance === 0 ? 0 : 1);
    return (
        exact(one) - exact(other) ||
        other.alike.length - one.alike.length ||
        Math.abs(one.distance) - Math.abs(other.distance)
    );
}

/** Without its day and time zone, an alert's time tells only where in a quarter of an hour it was. */
function distanceOf({ time, timeOfDay }: FalcoAlert, at: number): number {
    if (time !== undefined) {
        return at - time;
    }
    const distance = (((at - (timeOfDay ?? 0)) % quarter) + quarter) % quarter;
    return distance > quarter / 2 ? distance - quarter : distance;
}

/** Whether an alert is of another day in every time zone. */
function isOtherDay({ time, day: date }: FalcoAlert, at: number): boolean {
    if (time !== undefined || date === undefined) {
        return false;
    }
    return [-1, 0, 1].every((step) => {
        const other = new Date((at + step * day) / 1000);
        return other.getUTCMonth() + 1 !== date.month || other.getUTCDate() !== date.day;
    });
}

/** @returns what both say alike; nothing where they say something otherwise */
function compare(alert: FalcoAlert, event: AuditEvent): (keyof AlertFields)[] | undefined {
    const { objectRef = {}, responseStatus } = event;
    const said: Partial<Record<keyof AlertFields, string | undefined>> = {
        stage: event.stage,
        user: event.user.username ?? "",
        verb: event.verb,
        uri: event.requestURI,
        namespace: objectRef.namespace,
        resource: objectRef.resource,
        subresource: objectRef.subresource,
        name: objectRef.name,
        code: responseStatus?.code === undefined ? undefined : String(responseStatus.code),
    };
    const alike: (keyof AlertFields)[] = [];
    for (const [field, value] of Object.entries(said) as [keyof AlertFields, string | undefined][]) {
        const expected = alert[field];
        if (expected !== undefined && value !== undefined) {
            if (expected !== value) {
                return undefined;
            }
            alike.push(field);
        }
    }
    return alike;
}

function groupBy<Item, Key>(items: readonly Item[], keys: (item: Item) => readonly Key[]): Map<Key, Item[]> {
    const groups = new Map<Key, Item[]>();
    for (const item of items) {
        for (const key of keys(item)) {
            const group = groups.get(key);
            if (group) {
                group.push(item);
            } else {
                groups.set(key, [item]);
            }
        }
    }
    return groups;
}
