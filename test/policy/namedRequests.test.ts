import assert from "node:assert/strict";
import { checkPolicy } from "../../policy/check";
import { evaluate } from "../../policy/evaluate";
import * as named from "../../policy/namedRequests";
import type { Policy } from "../../policy/types";
import { request } from "./request";

const groups: Record<keyof typeof named, { matches: string[]; others: string[] }> = {
    secretsAndTokens: {
        matches: [
            "get tim :secrets in default",
            "list tim :secrets",
            "create tim :serviceaccounts/token in default",
            "create tim authentication.k8s.io:tokenreviews",
            "create tim certificates.k8s.io:certificatesigningrequests",
            "update tim certificates.k8s.io:certificatesigningrequests/approval",
            "patch tim certificates.k8s.io:certificatesigningrequests/status",
            "create tim certificates.k8s.io:podcertificaterequests in default",
            "update tim certificates.k8s.io:podcertificaterequests/status in default",
        ],
        others: [
            "get tim :configmaps in default",
            "create tim :serviceaccounts in default",
            "create tim authentication.k8s.io:selfsubjectreviews",
            "get tim example.com:secrets in default",
        ],
    },
    healthChecks: {
        matches: ["get tim /healthz", "get tim /livez", "get tim /readyz"],
        others: ["get tim /readyz/etcd", "get tim /metrics", "get tim :pods"],
    },
    discovery: {
        matches: [
            "get tim /api",
            "get tim /api/v1",
            "get tim /apis",
            "get tim /apis/apps/v1",
            "get tim /openapi/v3",
            "get tim /version",
        ],
        others: ["get tim /", "get tim /apix", "get tim /metrics", "get tim :pods"],
    },
    events: {
        matches: ["create tim :events in default", "list tim events.k8s.io:events"],
        others: ["create tim :pods in default", "create tim example.com:events in default"],
    },
    nodeHeartbeats: {
        matches: [
            "update system:node:a coordination.k8s.io:leases in kube-node-lease",
            "get system:node:a coordination.k8s.io:leases in kube-node-lease",
            "patch system:node:a :nodes/status",
        ],
        others: [
            "update tim coordination.k8s.io:leases in kube-node-lease",
            "delete system:node:a coordination.k8s.io:leases in kube-node-lease",
            "update system:node:a coordination.k8s.io:leases in kube-system",
            "patch system:node:a :nodes",
            "patch system:node:a :pods/status in default",
        ],
    },
    leaderElection: {
        matches: [
            "update system:kube-scheduler coordination.k8s.io:leases in kube-system",
            "get system:apiserver coordination.k8s.io:leases in kube-system",
        ],
        others: [
            "delete system:kube-scheduler coordination.k8s.io:leases in kube-system",
            "update tim coordination.k8s.io:leases in kube-system",
            "update system:kube-scheduler :pods in kube-system",
        ],
    },
    controllerNoise: {
        matches: [
            "watch system:kube-proxy discovery.k8s.io:endpointslices",
            "list system:kube-controller-manager :pods",
            "get system:apiserver /apis",
        ],
        others: ["watch tim :pods", "update system:kube-controller-manager :pods in default"],
    },
    interactiveSessions: {
        matches: [
            "create tim :pods/exec in default",
            "get tim :pods/attach in default",
            "create tim :pods/portforward in default",
            "get tim :pods/proxy in default",
            "get tim :services/proxy in default",
            "get tim :nodes/proxy",
        ],
        others: ["create tim :pods in default", "get tim :pods/log in default"],
    },
    accessControl: {
        matches: [
            "create tim rbac.authorization.k8s.io:clusterroles",
            "get tim rbac.authorization.k8s.io:rolebindings in default",
        ],
        others: ["create tim authorization.k8s.io:subjectaccessreviews", "create tim :serviceaccounts in default"],
    },
};

describe("named groups of requests", () => {
    for (const [name, { matches, others }] of Object.entries(groups)) {
        const policy: Policy = { rules: [{ level: "Metadata", ...named[name as keyof typeof named]() }] };

        it(`${name}() makes a rule that every version accepts`, () => {
            assert.deepEqual(checkPolicy(policy, { kubernetes: 24 }).findings, []);
            assert.deepEqual(checkPolicy(policy, { kubernetes: 36 }).findings, []);
        });

        it(`${name}() matches what it says, and nothing near it`, () => {
            const matched = [...matches, ...others].filter((text) => evaluate(policy, request(text)).rule === 0);
            assert.deepEqual(matched, matches);
        });
    }
});
