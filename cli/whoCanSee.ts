import { whoCanSee } from "../events/questions/whoCanSee";
import { defineQuestion } from "./question";

/** `kube-audit who-can-see [SOURCE…]`. */
export const command = defineQuestion({
    usage: `usage: kube-audit who-can-see [SOURCE…] [--resource RESOURCE] [--name NAME] [-n NAMESPACE]

Says who has read which secrets, or which objects of another resource, and so can know what is in them. A list or a watch
without a name has shown all that are in the namespace, or in the cluster.

  --resource RESOURCE   the plural; default: secrets
`,
    ask: (_, values) => whoCanSee(values.resource?.[0] ?? "secrets"),
});
