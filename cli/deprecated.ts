import { deprecatedApis } from "../events/questions/deprecatedApis";
import { defineQuestion } from "./question";

/** `kube-audit deprecated [SOURCE…]`. */
export const command = defineQuestion({
    usage: `usage: kube-audit deprecated [SOURCE…]

Says who still uses deprecated versions of APIs, and in which minor version of Kubernetes they are gone.
`,
    ask: deprecatedApis,
});
