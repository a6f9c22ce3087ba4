import { ignore, record } from "../builder";
import { changeVerbs, core, group, noNamespace } from "../requests";
import { definePreset, type ReasonedRule } from "./preset";

/** Equal in effect to OpenShift's profile `Default`: everything without bodies, but logins with them. */
export const openshiftDefault = definePreset({
    name: "openshift-default",
    description: "Equal in effect to OpenShift's audit profile Default: every request without bodies.",
    parameters: [],
    settings: { omitStages: ["RequestReceived"], omitManagedFields: true },
    rules: () => [
        ...always(),
        [
            "Ties a user name to the identity provider's.",
            record("create", "update", "patch", "delete")
                .of(group("user.openshift.io", "identities"))
                .of(group("oauth.openshift.io", "oauthaccesstokens", "oauthauthorizetokens"))
                .at("RequestResponse"),
        ],
        ["Everything else.", record().at("Metadata"), { "node-leases": "as in OpenShift" }],
    ],
});

/** Equal in effect to OpenShift's profile `WriteRequestBodies`: changes with bodies. */
export const openshiftWriteRequestBodies = definePreset({
    name: "openshift-write-request-bodies",
    description:
        "Equal in effect to OpenShift's audit profile WriteRequestBodies: changes with what was sent and answered, " +
        "reads without.",
    parameters: [],
    settings: { omitStages: ["RequestReceived"], omitManagedFields: true },
    rules: () => [
        ...always(),
        ...sensitive(),
        [
            "Changes with everything.",
            record(...changeVerbs).at("RequestResponse"),
            { "sensitive-body": "as in OpenShift", "node-leases": "as in OpenShift" },
        ],
        ["Everything else.", record().at("Metadata")],
    ],
});

/** Equal in effect to OpenShift's profile `AllRequestBodies`: reads with bodies, too. */
export const openshiftAllRequestBodies = definePreset({
    name: "openshift-all-request-bodies",
    description:
        "Equal in effect to OpenShift's audit profile AllRequestBodies: every request with what was sent and answered, " +
        "but for what holds credentials.",
    parameters: [],
    settings: { omitStages: ["RequestReceived"], omitManagedFields: true },
    rules: () => [
        ...always(),
        ...sensitive(),
        [
            "Everything with everything.",
            record().at("RequestResponse"),
            {
                "sensitive-body": "as in OpenShift",
                "bodies-of-reads": "as in OpenShift",
                "node-leases": "as in OpenShift",
            },
        ],
    ],
});

/** What every profile begins with. */
function always(): [ReasonedRule, ReasonedRule] {
    return [
        [
            "Health, version and discovery; not of requests that fail to authenticate.",
            ignore()
                .byGroup("system:authenticated", "system:unauthenticated")
                .to("/api*", "/version", "/healthz", "/readyz", "/livez"),
        ],
        [
            "The API server counts requests for deprecated resources, constantly.",
            ignore()
                .by("system:apiserver")
                .of(group("apiserver.openshift.io", "apirequestcounts", "apirequestcounts/*"))
                .in(noNamespace),
        ],
    ];
}

/**
 * What is never recorded with bodies: keys, tokens, and the configuration of machines. Upstream says `resource` of the
 * last, which is no field, and so has the whole group; and it names `tokenrequests`, which is no kind of its group.
 */
function sensitive(): [ReasonedRule] {
    return [
        [
            "What holds credentials: routes with their keys, secrets, tokens, clients, machines' configuration.",
            record(group("route.openshift.io", "routes", "routes/status"))
                .of(core("secrets", "serviceaccounts/token"))
                .of(group("authentication.k8s.io", "tokenreviews"))
                .of(group("oauth.openshift.io", "oauthclients", "tokenreviews"))
                .of(group("machineconfiguration.openshift.io"))
                .at("Metadata"),
        ],
    ];
}
