import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { ApiServerAudit, type HostArgs, type LogArgs } from "kube-apiserver-audit";

// Everything comes from the stack's configuration; see Pulumi.yaml for what there is.
const config = new pulumi.Config("kube-apiserver-audit");
const knownHosts = config.get("knownHosts");

const audit = new ApiServerAudit("audit", {
    hosts: config.requireObject<HostArgs[]>("hosts"),
    connection: {
        user: config.get("user") ?? "root",
        privateKey: config.requireSecret("privateKey"),
        ...(knownHosts && { knownHosts: readFileSync(knownHosts, "utf8") }),
    },
    policyFile: join(__dirname, config.get("policyFile") ?? "audit-policy.yaml"),
    log: config.getObject<LogArgs>("log") ?? {},
});

export const reports = audit.reports;
