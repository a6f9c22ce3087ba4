import assert from "node:assert/strict";
import { parse, parseAllDocuments } from "yaml";
import { balancerConfig, clusterSettings, initConfig, joinConfig } from "../../sandbox/highAvailability";
import { kubeadmConfig } from "../../sandbox/kubeadm";

const CLUSTER = clusterSettings("192.0.2.91:6443");
const SETTINGS = { nodeName: "cp-1", address: "192.0.2.11", patches: "/etc/kubeadm/patches" };

const documents = (text: string) =>
    parseAllDocuments(text).map((document) => document.toJS() as Record<string, unknown>);

describe("a cluster's configuration", () => {
    it("has secrets as kubeadm wants them, others for each cluster", () => {
        assert.match(CLUSTER.token, /^[a-z0-9]{6}\.[a-z0-9]{16}$/);
        assert.match(CLUSTER.certificateKey, /^[0-9a-f]{64}$/);
        assert.notEqual(clusterSettings("a:1").token, CLUSTER.token);
    });

    it("is that of a single node, with what others need to join", () => {
        const [init, single, ...rest] = documents(kubeadmConfig(SETTINGS));
        // Of several controller managers and schedulers one has to lead.
        const cluster = Object.fromEntries(
            Object.entries(single!).filter(([key]) => !["controllerManager", "scheduler"].includes(key)),
        );
        assert.deepEqual(documents(initConfig(CLUSTER, SETTINGS)), [
            { ...init, bootstrapTokens: [{ token: CLUSTER.token }], certificateKey: CLUSTER.certificateKey },
            { ...cluster, controlPlaneEndpoint: "192.0.2.91:6443", etcd: { local: { imageTag: "3.6.5-0" } } },
            ...rest,
        ]);
    });

    it("lets a node join with the settings that the first one has", () => {
        const [init] = documents(kubeadmConfig(SETTINGS));
        assert.deepEqual(parse(joinConfig(CLUSTER, SETTINGS)), {
            apiVersion: "kubeadm.k8s.io/v1beta4",
            kind: "JoinConfiguration",
            discovery: {
                bootstrapToken: {
                    apiServerEndpoint: "192.0.2.91:6443",
                    token: CLUSTER.token,
                    unsafeSkipCAVerification: true,
                },
            },
            controlPlane: {
                certificateKey: CLUSTER.certificateKey,
                localAPIEndpoint: { advertiseAddress: "192.0.2.11" },
            },
            nodeRegistration: init!.nodeRegistration,
            patches: { directory: "/etc/kubeadm/patches" },
        });
    });

    it("sends clients to every node", () => {
        const nodes = [
            { name: "cp-1", address: "192.0.2.11" },
            { name: "cp-2", address: "192.0.2.12" },
        ];
        assert.deepEqual(balancerConfig(nodes).match(/^ {4}server .*$/gm), [
            "    server cp-1 192.0.2.11:6443",
            "    server cp-2 192.0.2.12:6443",
        ]);
    });
});
