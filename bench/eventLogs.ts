/** Audit logs to measure with: what a busy cluster writes, by a seed. */
import { closeSync, openSync, writeSync } from "node:fs";
import { Random } from "../test/oracle/random";

const RESOURCES = ["pods", "secrets", "configmaps", "leases", "deployments", "nodes", "endpoints", "services"];
const VERBS = ["get", "get", "list", "watch", "create", "update", "update", "patch", "delete"];

/** The name that every search looks for: in one line of about 8,000. */
export const WANTED_NAME = "pods-0777";

/**
 * Writes a log of the given size, in lines of the API server's own form: about 1.3 KB at the level Metadata, 8 KB with bodies.
 *
 * @returns how many events there are
 */
export function writeLog(path: string, bytes: number, withBodies: boolean, seed: number): number {
    const random = new Random(seed);
    const file = openSync(path, "w");
    let written = 0;
    let events = 0;
    for (let time = Date.parse("2026-03-02T00:00:00Z"); written < bytes; events++) {
        time += random.below(20);
        const line = `${JSON.stringify(makeEvent(random, time, withBodies))}\n`;
        written += writeSync(file, line);
    }
    closeSync(file);
    return events;
}

function makeEvent(random: Random, time: number, withBodies: boolean): unknown {
    const resource = random.pick(RESOURCES);
    const namespace = `team-${random.below(40)}`;
    const name = `${resource}-${String(random.below(1000)).padStart(4, "0")}`;
    const controller = `controller-${random.below(30)}`;
    const received = new Date(time).toISOString().replace("Z", "000Z");
    const head = {
        kind: "Event",
        apiVersion: "audit.k8s.io/v1",
        level: withBodies ? "RequestResponse" : "Metadata",
        auditID: uuid(random),
        stage: "ResponseComplete",
        requestURI: `/api/v1/namespaces/${namespace}/${resource}/${name}?timeout=10s`,
        verb: random.pick(VERBS),
        user: {
            username: `system:serviceaccount:kube-system:${controller}`,
            uid: uuid(random),
            groups: ["system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated"],
            extra: {
                "authentication.kubernetes.io/credential-id": [`JTI=${uuid(random)}`],
                "authentication.kubernetes.io/node-name": [`worker-${random.below(50)}`],
                "authentication.kubernetes.io/pod-name": [`${controller}-6799fbcd5-x${random.below(9)}k2p`],
            },
        },
        sourceIPs: [`10.0.${random.below(4)}.${random.below(250)}`],
        userAgent: `kube-controller-manager/v1.34.4 (linux/amd64) kubernetes/f3b1f8d/system:serviceaccount:kube-system:${controller}`,
        objectRef: { resource, namespace, name, apiVersion: "v1", resourceVersion: String(random.below(1e6)) },
        responseStatus: { metadata: {}, code: random.percent(3) ? 403 : 200 },
    };
    const body = withBodies ? makeBody(random, namespace, name) : undefined;
    return {
        ...head,
        ...(withBodies ? { requestObject: body, responseObject: body } : {}),
        requestReceivedTimestamp: received,
        stageTimestamp: received,
        annotations: {
            "authorization.k8s.io/decision": "allow",
            "authorization.k8s.io/reason": `RBAC: allowed by ClusterRoleBinding "system:controller:${controller}" of ClusterRole "system:controller:${controller}" to ServiceAccount "${controller}/kube-system"`,
        },
    };
}

function makeBody(random: Random, namespace: string, name: string): unknown {
    const containers = Array.from({ length: 10 }, (_, index) => ({
        name: `container-${index}`,
        image: `registry.example.com/team/service-${random.below(100)}:1.${random.below(30)}.0`,
        env: [{ name: `SETTING_${random.below(1000)}`, value: `some value ${random.below(1e9)}` }],
        resources: { limits: { cpu: "100m", memory: "128Mi" }, requests: { cpu: "50m", memory: "64Mi" } },
        volumeMounts: [{ name: "data", mountPath: "/var/lib/data", readOnly: true }],
    }));
    return { kind: "Pod", apiVersion: "v1", metadata: { name, namespace, uid: uuid(random) }, spec: { containers } };
}

function uuid(random: Random): string {
    const digits = Array.from({ length: 4 }, () =>
        Math.floor(random.fraction() * 2 ** 32)
            .toString(16)
            .padStart(8, "0"),
    ).join("");
    return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join(
        "-",
    );
}
