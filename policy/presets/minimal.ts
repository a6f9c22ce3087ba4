import { ignore, record } from "../builder";
import { events, interactiveSessions } from "../namedRequests";
import { changeVerbs, core, group, leases, secrets } from "../requests";
import { definePreset } from "./preset";

/** The least that answers who changed something: changes, secrets and sessions, without bodies. */
export const minimal = definePreset({
    name: "minimal",
    description:
        "Who changed something, touched a secret or opened a session, without bodies. Reads are not recorded, nor " +
        "what the cluster does all the time by itself.",
    parameters: [],
    settings: { omitStages: ["RequestReceived"] },
    rules: () => [
        [
            "A session in a container, or a proxied connection, leaves no other trace.",
            record(interactiveSessions()).at("Metadata"),
        ],
        ["Whoever reads a secret has it. Never with bodies.", record(secrets()).at("Metadata")],
        [
            "Events are a log of their own, in two API groups, and more numerous than all other writes.",
            ignore(events()),
        ],
        ["Heartbeats of nodes and leaders: each of them every few seconds.", ignore(leases())],
        [
            "Questions rather than changes, although their verb is create: is this token good, may this user do that?",
            ignore("create").of(
                group("authentication.k8s.io", "tokenreviews", "selfsubjectreviews"),
                group("authorization.k8s.io"),
            ),
        ],
        [
            "What nodes and controllers report of what they see; nobody asked for it.",
            ignore("update", "patch")
                .of(core("*/status", "endpoints"), group("apps", "*/status"), group("batch", "*/status"))
                .of(group("discovery.k8s.io", "endpointslices"))
                .byGroup("system:nodes", "system:serviceaccounts"),
        ],
        ["All other changes, by whomever.", record(...changeVerbs).at("Metadata")],
    ],
});
