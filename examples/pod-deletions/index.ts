import * as pulumi from "@pulumi/pulumi";
import { ApiServerAudit } from "kube-apiserver-audit";

// Who deleted webapp-pod? Only that is recorded, with everything that was sent and answered.
const config = new pulumi.Config("pod-deletions");

const audit = new ApiServerAudit("pod-deletions", {
    hosts: [{ name: "cp-1", host: config.require("host"), hostKey: config.require("hostKey") }],
    connection: { user: config.get("user") ?? "root", privateKey: config.requireSecret("privateKey") },
    policy: {
        rules: [
            {
                level: "RequestResponse",
                verbs: ["delete"],
                resources: [{ group: "", resources: ["pods"], resourceNames: ["webapp-pod"] }],
                namespaces: ["prod-namespace"],
            },
        ],
        // The event that tells the outcome is enough.
        omitStages: ["RequestReceived"],
    },
});

export const reports = audit.reports;
