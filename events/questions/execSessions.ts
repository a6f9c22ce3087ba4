import { describeLatency, describeName, describeStatus, describeUser, formatTime } from "../describe";
import { byTime, lastStage, type Question, type Row } from "./question";

/**
 * Who ran commands in containers, attached to them, forwarded their ports or put a debug container into them. The command is
 * that of the request: what was typed in the session is in no audit log.
 */
export function execSessions(): Question {
    const rows: Row[] = [];
    return {
        query: {
            filters: [
                {
                    field: "subresource",
                    wanted: ["exec", "attach", "portforward", "ephemeralcontainers"],
                    excluded: [],
                },
                { field: "verb", wanted: ["get", "create", "update", "patch"], excluded: [] },
            ],
        },
        depth: "head",
        add(request) {
            const event = lastStage(request);
            if (event.verb === "get" && event.objectRef?.subresource === "ephemeralcontainers") {
                return;
            }
            const query = new URLSearchParams(event.requestURI.split("?")[1] ?? "");
            const isOpen = event.stage !== "ResponseComplete" && event.stage !== "Panic";
            rows.push({
                time: formatTime(event.requestReceivedTimestamp),
                status: describeStatus(event),
                what: event.objectRef?.subresource ?? "",
                pod: describeName(event),
                container: query.get("container") ?? "",
                command: query.getAll("command").join(" "),
                user: describeUser(event),
                source: (event.sourceIPs ?? []).join(","),
                lasted: isOpen ? "no end recorded" : describeLatency(event),
            });
        },
        answer: () => ({
            columns: ["time", "status", "what", "pod", "container", "command", "user", "source", "lasted"],
            rows: byTime(rows),
        }),
    };
}
