import assert from "node:assert/strict";
import { apiServerSource, type ApiServerSource } from "../../host/apiServerSource";

describe("apiServerSource", () => {
    const cases: [string | undefined, string | undefined, ApiServerSource | string][] = [
        [undefined, undefined, { flavour: "auto", unit: "kube-apiserver.service" }],
        ["kubeadm", undefined, { flavour: "kubeadm", unit: "kube-apiserver.service" }],
        ["systemd", undefined, { flavour: "systemd", unit: "kube-apiserver.service" }],
        [
            undefined,
            "snap.kube-apiserver.daemon.service",
            { flavour: "systemd", unit: "snap.kube-apiserver.daemon.service" },
        ],
        ["systemd", "kube-apiserver@a.service", { flavour: "systemd", unit: "kube-apiserver@a.service" }],
        ["k3s", undefined, 'flavour is "k3s"; give kubeadm or systemd, or leave it out.'],
        [
            "kubeadm",
            "a.service",
            "unit is given with flavour kubeadm, whose API server is a static pod; leave one of them out.",
        ],
        [undefined, "a", 'unit is "a"; give the name of a service, such as kube-apiserver.service.'],
        [
            undefined,
            "../a.service",
            'unit is "../a.service"; give the name of a service, such as kube-apiserver.service.',
        ],
        [undefined, "-a.service", 'unit is "-a.service"; give the name of a service, such as kube-apiserver.service.'],
        [
            undefined,
            "a b.service",
            'unit is "a b.service"; give the name of a service, such as kube-apiserver.service.',
        ],
    ];
    for (const [flavour, unit, expected] of cases) {
        it(`reads ${String(flavour)} and ${String(unit)}`, () => {
            assert.deepEqual(apiServerSource(flavour, unit), expected);
        });
    }
});
