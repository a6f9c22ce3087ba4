import assert from "node:assert/strict";
import { dispatch } from "../../cli/dispatch";
import { runInMemory } from "./fakeIO";

const POLICY = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: None
  users: [system:kube-proxy]
- level: None
  nonResourceURLs: [/healthz]
- level: RequestResponse
  verbs: [delete]
  resources:
  - resources: [pods]
    resourceNames: [webapp-pod]
  namespaces: [prod-namespace]
  omitManagedFields: true
`;

describe("kube-audit policy explain", () => {
    const run = (...argv: string[]) =>
        runInMemory((io) => dispatch(["policy", "explain", ...argv], io), { "policy.yaml": POLICY });

    const explained = `delete pods webapp-pod in prod-namespace by kubernetes-admin
  policy.yaml:6: rules[0].users: the user kubernetes-admin is not among system:kube-proxy
  policy.yaml:8: rules[1].nonResourceURLs: the request is about a resource, and not /healthz
  policy.yaml:9: rules[2] decides: RequestResponse, without RequestReceived, managed fields
`;

    it("explains a kubectl command", async () => {
        assert.deepEqual(await run("policy.yaml", "kubectl delete pod webapp-pod -n prod-namespace"), {
            code: 0,
            stdout: explained,
            stderr: "",
        });
    });

    it("explains a request, and one described by flags, the same", async () => {
        const flags = ["--verb=delete", "--resource=pods", "--name=webapp-pod", "-n", "prod-namespace"];
        const request = "DELETE /api/v1/namespaces/prod-namespace/pods/webapp-pod";
        assert.equal((await run("policy.yaml", ...flags)).stdout, explained);
        assert.equal((await run("policy.yaml", request)).stdout, explained);
    });

    it("explains each request of a command", async () => {
        const { stdout } = await run("policy.yaml", "kubectl exec 'webapp-pod' -- ls", "--user=eve", "--group=ops");
        assert.equal(
            stdout,
            ["get pods webapp-pod", "get pods/exec webapp-pod", "create pods/exec webapp-pod"]
                .map(
                    (what) => `${what} in default by eve
  policy.yaml:6: rules[0].users: the user eve is not among system:kube-proxy
  policy.yaml:8: rules[1].nonResourceURLs: the request is about a resource, and not /healthz
  policy.yaml:10: rules[2].verbs: the verb ${what.split(" ")[0]} is not among delete
  no rule matches: nothing is recorded
`,
                )
                .join("\n"),
        );
    });

    it("explains a path, and a request without a user", async () => {
        const { stdout } = await run("policy.yaml", "--verb=get", "--path=/healthz", "--unauthenticated");
        assert.equal(
            stdout,
            `get /healthz without authentication
  policy.yaml:6: rules[0].users: the request has no user: its authentication failed
  policy.yaml:7: rules[1] decides: nothing is recorded
`,
        );
    });

    it("names a resource of another group with its group", async () => {
        const flags = ["--verb=patch", "--resource=deploy/scale", "--name=web"];
        const { stdout } = await run("policy.yaml", ...flags);
        assert.equal(stdout.split("\n")[0], "patch deployments.apps/scale web by kubernetes-admin");
        const custom = await run("policy.yaml", "--verb=list", "--resource=widgets.example.com");
        assert.equal(custom.stdout.split("\n")[0], "list widgets.example.com by kubernetes-admin");
    });

    it("writes JSON", async () => {
        const { code, stdout } = await run("policy.yaml", "kubectl get pods", "--json");
        assert.equal(code, 0);
        assert.deepEqual(JSON.parse(stdout), {
            file: "policy.yaml",
            requests: [
                {
                    request: {
                        user: "kubernetes-admin",
                        groups: ["kubeadm:cluster-admins", "system:authenticated"],
                        verb: "list",
                        namespace: "default",
                        apiGroup: "",
                        resource: "pods",
                        subresource: "",
                        name: "",
                        isResource: true,
                    },
                    level: "None",
                    rule: null,
                    omitStages: ["RequestReceived"],
                    omitManagedFields: false,
                    mismatches: [
                        { path: "rules[0].users", reason: "the user kubernetes-admin is not among system:kube-proxy" },
                        {
                            path: "rules[1].nonResourceURLs",
                            reason: "the request is about a resource, and not /healthz",
                        },
                        { path: "rules[2].verbs", reason: "the verb list is not among delete" },
                    ],
                },
            ],
        });
    });

    const wrong: [string, ...string[]][] = [
        [
            "there is no built-in resource widget; describe the request with --verb and --resource\n",
            "policy.yaml",
            "kubectl get widget",
        ],
        ["with --verb, give either --resource or --path\n", "policy.yaml", "--verb=get"],
        ["give one FILE, and a command, a request or --verb\n", "policy.yaml"],
        ["give one FILE, and a command, a request or --verb\n", "policy.yaml", "kubectl get pods", "--verb=get"],
        ["cannot read nope.yaml: no such file\n", "nope.yaml", "kubectl get pods"],
    ];
    for (const [message, ...argv] of wrong) {
        it(`takes "${argv.join(" ")}" for bad usage`, async () => {
            const { code, stdout, stderr } = await run(...argv);
            assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
            assert.ok(stderr.startsWith(`kube-audit policy explain: ${message}`), stderr);
        });
    }
});
