import { describeLatency, describeName, describeResource, describeStatus, describeUser, formatTime } from "../describe";
import { latency } from "../query/fields";
import { lastStage, type Question, type Row } from "./question";

/** Requests that are meant to last: what is begun by them ends when the client has enough. */
const LASTING = ["exec", "attach", "portforward", "proxy", "log"];

/**
 * The requests that took longest, and what the API server says of where the time went (from half a second on). Watches,
 * sessions and the like are left out.
 *
 * @param least - milliseconds from which a request is slow
 */
export function slowRequests(least: number): Question {
    const rows: Row[] = [];
    return {
        query: {
            minLatency: least,
            filters: [
                { field: "verb", wanted: [], excluded: ["watch", "proxy"] },
                { field: "subresource", wanted: [], excluded: LASTING },
                { field: "stage", wanted: ["ResponseComplete", "Panic"], excluded: [] },
            ],
        },
        depth: "head",
        add(request) {
            const event = lastStage(request);
            const { annotations = {} } = event;
            const parts = [
                "etcd",
                "apf-queue-wait",
                "admission",
                "transform-response-object",
                "serialize-response-object",
                "response-write",
            ]
                .map((part) => [part, annotations[`apiserver.latency.k8s.io/${part}`]] as const)
                .filter(([, time]) => time !== undefined)
                .map(([part, time]) => `${part} ${time!}`);
            rows.push({
                milliseconds: latency(event),
                latency: describeLatency(event),
                time: formatTime(event.requestReceivedTimestamp),
                status: describeStatus(event),
                verb: event.verb,
                resource: describeResource(event),
                name: describeName(event),
                user: describeUser(event),
                spent: parts.join(", "),
            });
        },
        answer: () => ({
            columns: ["latency", "time", "status", "verb", "resource", "name", "user", "spent"],
            rows: [...rows].sort((a, b) => Number(b.milliseconds) - Number(a.milliseconds)),
        }),
    };
}
