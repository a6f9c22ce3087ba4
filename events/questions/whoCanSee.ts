import { describeName, describeUser, formatTime } from "../describe";
import { Groups, lastStage, succeeded, type Question } from "./question";

/**
 * Who read which objects of a resource, and so can know what is in them. A list or a watch without a name has shown all that
 * are in the namespace, or in the cluster.
 */
export function whoCanSee(resource: string): Question {
    const groups = new Groups();
    return {
        query: {
            filters: [
                { field: "resource", wanted: [resource], excluded: [] },
                { field: "verb", wanted: ["get", "list", "watch"], excluded: [] },
                { field: "subresource", wanted: [""], excluded: [] },
            ],
        },
        depth: "head",
        add(request) {
            const event = lastStage(request);
            if (!succeeded(event)) {
                return;
            }
            const { name, namespace } = event.objectRef ?? {};
            const all = namespace ? `all in ${namespace}` : "all";
            groups.add(
                {
                    user: describeUser(event),
                    seen: name ? describeName(event) : all,
                    verb: event.verb,
                    source: (event.sourceIPs ?? []).join(","),
                    client: event.userAgent ?? "",
                },
                formatTime(event.stageTimestamp),
            );
        },
        answer: () => ({
            columns: ["user", "seen", "verb", "count", "first", "last", "source", "client"],
            rows: groups.rows(),
        }),
    };
}
