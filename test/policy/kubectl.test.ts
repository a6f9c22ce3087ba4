import assert from "node:assert/strict";
import { KubectlError, kubectlRequests, type Request, type ResourceType } from "../../policy/kubectl";

const TYPES: Readonly<Record<string, ResourceType>> = {
    pods: { group: "", resource: "pods", namespaced: true },
    pod: { group: "", resource: "pods", namespaced: true },
    po: { group: "", resource: "pods", namespaced: true },
    secrets: { group: "", resource: "secrets", namespaced: true },
    nodes: { group: "", resource: "nodes", namespaced: false },
    namespaces: { group: "", resource: "namespaces", namespaced: false },
    ns: { group: "", resource: "namespaces", namespaced: false },
    serviceaccounts: { group: "", resource: "serviceaccounts", namespaced: true },
    deploy: { group: "apps", resource: "deployments", namespaced: true },
    certificatesigningrequests: {
        group: "certificates.k8s.io",
        resource: "certificatesigningrequests",
        namespaced: false,
    },
};

const requests = (command: string) => kubectlRequests(command.split(" "), (name) => TYPES[name]);

/** A request in short: `verb group/resource/subresource namespace/name`. */
function inShort({ verb, apiGroup, resource, subresource, namespace, name, path, isResource }: Request): string {
    return isResource ? `${verb} ${apiGroup}/${resource}/${subresource} ${namespace}/${name}` : `${verb} ${path}`;
}

describe("kubectlRequests", () => {
    it("gives every attribute of a request", () => {
        assert.deepEqual(requests("kubectl delete pod webapp-pod -n prod-namespace"), [
            {
                verb: "delete",
                namespace: "prod-namespace",
                apiGroup: "",
                resource: "pods",
                subresource: "",
                name: "webapp-pod",
                isResource: true,
            },
        ]);
        assert.deepEqual(requests("version"), [{ verb: "get", path: "/version", isResource: false }]);
    });

    const cases: [string, ...string[]][] = [
        ["get pods", "list /pods/ default/"],
        ["get po -A", "list /pods/ /"],
        ["get -nprod pods,secrets -owide", "list /pods/ prod/", "list /secrets/ prod/"],
        ["get pod/a deploy/b --namespace=x", "get /pods/ x/a", "get apps/deployments/ x/b"],
        ["get pods a b -A", "get /pods/ default/a", "get /pods/ default/b"],
        ["get pods -w", "list /pods/ default/", "watch /pods/ default/"],
        ["get pod a --watch", "get /pods/ default/a", "watch /pods/ default/a"],
        ["get pods --field-selector status.phase=Running,metadata.name=a", "list /pods/ default/a"],
        ["get pods -l app=web -o yaml", "list /pods/ default/"],
        ["get --raw /healthz", "get /healthz"],
        ["get --raw /api/v1/namespaces/a/pods?watch=1", "watch /pods/ a/"],
        ["get ns", "list /namespaces/ /"],
        ["delete ns prod", "delete /namespaces/ prod/prod"],
        ["describe deploy web", "get apps/deployments/ default/web"],
        ["label pods a tier=web old- --overwrite", "get /pods/ default/a", "patch /pods/ default/a"],
        ["patch deploy web -p {}", "patch apps/deployments/ default/web"],
        ["edit deploy/web", "get apps/deployments/ default/web", "patch apps/deployments/ default/web"],
        ["replace pod a", "get /pods/ default/a", "update /pods/ default/a"],
        ["scale deploy web --replicas 3", "patch apps/deployments/scale default/web"],
        ["rollout restart deploy/web", "get apps/deployments/ default/web", "patch apps/deployments/ default/web"],
        ["rollout status deploy web", "get apps/deployments/ default/web"],
        ["set image deploy/web app=web:2", "get apps/deployments/ default/web", "patch apps/deployments/ default/web"],
        ["create deploy web --image=web", "create apps/deployments/ default/"],
        ["create secrets generic a", "create /secrets/ default/"],
        ["create token robot -n ci", "create /serviceaccounts/token ci/robot"],
        ["run web --image web", "create /pods/ default/"],
        [
            "exec -it a -c main -- sh -c ls",
            "get /pods/ default/a",
            "get /pods/exec default/a",
            "create /pods/exec default/a",
        ],
        ["attach pod/a", "get /pods/ default/a", "get /pods/attach default/a", "create /pods/attach default/a"],
        [
            "port-forward a 8080:80",
            "get /pods/ default/a",
            "get /pods/portforward default/a",
            "create /pods/portforward default/a",
        ],
        ["logs -f a", "get /pods/ default/a", "get /pods/log default/a"],
        ["cordon n1", "get /nodes/ /n1", "patch /nodes/ /n1"],
        ["taint nodes n1 a=b:NoSchedule", "get /nodes/ /n1", "patch /nodes/ /n1"],
        ["auth can-i list pods", "create authorization.k8s.io/selfsubjectaccessreviews/ /"],
        ["auth whoami", "create authentication.k8s.io/selfsubjectreviews/ /"],
        [
            "certificate approve joe",
            "get certificates.k8s.io/certificatesigningrequests/ /joe",
            "update certificates.k8s.io/certificatesigningrequests/approval /joe",
        ],
        ["api-resources", "get /api", "get /apis"],
    ];
    for (const [command, ...expected] of cases) {
        it(`knows kubectl ${command}`, () => {
            assert.deepEqual(requests(command).map(inShort), expected);
        });
    }

    const refusals: [string, string][] = [
        ["get", "kubectl get says nothing of what it is about, or only in a file; name a kind"],
        ["get widgets", "there is no built-in resource widgets; describe the request with --verb and --resource"],
        ["delete pods --all", "kubectl delete makes a request for each object; name one of pods"],
        ["create -f a.yaml", "kubectl create says nothing of what it is about, or only in a file; name a kind"],
        ["exec deploy/web", "kubectl exec deploy/web asks for the pods behind it first; name a pod"],
        ["logs", "kubectl logs needs the name of a pod"],
        ["auth reconcile -f x", "of kubectl auth, only can-i and whoami are known"],
    ];
    for (const [command, message] of refusals) {
        it(`does not guess at kubectl ${command}`, () => {
            assert.throws(() => requests(command), new KubectlError(message));
        });
    }

    it("names what it knows", () => {
        assert.throws(
            () => requests("kubectl fly"),
            /^Error: there is nothing known of kubectl fly; known are annotate, /,
        );
        assert.throws(() => requests("kubectl"), /nothing known of kubectl alone/);
        assert.throws(() => requests("constructor"), /nothing known of kubectl constructor/);
    });
});
