import type { Random } from "../oracle/random";

const WORDS = (
    "server listen port upstream timeout retry backoff cache size limit header cookie session user role admin token " +
    "database pool replica leader shard queue topic consumer offset batch flush interval metric label trace sample debug"
).split(" ");

/** Text of so many words, as settings are. */
export function words(random: Random, count: number): string {
    return Array.from({ length: count }, () =>
        random.percent(15) ? `${random.pick(WORDS)}=${random.below(1e9).toString(36)}` : random.pick(WORDS),
    ).join(" ");
}

/** About 100 KiB in eight entries. */
export function configMap(random: Random, name: string, round: number): object {
    const data = Object.fromEntries(
        Array.from({ length: 8 }, (_, index) => [`file-${index}.conf`, words(random, 1500 + random.below(400))]),
    );
    return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, labels: { round: String(round) } }, data };
}

export function secret(random: Random, name: string): object {
    const password = Buffer.from(words(random, 4)).toString("base64");
    return { apiVersion: "v1", kind: "Secret", metadata: { name }, data: { password } };
}

/** Fits no node, so that nothing is started. */
const podSpec = {
    nodeSelector: { pool: "none" },
    containers: [{ name: "webapp", image: "registry.k8s.io/pause:3.10.1", resources: { limits: { cpu: "100m" } } }],
};

export function pod(name: string): object {
    return { apiVersion: "v1", kind: "Pod", metadata: { name, labels: { app: "webapp" } }, spec: podSpec };
}

export function deployment(name: string, replicas: number): object {
    const labels = { app: name };
    return {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name, labels },
        spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: podSpec } },
    };
}

export function roleBinding(name: string): object {
    const apiGroup = "rbac.authorization.k8s.io";
    return {
        apiVersion: `${apiGroup}/v1`,
        kind: "RoleBinding",
        metadata: { name },
        roleRef: { apiGroup, kind: "ClusterRole", name: "view" },
        subjects: [{ kind: "ServiceAccount", name: "deployer", namespace: "ci" }],
    };
}

/** A custom resource with numbers that are not whole. */
export function widget(name: string, count: number): object {
    const spec = { count, ratio: count / 7, size: "<large> & heavy", tiny: 1.5e-9, huge: 1.5e22 };
    return { apiVersion: "example.com/v1", kind: "Widget", metadata: { name }, spec };
}
