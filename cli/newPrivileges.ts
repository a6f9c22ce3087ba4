import { newPrivileges } from "../events/questions/newPrivileges";
import { defineQuestion } from "./question";

/** `kube-audit new-privileges [SOURCE…]`. */
export const command = defineQuestion({
    usage: `usage: kube-audit new-privileges [SOURCE…]

Says who changed what somebody may do: roles and bindings, tokens made for service accounts, certificates approved. What was
granted is told where the policy records the body. Attempts that failed are shown, too.
`,
    ask: newPrivileges,
});
