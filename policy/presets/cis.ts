import { ignore, record } from "../builder";
import {
    events,
    healthChecks,
    interactiveSessions,
    leaderElection,
    nodeHeartbeats,
    secretsAndTokens,
} from "../namedRequests";
import { changeVerbs, configMaps, deployments, pods, readVerbs } from "../requests";
import { definePreset } from "./preset";

/**
 * What recommendation 3.2.2 of the CIS Kubernetes Benchmark lists, with every kind named, as Kubescape (C-0161) and
 * KICS look for the names.
 */
export const cis = definePreset({
    name: "cis",
    description:
        "What the CIS Kubernetes Benchmark asks of a policy: no bodies of Secrets, ConfigMaps and TokenReviews, " +
        "changes of Pods and Deployments, sessions and proxied connections, and the metadata of most else.",
    parameters: [],
    settings: { omitStages: ["RequestReceived"] },
    rules: () => [
        [
            "Who reads or changes Secrets, ConfigMaps and tokens, never their bodies.",
            record(secretsAndTokens()).of(configMaps()).at("Metadata"),
        ],
        ["Exec, attach, port-forward and the proxies.", record(interactiveSessions()).at("Metadata")],
        [
            "Changes of Pods and Deployments, with what was sent.",
            record(...changeVerbs)
                .of(pods(), deployments())
                .at("Request"),
        ],
        [
            "Reads of Pods and Deployments, without bodies. Here so that they are named at this level.",
            record(...readVerbs)
                .of(pods(), deployments())
                .at("Metadata"),
        ],
        ["Kubelets and load balancers ask these every few seconds.", ignore(healthChecks())],
        ["Nodes say that they live, every ten seconds each.", ignore(nodeHeartbeats())],
        ["The control plane's leaders say that they lead, every two seconds each.", ignore(leaderElection())],
        [
            "Events are a log of their own, in two API groups. Those of people stay.",
            ignore(events()).byGroup("system:serviceaccounts", "system:nodes"),
        ],
        ["The metadata of everything else.", record().at("Metadata")],
    ],
});
