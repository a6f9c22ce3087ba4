import { attributesOf } from "../events/attributes";
import type { Candidate, JoinedAlert } from "../events/alertJoin";
import type { FalcoAlert } from "../events/falcoAlert";
import { formatPlace } from "../events/place";
import { microseconds } from "../events/time";
import { describeRequest } from "../policy/words";
import { printable } from "../events/describe";

/**
 * Alerts as one timeline for people, each with the request that it belongs to.
 *
 * @param searched - whether there was an audit log to look in
 */
export function formatAlerts(joined: readonly JoinedAlert[], searched: boolean): string {
    return inOrder(joined)
        .map((one) => `${formatAlert(one)}${searched ? formatRequests(one) : ""}`)
        .join("");
}

/** Alerts as JSON, in the order of time. */
export function toJson(joined: readonly JoinedAlert[]): object[] {
    return inOrder(joined).map(({ alert, place, by, candidates, further }) => {
        const { time, timeOfDay, day, ...rest } = alert;
        return {
            time: time === undefined ? null : isoTime(time),
            ...(timeOfDay !== undefined && { timeOfDay: clock(timeOfDay) }),
            ...(day && { day }),
            ...rest,
            place,
            joinedBy: by ?? null,
            requests: candidates.map(({ auditID, place: found, alike, distance, event }) => ({
                auditID,
                place: found,
                alike,
                distanceSeconds: distance / 1e6,
                event,
            })),
            furtherRequests: further,
        };
    });
}

/** By the alert's own time, else by that of its request; those of which neither is known are last. */
function inOrder(joined: readonly JoinedAlert[]): JoinedAlert[] {
    const timeOf = ({ alert, candidates: [best] }: JoinedAlert) =>
        alert.time ?? (best ? microseconds(best.event.stageTimestamp) : Infinity);
    const order = (one: number, other: number) => (one === other ? 0 : one < other ? -1 : 1);
    return [...joined].sort(
        (one, other) =>
            order(timeOf(one), timeOf(other)) || order(one.alert.timeOfDay ?? 0, other.alert.timeOfDay ?? 0),
    );
}

function formatAlert({ alert, place }: JoinedAlert): string {
    const { priority, rule, user, pod, namespace, hostname, message } = alert;
    const about = [
        ...(user === undefined ? [] : [`user ${user}`]),
        ...(pod === undefined ? [] : [`pod ${namespace === undefined ? "" : `${namespace}/`}${pod}`]),
        ...(hostname === undefined ? [] : [`on ${hostname}`]),
    ];
    const head = [whenOf(alert), priority, rule ?? "(a rule that its text does not name)", ...about].join("  ");
    return `${printable(head)}\n    ${printable(message)}  [${printable(formatPlace(place))}]\n`;
}

function whenOf({ time, timeOfDay, day }: FalcoAlert): string {
    if (time !== undefined) {
        return isoTime(time);
    }
    const date = day === undefined ? "" : `${String(day.month).padStart(2, "0")}-${String(day.day).padStart(2, "0")} `;
    return `${date}${clock(timeOfDay ?? 0)}`;
}

function formatRequests({ by, candidates, further, alert }: JoinedAlert): string {
    const [best] = candidates;
    if (best === undefined) {
        return alert.source === "syscall"
            ? "    -> an alert about a process: no request is looked for\n"
            : "    -> no request in the audit log fits\n";
    }
    if (by !== undefined) {
        const how =
            by === "audit ID" ? "by its audit ID" : by === "exact time" ? "by its time, to the microsecond" : "";
        const alike = `by second, ${best.alike.join(", ")}`;
        return `    -> ${formatRequest(best)}\n       joined ${how || alike}\n`;
    }
    const title = candidates.length + further === 1 ? "one request fits, but not surely" : "several requests fit";
    const lines = candidates.map(
        (candidate, index) => `       ${index + 1}. ${formatRequest(candidate)}\n          ${reasons(candidate)}\n`,
    );
    const rest = further > 0 ? `       and ${further} more\n` : "";
    return `    -> ${title}; none is chosen:\n${lines.join("")}${rest}`;
}

function reasons({ alike, distance }: Candidate): string {
    const seconds = `${distance < 0 ? "-" : "+"}${(Math.abs(distance) / 1e6).toFixed(6)} s`;
    return alike.length === 0 ? seconds : `${seconds}, alike in ${alike.join(", ")}`;
}

function formatRequest({ event, auditID, place }: Candidate): string {
    const code = event.responseStatus?.code;
    const status = code === undefined ? "" : `, ${code}`;
    const what = `${describeRequest({ ...attributesOf(event), groups: [] })}${status}`;
    return printable(`${event.stageTimestamp}  ${what}  ${auditID}  [${formatPlace(place)}]`);
}

function isoTime(time: number): string {
    return `${new Date(Math.floor(time / 1000)).toISOString().slice(0, -1)}${String(time % 1000).padStart(3, "0")}Z`;
}

function clock(timeOfDay: number): string {
    return isoTime(timeOfDay).slice("1970-01-01T".length, -1);
}
