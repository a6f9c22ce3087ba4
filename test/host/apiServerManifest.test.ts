import assert from "node:assert/strict";
import { inspectManifest, isApiServerPod, patchManifest, type ApiServerManifest } from "../../host/kubeadmManifest";
import { manifestFixtures, PLAIN_SETTINGS } from "./fixtures";

const fixture = (name: string) => manifestFixtures("manifests").find((file) => file.name === `manifests/${name}`)!.text;

describe("inspectManifest", () => {
    it("reads flags in one word or two, from command and args", () => {
        const expected: ApiServerManifest = {
            image: `registry.example:5000/kube-apiserver:v1.33.2@sha256:${"0".repeat(64)}`,
            kubernetes: 33,
            flags: [
                "--advertise-address=192.0.2.1",
                "--audit-log-path=/old/audit.log",
                "--audit-policy-file=/etc/kubernetes/old-policy.yaml",
                "--audit-log-maxage=3",
                "--audit-log-compress",
                "--audit-webhook-config-file=/etc/kubernetes/webhook.yaml",
                "--v=2",
                "--audit-log-maxbackup=3",
                "--secure-port=8443",
            ],
            mounts: [
                {
                    name: "ca-certs",
                    mountPath: "/etc/ssl/certs",
                    readOnly: true,
                    partial: false,
                    hostPath: "/etc/ssl/certs",
                    hostPathType: "DirectoryOrCreate",
                },
            ],
            advertiseAddress: "192.0.2.1",
            securePort: 8443,
            terminationGracePeriodSeconds: 3,
        };
        assert.deepEqual(inspectManifest(fixture("args-and-pairs.yaml")), expected);
    });

    it("reads JSON, and says what is the API server's default", () => {
        const pod = {
            apiVersion: "v1",
            kind: "Pod",
            spec: {
                containers: [
                    {
                        name: "kube-apiserver",
                        args: ["--audit-log-path", "--odd", "--secure_port=1", "--secure-port", "443"],
                        image: "localhost:1.30/x",
                        volumeMounts: [{ name: "gone", mountPath: "/x", subPath: "y" }],
                    },
                ],
            },
        };
        assert.deepEqual(inspectManifest(JSON.stringify(pod)), {
            image: "localhost:1.30/x",
            kubernetes: undefined,
            flags: ["--audit-log-path=--odd", "--secure-port=1", "--secure-port=443"],
            mounts: [
                {
                    name: "gone",
                    mountPath: "/x",
                    readOnly: false,
                    partial: true,
                    hostPath: undefined,
                    hostPathType: undefined,
                },
            ],
            advertiseAddress: undefined,
            securePort: 443,
            terminationGracePeriodSeconds: 30,
        });
    });

    const images: [image: string, kubernetes: number | undefined][] = [
        ["registry.k8s.io/kube-apiserver:v1.34.4", 34],
        ["kube-apiserver:1.9", 9],
        ["kube-apiserver-amd64:v1.31.0-rc.1_x", 31],
        ["kube-apiserver:latest", undefined],
        ["kube-apiserver:v2.34.1", undefined],
        [`kube-apiserver@sha256:${"1".repeat(64)}`, undefined],
        ["registry:1.30/kube-apiserver", undefined],
    ];
    for (const [image, kubernetes] of images) {
        it(`takes ${image} for Kubernetes 1.${kubernetes ?? "?"}`, () => {
            const text = fixture("documentation.yaml").replace(/image: .*/, `image: ${image}`);
            assert.equal(inspectManifest(text).kubernetes, kubernetes);
        });
    }

    it("sees the flags and mounts that a patch added", () => {
        const { flags, mounts } = inspectManifest(patchManifest(fixture("flow-style.yaml"), PLAIN_SETTINGS));
        assert.deepEqual(flags, [
            "--advertise-address=192.0.2.1",
            "--oidc-client-id=a#b",
            "--service-account-issuer=it's: é",
            ...PLAIN_SETTINGS.flags,
        ]);
        assert.deepEqual(
            mounts.map(({ mountPath }) => mountPath),
            ["/etc/ssl/certs", "/etc/kubernetes/audit", "/var/log/kubernetes/audit"],
        );
    });
});

describe("isApiServerPod", () => {
    const pod = (container: string, name = "x") =>
        `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {containers: [{name: c, ${container}}]}\n`;

    const cases: [what: string, text: string, expected: boolean][] = [
        ["its name", pod("image: x", "kube-apiserver"), true],
        ["its binary", pod("command: [/usr/bin/kube-apiserver]"), true],
        ["its binary behind a launcher", pod("command: [/go-runner, --x=y], args: [kube-apiserver, --z]"), true],
        ["a shell's script", pod('command: [sh, -c, "exec /bin/kube-apiserver --v=2"]'), true],
        ["JSON", '{"kind": "Pod", "metadata": {"name": "kube-apiserver"}}', true],
        ["duplicate keys", `${pod("image: x", "kube-apiserver")}kind: Pod\n`, true],
        ["a second document", `kind: Pod\n---\n${pod("image: x", "kube-apiserver")}`, true],
        ["another pod", pod("command: [etcd]"), false],
        ["a flag's value", pod("command: [watcher, --component, kube-apiserver]"), false],
        ["a longer name", pod("command: [kube-apiserver-exporter]", "kube-apiserver-proxy"), false],
        ["another kind", pod("command: [kube-apiserver]").replace("Pod", "PodTemplate"), false],
        ["nothing", "", false],
        ["garbage", "\0\u0001{[\t: - &a *b !!x ? |", false],
        ["text", "kube-apiserver", false],
        ["odd shapes", "kind: Pod\nmetadata: 7\nspec: {containers: {command: kube-apiserver}}\n", false],
        ["odder shapes", "kind: Pod\nspec: {containers: [null, 3, {command: 5, args: [null, [], {}]}]}\n", false],
        ["an alias to nowhere", "kind: Pod\nmetadata: *x\n", false],
    ];
    for (const [what, text, expected] of cases) {
        it(`is ${String(expected)} for ${what}`, () => {
            assert.equal(isApiServerPod(text), expected);
        });
    }
});
