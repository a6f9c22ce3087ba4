import { record } from "../builder";
import { core, named, pods } from "../requests";
import { definePreset } from "./preset";

/** Who deleted one pod: only that is recorded, with everything that was sent and answered. */
export const podDeletions = definePreset<[namespace: string, name: string]>({
    name: "pod-deletions",
    description: "Who deleted one pod, in every way there is, with what was sent and answered; nothing else.",
    parameters: ["namespace", "name"],
    settings: { omitStages: ["RequestReceived"] },
    rules: (namespace, name) => [
        ["kubectl delete pod.", record("delete").of(pods(name)).in(namespace).at("RequestResponse")],
        [
            "An eviction, as by kubectl drain, deletes the pod too.",
            record("create")
                .of(named(core("pods/eviction"), name))
                .in(namespace)
                .at("RequestResponse"),
        ],
        [
            "Deleting many at once names none of them. The answer has all of them and can be large: only the request.",
            record("deletecollection").of(pods()).in(namespace).at("Request"),
        ],
    ],
});
