import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AWKS, runWithAwk, SHELLS } from "./awks";

const PEERS = readFileSync(join(__dirname, "../../host/peers.sh"), "utf8");

/** Answers as an API server does that is asked for readable JSON; of the peers, those named in "down" are. */
const DRIVER = `
set -eu
request() {
    case $1 in
    /apis/discovery.k8s.io/*) cat "$directory/answer-slices" ;;
    /api/v1/namespaces/kube-system/pods*) cat "$directory/answer-pods" ;;
    /api/v1/nodes*) cat "$directory/answer-nodes" ;;
    /readyz) ! grep -qxF "$2" "$directory/down" || { echo "$2 refused"; return 1; } ;;
    esac
}
complaint() { cat "$directory/readyz"; }
directory=$1
{
    find_peers "$directory" "$2" 6443 || { echo "not found: $(cat "$directory/error")"; exit 0; }
    cat "$directory/peers"
    peers_are_ready "$directory" || { cat "$directory/unhealthy"; echo; }
    ls "$directory"
} >"$directory/result" 2>&1
`;

interface Node {
    readonly name: string;
    readonly internal: string;
    /** Where its API server answers, as kubeadm notes it in the pod; undefined where it has no pod. */
    readonly pod?: string;
}

const json = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;

function pods(nodes: readonly Node[]): string {
    const items = nodes.flatMap(({ name, pod }) =>
        pod === undefined
            ? []
            : {
                  metadata: {
                      name: `kube-apiserver-${name}`,
                      namespace: "kube-system",
                      annotations: {
                          "kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint": pod,
                          "kubernetes.io/config.source": "file",
                      },
                      ownerReferences: [{ apiVersion: "v1", kind: "Node", name, controller: true }],
                  },
                  spec: {
                      containers: [{ name: "kube-apiserver", ports: [{ name: "probe-port", containerPort: 6443 }] }],
                      nodeName: name,
                      hostNetwork: true,
                  },
                  status: { phase: "Running", hostIP: "192.0.2.99", podIPs: [{ ip: "192.0.2.99" }] },
              },
    );
    return json({ kind: "PodList", apiVersion: "v1", metadata: { resourceVersion: "1" }, items });
}

function nodeList(nodes: readonly Node[]): string {
    const items = nodes.map(({ name, internal }) => ({
        metadata: {
            name,
            labels: { "kubernetes.io/hostname": name, "node-role.kubernetes.io/control-plane": "" },
            managedFields: [{ manager: "kubelet", fieldsV1: { "f:status": {} } }],
        },
        spec: { podCIDR: "10.244.0.0/24", taints: [{ key: "node-role.kubernetes.io/control-plane" }] },
        status: {
            capacity: { cpu: "2" },
            conditions: [{ type: "Ready", status: "True" }],
            addresses: [
                { type: "ExternalIP", address: "203.0.113.1" },
                { type: "InternalIP", address: internal },
                { type: "Hostname", address: name },
            ],
            images: [{ names: ["registry.k8s.io/pause:3.10"], sizeBytes: 1 }],
        },
    }));
    return json({ kind: "NodeList", apiVersion: "v1", metadata: {}, items });
}

function slices(...addresses: readonly string[]): string {
    const families = [
        ["IPv4", addresses.filter((address) => !address.includes(":"))],
        ["IPv6", addresses.filter((address) => address.includes(":"))],
    ] as const;
    const items = families
        .filter(([, list]) => list.length > 0)
        .map(([addressType, list]) => ({
            metadata: { name: "kubernetes", namespace: "default", uid: "0-1" },
            addressType,
            endpoints: list.map((address) => ({ addresses: [address], conditions: { ready: true } })),
            ports: [{ name: "https", port: 6443, protocol: "TCP" }],
        }));
    return json({ kind: "EndpointSliceList", apiVersion: "discovery.k8s.io/v1", metadata: {}, items });
}

interface Case {
    readonly what: string;
    readonly nodes: readonly Node[];
    readonly serving: readonly string[];
    readonly down?: readonly string[];
    /** This host's own address. Default: that of cp-1. */
    readonly own?: string;
    readonly peers: readonly string[];
    readonly unhealthy?: string;
}

const CP: readonly Node[] = [1, 2, 3].map((n) => ({
    name: `cp-${n}`,
    internal: `192.0.2.1${n}`,
    pod: `192.0.2.1${n}:6443`,
}));

const CASES: readonly Case[] = [
    { what: "a cluster of one", nodes: [CP[0]!], serving: ["192.0.2.11"], peers: [] },
    {
        what: "all of three healthy",
        nodes: CP,
        serving: ["192.0.2.11", "192.0.2.12", "192.0.2.13"],
        peers: ["cp-2 192.0.2.12:6443", "cp-3 192.0.2.13:6443"],
    },
    {
        what: "one that has left the endpoints because it is down",
        nodes: CP,
        serving: ["192.0.2.11", "192.0.2.13"],
        down: ["192.0.2.12:6443"],
        peers: ["cp-2 192.0.2.12:6443", "cp-3 192.0.2.13:6443"],
        unhealthy: "cp-2 (192.0.2.12:6443): 192.0.2.12:6443 refused",
    },
    {
        what: "one whose manifest, and so its pod, was taken away",
        nodes: [CP[0]!, { name: "cp-2", internal: "198.51.100.2" }, CP[2]!],
        serving: ["192.0.2.11"],
        down: ["198.51.100.2:6443", "192.0.2.13:6443"],
        peers: ["cp-3 192.0.2.13:6443", "cp-2 198.51.100.2:6443"],
        unhealthy:
            "cp-3 (192.0.2.13:6443): 192.0.2.13:6443 refused; cp-2 (198.51.100.2:6443): 198.51.100.2:6443 refused",
    },
    {
        what: "API servers that are no pods, of which only the endpoints are known",
        nodes: [],
        serving: ["192.0.2.11", "192.0.2.12"],
        down: ["192.0.2.12:6443"],
        peers: ["- 192.0.2.12:6443"],
        unhealthy: "192.0.2.12:6443: 192.0.2.12:6443 refused",
    },
    {
        what: "API servers that answer at another address than their nodes, and on another port",
        nodes: [CP[0]!, { name: "cp-2", internal: "192.0.2.12", pod: "198.51.100.2:8443" }],
        serving: ["192.0.2.11"],
        peers: ["cp-2 198.51.100.2:8443"],
    },
    {
        what: "IPv6",
        own: "2001:db8::1",
        nodes: [
            { name: "cp-1", internal: "2001:db8::1", pod: "[2001:db8::1]:6443" },
            { name: "cp-2", internal: "2001:db8::2" },
        ],
        serving: ["2001:db8::1", "2001:db8::3"],
        peers: ["cp-2 [2001:db8::2]:6443", "- [2001:db8::3]:6443"],
    },
];

describe("peers.sh", () => {
    let directory: string;

    beforeEach(() => {
        directory = mkdtempSync(join(tmpdir(), "peers-"));
    });

    afterEach(() => {
        rmSync(directory, { recursive: true });
    });

    async function resultOf(
        shell: (typeof SHELLS)[number],
        awk: (typeof AWKS)[number],
        answers: Readonly<Record<string, string>>,
        own = "192.0.2.11",
    ): Promise<string[]> {
        for (const [name, text] of Object.entries(answers)) {
            writeFileSync(join(directory, name), text);
        }
        await runWithAwk(shell, awk, PEERS + DRIVER, [directory, own], directory);
        return readFileSync(join(directory, "result"), "utf8").trimEnd().split("\n");
    }

    for (const shell of SHELLS) {
        for (const awk of AWKS) {
            it(`finds the other API servers and asks each under ${shell} with ${awk}`, async () => {
                for (const { what, nodes, serving, down = [], own, peers, unhealthy } of CASES) {
                    const answers = {
                        "answer-slices": slices(...serving),
                        "answer-pods": pods(nodes),
                        "answer-nodes": nodeList(nodes),
                        down: down.map((endpoint) => `${endpoint}\n`).join(""),
                    };
                    const result = await resultOf(shell, awk, answers, own);
                    const said = result.slice(0, result.indexOf("answer-nodes"));
                    assert.deepEqual(said, [...peers, ...(unhealthy === undefined ? [] : [unhealthy])], what);
                    for (const name of ["pods", "nodes", "slices"]) {
                        assert.ok(!result.includes(name), `${what}: the file ${name} is left`);
                    }
                }
            });
        }
    }

    it("says why they cannot be asked for, whichever question fails", async () => {
        const answers = {
            "answer-slices": slices("192.0.2.11"),
            "answer-pods": pods(CP),
            "answer-nodes": nodeList(CP),
            down: "",
        };
        for (const name of ["slices", "pods", "nodes"]) {
            rmSync(directory, { recursive: true });
            directory = mkdtempSync(join(tmpdir(), "peers-"));
            const rest = Object.fromEntries(Object.entries(answers).filter(([key]) => key !== `answer-${name}`));
            const [said] = await resultOf("dash", "mawk", rest);
            assert.match(said!, new RegExp(`^not found: cat: .*/answer-${name}: No such file or directory$`));
        }
    });
});
