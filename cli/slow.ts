import { slowRequests } from "../events/questions/slowRequests";
import { defineQuestion } from "./question";
import { readDuration } from "./queryOptions";

/** `kube-audit slow [SOURCE…]`. */
export const command = defineQuestion({
    usage: `usage: kube-audit slow [SOURCE…] [--min-latency DURATION]

Says which requests took longest, and where the API server says that the time went. Watches, sessions and the like are left out.

  --min-latency DURATION  what is slow; default: 1s
`,
    ask: (_, values) => slowRequests(readDuration("min-latency", values["min-latency"] ?? "1s")),
});
