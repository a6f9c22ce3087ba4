import { execSessions } from "../events/questions/execSessions";
import { defineQuestion } from "./question";

/** `kube-audit exec [SOURCE…]`. */
export const command = defineQuestion({
    usage: `usage: kube-audit exec [SOURCE…]

Says who ran commands in containers, attached to them, forwarded their ports or put a debug container into them. The command
is that of the request: what was typed in a session is in no audit log.
`,
    ask: execSessions,
});
