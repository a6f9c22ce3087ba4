import assert from "node:assert/strict";
import { apiServerUnit, environmentFile, flagsOf } from "../../sandbox/systemdNode";

const MANIFEST = `apiVersion: v1
kind: Pod
spec:
  containers:
  - command:
    - kube-apiserver
    - --allow-privileged=true
    - --etcd-servers=https://127.0.0.1:2379
    - --secure-port=6443
`;

describe("a host with units", () => {
    it("starts the API server with kubeadm's flags, some of them in the environment file", () => {
        const flags = flagsOf(MANIFEST);
        assert.deepEqual(flags, [
            "--allow-privileged=true",
            "--etcd-servers=https://127.0.0.1:2379",
            "--secure-port=6443",
        ]);
        assert.equal(
            environmentFile(flags),
            '# Settings of kube-apiserver\nKUBE_APISERVER_ARGS="--etcd-servers=https://127.0.0.1:2379"\n',
        );
        assert.deepEqual(/^ExecStart=[\s\S]*?[^\\]$/m.exec(apiServerUnit(flags))?.[0].split(" \\\n"), [
            "ExecStart=/usr/local/bin/kube-apiserver",
            "  --allow-privileged=true",
            "  --secure-port=6443",
            "  $KUBE_APISERVER_ARGS",
        ]);
    });
});
