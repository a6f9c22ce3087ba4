import { describeResource, describeUser, formatTime } from "../describe";
import { Groups, lastStage, type Question } from "./question";

/**
 * Who still uses versions of APIs that are deprecated, and in which minor version they are gone. The API server says so in the
 * annotations of the event.
 *
 * Source: k8s.io/apiserver, `pkg/endpoints/metrics/metrics.go`.
 */
export function deprecatedApis(): Question {
    const groups = new Groups();
    return {
        query: {
            texts: ['k8s.io/deprecated":"true"'],
            where: [{ kind: "compare", path: ["annotations", "k8s.io/deprecated"], operator: "==", values: ["true"] }],
        },
        depth: "head",
        add(request) {
            const event = lastStage(request);
            groups.add(
                {
                    api: `${describeResource(event)} ${event.objectRef?.apiVersion ?? ""}`.trimEnd(),
                    removed: event.annotations?.["k8s.io/removed-release"] ?? "",
                    user: describeUser(event),
                    client: event.userAgent ?? "",
                    verb: event.verb,
                },
                formatTime(event.stageTimestamp),
            );
        },
        answer: () => ({
            columns: ["api", "removed", "count", "verb", "user", "client", "first", "last"],
            rows: groups.rows(),
        }),
    };
}
