import { describeResource, describeUser, formatTime } from "../describe";
import { Groups, lastStage, type Question } from "./question";

/**
 * Whom the API server did not know (401), and whom it knew and refused (403). Without the stage ResponseStarted there are no
 * events of the first kind: the API server writes no other one of them.
 */
export function failedLogins(): Question {
    const groups = new Groups();
    return {
        query: { filters: [{ field: "status", wanted: ["401", "403"], excluded: [] }] },
        depth: "head",
        add(request) {
            const event = lastStage(request);
            groups.add(
                {
                    what: event.responseStatus?.code === 401 ? "unauthorized" : "forbidden",
                    user: describeUser(event),
                    source: (event.sourceIPs ?? []).join(","),
                    verb: event.verb,
                    resource: describeResource(event),
                    namespace: event.objectRef?.namespace ?? "",
                    client: event.userAgent ?? "",
                },
                formatTime(event.stageTimestamp),
            );
        },
        answer: () => ({
            columns: ["what", "count", "user", "source", "verb", "resource", "namespace", "first", "last", "client"],
            rows: groups.rows(),
        }),
    };
}
