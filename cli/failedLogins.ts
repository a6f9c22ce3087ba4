import { failedLogins } from "../events/questions/failedLogins";
import { defineQuestion } from "./question";

/** `kube-audit failed-logins [SOURCE…]`. */
export const command = defineQuestion({
    usage: `usage: kube-audit failed-logins [SOURCE…]

Says whom the API server did not know (401), and whom it knew and refused (403). A policy that omits the stage ResponseStarted
leaves out all of the first kind.
`,
    ask: failedLogins,
});
