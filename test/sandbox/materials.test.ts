import assert from "node:assert/strict";
import { stagingReplacements } from "../../sandbox/goBuild";
import { kubeadmConfig } from "../../sandbox/kubeadm";
import { checksumFor } from "../../sandbox/release";
import { parseAllDocuments } from "yaml";

describe("what a sandbox is made of", () => {
    const sum = "a".repeat(64);
    const other = "b".repeat(64);
    const url = "https://example.org/v1/etcd-v1.tar.gz";
    const lists: [string, string, string | undefined][] = [
        ["a bare checksum", `${sum}\n`, sum],
        ["a line of a list", `${other}  another.tar.gz\n${sum}  etcd-v1.tar.gz\n`, sum],
        ["a binary file's line", `${sum} *etcd-v1.tar.gz\n`, sum],
        ["a list without the file", `${other}  another.tar.gz\n`, undefined],
        ["upper case", sum.toUpperCase(), sum],
    ];
    for (const [what, list, expected] of lists) {
        it(`finds a checksum in ${what}`, () => {
            assert.equal(checksumFor(list, url), expected);
        });
    }

    it("repeats upstream's replacements with published modules", () => {
        const upstream = [
            "module k8s.io/kubernetes",
            "replace (",
            "\tk8s.io/api => ./staging/src/k8s.io/api",
            "\texample.org/a => example.org/b v1.0.0",
            "\tk8s.io/kms => ./staging/src/k8s.io/kms",
            ")",
        ].join("\n");
        assert.deepEqual(stagingReplacements(upstream, "v0.34.4"), [
            "\tk8s.io/api => k8s.io/api v0.34.4",
            "\tk8s.io/kms => k8s.io/kms v0.34.4",
        ]);
    });

    it("asks kubeadm for fast restarts only when it should", () => {
        const configs = [{}, { patches: "/p" }].map((extra) =>
            parseAllDocuments(kubeadmConfig({ nodeName: "cp-1", address: "10.0.0.1", ...extra })).map(
                (document) => document.toJS() as Record<string, unknown>,
            ),
        );
        assert.deepEqual(
            configs.map((documents) => documents.map(({ kind, patches }) => [kind, patches])),
            [undefined, { directory: "/p" }].map((patches) => [
                ["InitConfiguration", patches],
                ["ClusterConfiguration", undefined],
                ["KubeletConfiguration", undefined],
            ]),
        );
    });
});
