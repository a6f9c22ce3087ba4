import { ignore, record } from "../builder";
import {
    accessControl,
    controllerNoise,
    discovery,
    events,
    healthChecks,
    interactiveSessions,
    leaderElection,
    nodeHeartbeats,
    secretsAndTokens,
} from "../namedRequests";
import { changeVerbs, core, group, leases } from "../requests";
import { definePreset } from "./preset";

/**
 * Our best default: quiet, without the bodies of anything that holds credentials, with the bodies of changes, and with
 * everything that Falco's rules need. ConfigMaps are recorded with what was written to them, as one of Falco's rules
 * reads it; whoever keeps credentials in them had better take `cis`.
 */
export const recommended = definePreset({
    name: "recommended",
    description:
        "Changes with what was sent, access to credentials and all other requests without bodies, and little of the " +
        "cluster's own noise. Blinds none of Falco's rules.",
    parameters: [],
    settings: { omitStages: ["RequestReceived"], omitManagedFields: true },
    rules: () => [
        [
            "Sessions in containers and proxied connections. ResponseStarted stays: it says that a session began, " +
                "while it lasts; Falco waits for it. The command of an exec is in the URL.",
            record(interactiveSessions()).at("Metadata"),
        ],
        [
            "Who reads or changes credentials, never their bodies. Before every rule that ignores something.",
            record(secretsAndTokens()).at("Metadata"),
        ],
        ["Kubelets and load balancers ask these every few seconds.", ignore(healthChecks())],
        [
            "Controllers and nodes ask which resources there are. People and anonymous requests stay.",
            ignore(discovery()).byGroup("system:serviceaccounts", "system:nodes"),
        ],
        [
            "Events are a log of their own, in two API groups. Those of people and outsiders stay.",
            ignore(events()).byGroup("system:serviceaccounts", "system:nodes"),
        ],
        [
            "The same of the components that have a user of their own.",
            ignore(events()).by("system:kube-scheduler", "system:kube-controller-manager", "system:apiserver"),
        ],
        ["Nodes say that they live, every ten seconds each.", ignore(nodeHeartbeats())],
        ["The control plane's leaders say that they lead, every two seconds each.", ignore(leaderElection())],
        [
            "So do other controllers. Whoever creates or deletes a lease stays.",
            ignore("get", "update").of(leases()).byGroup("system:serviceaccounts"),
        ],
        ["The control plane reads everything all the time; of secrets, see above.", ignore(controllerNoise())],
        [
            "Nodes read their pods and what belongs to them. Lists stay: a node has few to make.",
            ignore("get", "watch").byGroup("system:nodes"),
        ],
        [
            "Controllers in kube-system watch what they control.",
            ignore("watch").byGroup("system:serviceaccounts:kube-system"),
        ],
        [
            "What is reported rather than decided changes constantly: that it did is enough.",
            record("update", "patch")
                .of(core("*/status", "endpoints"), group("apps", "*/status"), group("batch", "*/status"))
                .of(
                    group("autoscaling", "*/status"),
                    group("policy", "*/status"),
                    group("networking.k8s.io", "*/status"),
                )
                .at("Metadata"),
        ],
        [
            "Who may do what: with the answer, as the object that results is what counts.",
            record(...changeVerbs)
                .of(accessControl())
                .at("RequestResponse"),
        ],
        [
            "All other changes with what was sent, in groups that are not meant for credentials; custom resources may be. " +
                "Definitions of custom resources are left out, too: they are huge.",
            record(...changeVerbs)
                .of(
                    group(""),
                    group("admissionregistration.k8s.io"),
                    group("apiregistration.k8s.io"),
                    group("apps"),
                    group("autoscaling"),
                    group("batch"),
                    group("events.k8s.io"),
                    group("flowcontrol.apiserver.k8s.io"),
                    group("networking.k8s.io"),
                    group("node.k8s.io"),
                    group("policy"),
                    group("scheduling.k8s.io"),
                    group("storage.k8s.io"),
                )
                .at("Request"),
        ],
        [
            "One event a watch instead of two. Only of users that are known: a request that fails to authenticate has " +
                "no event but that of ResponseStarted.",
            record("watch").byGroup("system:authenticated").omittingStages("ResponseStarted").at("Metadata"),
        ],
        ["Everything else.", record().at("Metadata")],
    ],
});
