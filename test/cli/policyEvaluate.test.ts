import assert from "node:assert/strict";
import { dispatch } from "../../cli/dispatch";
import { runInMemory } from "./fakeIO";

const POLICY = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: RequestResponse
  verbs: [delete]
  resources:
  - resources: [pods]
    resourceNames: [webapp-pod]
  namespaces: [prod-namespace]
  omitStages: [Panic]
  omitManagedFields: true
- level: Metadata
  userGroups: [developers]
`;

const REQUESTS = [
    {
        user: "alice",
        verb: "delete",
        namespace: "prod-namespace",
        resource: "pods",
        name: "webapp-pod",
        isResource: true,
    },
    { user: "alice", groups: ["developers"], verb: "get", path: "/healthz", isResource: false },
    { user: null, verb: "get", path: "/healthz", isResource: false },
];

describe("kube-audit policy evaluate", () => {
    const run = (requests: string, ...argv: string[]) =>
        runInMemory((io) => dispatch(["policy", "evaluate", ...argv], io), {
            "policy.yaml": POLICY,
            "any.yaml": `${POLICY}  resources:\n  - group: "*"\n`,
            "requests.jsonl": requests,
            "-": requests,
        });
    const lines = REQUESTS.map((request) => `${JSON.stringify(request)}\n`).join("");

    const decisions = `{"level":"RequestResponse","rule":0,"omitStages":["RequestReceived","Panic"],"omitManagedFields":true}
{"level":"Metadata","rule":1,"omitStages":["RequestReceived"],"omitManagedFields":false}
{"level":"None","rule":null,"omitStages":["RequestReceived"],"omitManagedFields":false}
`;

    it("prints a decision for each request, in order", async () => {
        assert.deepEqual(await run(lines, "policy.yaml", "--requests", "requests.jsonl"), {
            code: 0,
            stdout: decisions,
            stderr: "",
        });
    });

    it("reads requests from standard input, passes over empty lines, and needs no newline at the end", async () => {
        assert.deepEqual(await run(`\n${lines}\r\n\n`.trimEnd(), "policy.yaml", "--requests", "-", "--json"), {
            code: 0,
            stdout: decisions,
            stderr: "",
        });
    });

    it("goes by the version", async () => {
        const { code, stdout, stderr } = await run(lines, "any.yaml", "--requests=requests.jsonl", "--kubernetes=1.35");
        assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
        assert.match(stderr, /^any\.yaml:16:12: error: rules\[1\]\.resources\.group: Invalid value: "\*"/);
        assert.equal((await run(lines, "any.yaml", "--requests=requests.jsonl")).code, 0);
    });

    const wrong: [string, string][] = [
        ["[]", "a request has to be an object"],
        ['{"verb": "get"}', "verb and isResource (true or false) are needed"],
        ['{"isResource": true}', "verb and isResource (true or false) are needed"],
        ['{"verb": "get", "isResource": true, "user": 1}', "user has to be a text"],
        ['{"verb": "get", "isResource": true, "groups": "a"}', "groups has to be a list of texts"],
        ['{"verb": "get", "isResource": true, "kind": "Pod"}', 'there is no attribute "kind"'],
    ];
    for (const [line, message] of wrong) {
        it(`refuses ${line}`, async () => {
            assert.deepEqual(await run(`${lines}${line}\n`, "policy.yaml", "--requests", "requests.jsonl"), {
                code: 2,
                stdout: "",
                stderr: `kube-audit policy evaluate: requests.jsonl:4: ${message}\n`,
            });
        });
    }

    it("says where a line is no JSON", async () => {
        const { code, stdout, stderr } = await run("{}x", "policy.yaml", "--requests", "-");
        assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
        assert.match(stderr, /^kube-audit policy evaluate: standard input:1: .*JSON/);
    });

    it("needs the requests, and explains itself", async () => {
        assert.equal((await run("", "policy.yaml")).code, 2);
        const help = await run("", "--help");
        assert.equal(help.code, 0);
        assert.match(help.stdout, /^usage: kube-audit policy evaluate FILE --requests REQUESTS/);
    });
});
