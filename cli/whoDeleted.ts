import { whoDeleted } from "../events/questions/whoDeleted";
import { findBuiltinResource } from "../policy/findResource";
import { defineQuestion } from "./question";

/** `kube-audit who-deleted RESOURCE NAME [SOURCE…]`. */
export const command = defineQuestion({
    usage: `usage: kube-audit who-deleted RESOURCE NAME [SOURCE…] [-n NAMESPACE]

Says who deleted an object: who asked for it by name, evicted it, or deleted all of its kind or its namespace, and who finished
the work. Attempts that failed are shown, too.

  RESOURCE              as kubectl takes it: pod, pods, po, deployments.apps; others by their plural
  NAME                  the object's name
`,
    words: 2,
    ask([kind, name], values) {
        const resource = findBuiltinResource()(kind!)?.resource ?? kind!.split(".", 1)[0]!;
        const [namespace] = values.namespace ?? [];
        const object = { resource, name: name!, namespace };
        delete values.namespace; // The namespace itself may be what was deleted.
        return whoDeleted(object);
    },
});
