import assert from "node:assert/strict";
import { parseKubernetesVersion } from "../../policy/kubernetes";

describe("parseKubernetesVersion", () => {
    const minors: [string, number][] = [
        ["1.34", 34],
        ["v1.34", 34],
        ["v1.34.4", 34],
        ["1.24.0", 24],
        ["v1.33.5+k3s1", 33],
        ["1.34.4-gke.100", 34],
        ["v1.36.0-rc.1", 36],
        ["1.29+", 29],
        ["v1.31.7-eks-abcdef0", 31],
        [" 1.34\n", 34],
        ["1.99.1", 99],
    ];
    for (const [version, minor] of minors) {
        it(`reads ${JSON.stringify(version)} as ${minor}`, () => {
            assert.equal(parseKubernetesVersion(version), minor);
        });
    }

    const refused: [string, RegExp][] = [
        ["1.23.17", /^Kubernetes 1\.23 is too old; audit\.k8s\.io\/v1 policies are supported from 1\.24 on\.$/],
        ["", /^"" is not a Kubernetes version; write it like 1\.36 or v1\.36\.2\.$/],
        ["34", /is not a Kubernetes version/],
        ["2.1", /is not a Kubernetes version/],
        ["1.34x", /is not a Kubernetes version/],
    ];
    for (const [version, message] of refused) {
        it(`refuses ${JSON.stringify(version)}`, () => {
            assert.throws(() => parseKubernetesVersion(version), { message });
        });
    }
});
