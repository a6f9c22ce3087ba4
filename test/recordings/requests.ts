import { Random } from "../oracle/random";
import { configMap, deployment, pod, roleBinding, secret, widget, words } from "./objects";
import type { Identity } from "./identities";

/** A request to be sent. */
export interface Ask {
    readonly as: Identity;
    readonly method: string;
    /** With the query. */
    readonly path: string;
    /** JSON, or a text that is sent as it is. */
    readonly body?: object | string;
    /** Besides those that every client sends. */
    readonly headers?: Readonly<Record<string, string>>;
    /** It takes its time; those after it do not wait for it. */
    readonly lasts?: boolean;
    /** So many milliseconds after the answer's beginning the client closes the connection. */
    readonly abortAfter?: number;
}

const CORE = "/api/v1";
const PROD = `${CORE}/namespaces/prod-namespace`;
const STAGING = `${CORE}/namespaces/staging`;
const APPS = "/apis/apps/v1/namespaces/prod-namespace";
const RBAC = "/apis/rbac.authorization.k8s.io/v1/namespaces/prod-namespace";
const WIDGETS = "/apis/example.com/v1/namespaces/staging/widgets";

const from = (address: string) => ({ "X-Forwarded-For": address });
const KUBECTL = { "User-Agent": "kubectl/v1.34.4 (linux/amd64) kubernetes/f3b1f8d", ...from("10.0.0.7") };
const DEPLOY_TOOL = { "User-Agent": "deploy-tool/4.1", ...from("10.244.2.31") };
const CURL = { "User-Agent": "curl/8.5.0", ...from("203.0.113.50") };
const patchOf = (kind: string) => ({ "Content-Type": `application/${kind}` });

/**
 * One round of requests. The next one finds the cluster as this one found it, so that every round is as large as the others,
 * and the same requests can be sent to the same cluster again.
 */
export function* round(n: number, seed: number): Generator<Ask> {
    const random = new Random(seed * 1_000_003 + n);
    yield* configMaps(n, random);
    yield* reads(random);
    yield* deployments(n, random);
    yield* pods(n, random);
    yield* access(n, random);
    yield* refusals(n, random);
    yield* widgets(n, random);
}

/** All rounds, one after another, without end. */
export function* rounds(seed: number): Generator<Iterable<Ask>> {
    for (let n = 0; ; n++) {
        yield round(n, seed);
    }
}

function* configMaps(n: number, random: Random): Generator<Ask> {
    const as = "deployer";
    const headers = DEPLOY_TOOL;
    const all = `${PROD}/configmaps`;
    const names = [0, 1, 2, 3].map((index) => `settings-${n}-${index}`);
    yield { as, method: "GET", path: `${all}?watch=true&timeoutSeconds=1&labelSelector=round%3D${n}`, lasts: true };
    for (const name of names) {
        yield { as, method: "POST", path: `${all}?fieldManager=deploy`, body: configMap(random, name, n), headers };
        yield { as: "jane", method: "GET", path: `${all}/${name}`, headers: KUBECTL };
    }
    yield { as, method: "GET", path: `${all}?labelSelector=round%3D${n}&limit=500`, headers };
    yield { as, method: "PUT", path: `${all}/${names[0]!}`, body: configMap(random, names[0]!, n), headers };
    const patched = { data: { patched: words(random, 200), markup: "<b>\u2028é& \u{1f642}" } };
    yield {
        ...{ as, method: "PATCH", path: `${all}/${names[1]!}?fieldManager=deploy&force=true`, body: patched },
        headers: { ...headers, ...patchOf(random.pick(["merge-patch+json", "strategic-merge-patch+json"])) },
    };
    yield {
        ...{ as, method: "PATCH", path: `${all}/${names[2]!}` },
        body: '[ {"op": "add", "path": "/data/raw", "value": "\\u0041\\/<b>&"}, {"op":"test","path":"/kind","value":"ConfigMap"} ]',
        headers: { ...headers, ...patchOf("json-patch+json") },
    };
    yield {
        ...{ as, method: "PATCH", path: `${all}/${names[3]!}?fieldManager=apply&force=true` },
        body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: names[3] }, data: { applied: "yes" } },
        headers: { ...headers, ...patchOf("apply-patch+yaml") },
    };
    yield { as, method: "GET", path: `${all}?fieldSelector=metadata.name%3D${names[0]!}`, headers };
    yield { as, method: "DELETE", path: `${all}/${names[0]!}`, headers };
    yield { as, method: "DELETE", path: `${all}/${names[1]!}`, body: { propagationPolicy: "Background" }, headers };
    yield { as, method: "DELETE", path: `${all}?labelSelector=round%3D${n}`, headers };
}

const AS_TABLE = { Accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json" };

function* reads(random: Random): Generator<Ask> {
    const as = "inventory";
    const headers = { "User-Agent": "inventory/2.3.0", ...from("10.244.1.9") };
    yield { as, method: "GET", path: `${CORE}/pods?limit=50`, headers };
    yield { as, method: "GET", path: `${CORE}/namespaces`, headers: { ...headers, ...AS_TABLE } };
    yield { as, method: "GET", path: `${CORE}/namespaces/kube-system/services`, headers };
    yield { as, method: "HEAD", path: `${CORE}/namespaces/default`, headers };
    yield { as, method: "GET", path: `${CORE}/nodes?watch=1&timeoutSeconds=1`, headers, lasts: true };
    yield { as, method: "GET", path: `/apis/apps/v1/replicasets?fieldSelector=metadata.namespace%3Dci`, headers };
    yield {
        as: "jane",
        method: "GET",
        path: `${STAGING}/pods?watch=true`,
        headers: KUBECTL,
        lasts: true,
        abortAfter: 300,
    };
    yield { as: "jane", method: "GET", path: `${CORE}/namespaces/ci/pods?watch=true`, headers: KUBECTL, lasts: true };
    yield { as: "jane", method: "GET", path: `${PROD}/endpoints/webapp`, headers: { "User-Agent": "helm/3.9.0" } };
    yield { as, method: "GET", path: random.pick(["/apis", "/api/v1", "/version", "/openapi/v3"]), headers };
    yield { as: "admin", method: "GET", path: `${CORE}/nodes` };
}

function* deployments(n: number, random: Random): Generator<Ask> {
    const name = `webapp-${n}`;
    const one = `${APPS}/deployments/${name}`;
    const headers = KUBECTL;
    const scale = { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name, namespace: "prod-namespace" } };
    yield { as: "jane", method: "POST", path: `${APPS}/deployments`, body: deployment(name, 0), headers };
    yield { as: "jane", method: "PUT", path: one, body: deployment(name, 3), headers };
    yield { as: "jane", method: "GET", path: `${one}/scale`, headers };
    yield { as: "jane", method: "PUT", path: `${one}/scale`, body: { ...scale, spec: { replicas: 1 } }, headers };
    yield {
        ...{ as: "jane", method: "PATCH", path: `${one}/scale`, body: { spec: { replicas: random.below(3) } } },
        headers: { ...headers, ...patchOf("merge-patch+json") },
    };
    yield { as: "admin", method: "GET", path: `${one}/status` };
    yield {
        ...{ as: "admin", method: "PATCH", path: `${one}/status`, body: { metadata: { labels: { seen: "yes" } } } },
        headers: patchOf("strategic-merge-patch+json"),
    };
    yield { as: "jane", method: "DELETE", path: `${one}?propagationPolicy=Background`, headers };
}

function* pods(n: number, random: Random): Generator<Ask> {
    const one = `${PROD}/pods/webapp-pod`;
    const command = random.pick(["ls", "sh", "id"]);
    yield { as: "deployer", method: "POST", path: `${PROD}/pods`, body: pod("webapp-pod"), headers: DEPLOY_TOOL };
    yield { as: "jane", method: "GET", path: one, headers: KUBECTL };
    yield { as: "jane", method: "GET", path: `${one}/log?tailLines=5`, headers: KUBECTL };
    yield { as: "deployer", method: "GET", path: `${one}/exec?command=${command}&stdout=true`, headers: CURL };
    yield { as: "deployer", method: "POST", path: `${one}/exec?command=${command}&stdin=true`, headers: CURL };
    yield { as: "deployer", method: "GET", path: `${one}/portforward?ports=80`, headers: CURL };
    yield { as: "deployer", method: "DELETE", path: one, headers: CURL };
    yield { as: "jane", method: "POST", path: `${STAGING}/pods?dryRun=All`, body: pod(`dry-${n}`), headers: KUBECTL };
    yield { as: "jane", method: "POST", path: `${STAGING}/pods`, body: { ...pod(""), ...generated }, headers: KUBECTL };
    yield { as: "jane", method: "DELETE", path: `${STAGING}/pods`, headers: KUBECTL };
}

const generated = { metadata: { generateName: "made-" } };

function* access(n: number, random: Random): Generator<Ask> {
    const as = "deployer";
    const headers = CURL;
    const name = `credentials-${n}`;
    yield { as, method: "POST", path: `${PROD}/secrets`, body: secret(random, name), headers };
    yield { as, method: "GET", path: `${PROD}/secrets/${name}`, headers };
    yield { as: "jane", method: "GET", path: `${PROD}/secrets`, headers: KUBECTL };
    yield { as, method: "DELETE", path: `${PROD}/secrets/${name}`, headers };
    yield { as, method: "POST", path: `${RBAC}/rolebindings`, body: roleBinding(`support-${n}`), headers };
    yield { as, method: "GET", path: `${RBAC}/rolebindings`, headers };
    yield { as, method: "DELETE", path: `${RBAC}/rolebindings/support-${n}`, headers };
    const review = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectRulesReview", spec: { namespace: "ci" } };
    yield { as, method: "POST", path: "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", body: review, headers };
    const tokenReview = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token: "unknown" } };
    yield { as: "admin", method: "POST", path: "/apis/authentication.k8s.io/v1/tokenreviews", body: tokenReview };
    const tokenRequest = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
    const token = `${CORE}/namespaces/ci/serviceaccounts/deployer/token`;
    yield { as: "admin", method: "POST", path: token, body: tokenRequest };
    const asAdmin = { "Impersonate-User": "admin", ...from("10.0.0.8, 10.0.0.5") };
    yield { as: "ops", method: "GET", path: `${PROD}/pods`, headers: asAdmin };
    yield { as: "ops", method: "GET", path: `${PROD}/services?limit=1`, headers: { ...asAdmin, ...KUBECTL } };
}

/** What ends in an error, each in another place of the API server. */
function* refusals(n: number, random: Random): Generator<Ask> {
    const curl = CURL;
    yield { as: "jane", method: "GET", path: `${PROD}/pods/nothing-${random.below(9)}`, headers: KUBECTL };
    yield { as: "jane", method: "GET", path: `${CORE}/namespaces/kube-system/secrets`, headers: KUBECTL };
    yield {
        as: "jane",
        method: "DELETE",
        path: `${CORE}/nodes/cp-1`,
        body: { kind: "DeleteOptions" },
        headers: KUBECTL,
    };
    yield { as: "jane", method: "GET", path: `${PROD}/pods`, headers: { ...KUBECTL, "Impersonate-User": "admin" } };
    yield { as: "anonymous", method: "GET", path: `${CORE}/pods`, headers: curl };
    yield { as: "anonymous", method: "GET", path: "/version", headers: from("10.0.0.5") };
    yield { as: "anonymous", method: "GET", path: "/readyz", headers: from("10.0.0.5") };
    yield {
        as: "anonymous",
        method: "GET",
        path: "/.well-known/%6Fpenid?q=<&>é\u2028".replace(/[^ -~]/g, encodeURIComponent),
    };
    yield { as: "intruder", method: "GET", path: `${PROD}/secrets`, headers: curl };
    yield { as: "intruder", method: "GET", path: `${PROD}/pods?watch=1`, headers: curl };
    yield { as: "deployer", method: "POST", path: `${PROD}/configmaps`, body: '{"kind":', headers: curl };
    yield { as: "deployer", method: "POST", path: `${PROD}/configmaps`, body: { ...configMap(random, "UPPER", n) } };
    yield { as: "deployer", method: "PUT", path: `${PROD}/configmaps`, body: {}, headers: curl };
    yield {
        as: "deployer",
        method: "POST",
        path: `${PROD}/configmaps`,
        body: "x",
        headers: { "Content-Type": "text/csv" },
    };
    yield { as: "deployer", method: "POST", path: `${PROD}/serviceaccounts`, body: serviceAccount("default") };
    yield { as: "deployer", method: "GET", path: `/apis/example.com/v9/things`, headers: curl };
    yield { as: "deployer", method: "GET", path: `${PROD}//pods/`, headers: curl };
    yield { as: "jane", method: "OPTIONS", path: `${PROD}/pods`, headers: KUBECTL };
    yield { as: "inventory", method: "GET", path: "/metrics", headers: from("10.244.1.9") };
}

function serviceAccount(name: string): object {
    return { apiVersion: "v1", kind: "ServiceAccount", metadata: { name } };
}

function* widgets(n: number, random: Random): Generator<Ask> {
    const name = `widget-${n}`;
    const one = `${WIDGETS}/${name}`;
    yield { as: "admin", method: "POST", path: WIDGETS, body: widget(name, random.below(1000)) };
    yield { as: "admin", method: "GET", path: one };
    yield { as: "admin", method: "GET", path: WIDGETS };
    yield {
        ...{ as: "admin", method: "PATCH", path: one, body: '{"spec": {"ratio": 2.50, "count": 10.0}}' },
        headers: patchOf("merge-patch+json"),
    };
    yield { as: "admin", method: "DELETE", path: one };
}
