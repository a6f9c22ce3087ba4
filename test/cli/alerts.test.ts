import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { writeFileSync } from "node:fs";
import { dispatch } from "../../cli/dispatch";
import { event } from "../events/event";
import { runInMemory } from "./fakeIO";
import { filesForTests, logText } from "./logFile";

const secret = "GET /api/v1/namespaces/shop/secrets/db by eve";
const log = [
    event("POST /api/v1/namespaces/shop/pods/web/exec?command=sh by alice", {
        auditID: "a",
        stage: "ResponseStarted",
        stageTimestamp: "2026-01-01T10:00:00.100001Z",
    }),
    event(secret, { auditID: "b", stageTimestamp: "2026-01-01T10:00:05.300000Z" }),
    event(secret, { auditID: "c", stageTimestamp: "2026-01-01T10:00:05.700000Z" }),
    event("DELETE /api/v1/namespaces/shop/configmaps/app by bob", {
        auditID: "d",
        stageTimestamp: "2026-01-01T10:00:03.000007Z",
    }),
];
const falco = [
    "Thu Jan  1 09:00:00 2026: Falco version: 0.41.0",
    "10:00:05.000000000: Error K8s Secret Get Successfully (user=eve secret=db ns=shop resource=secrets resp=200 decision=allow reason=)",
    "10:00:00.100001000: Notice Attach/Exec to pod (user=alice pod=web resource=pods ns=shop action=exec command=sh)",
    '{"priority":"Informational","rule":"K8s ConfigMap Deleted","source":"k8s_audit","hostname":"cp-1","time":"2026-01-01T10:00:03.000007000Z","output":"10:00:03.000007000: Informational K8s ConfigMap Deleted (user=bob)","output_fields":{"ka.auditid":"d","ka.user.name":"bob"}}',
    '{"priority":"Notice","rule":"Terminal shell in container","source":"syscall","time":"2026-01-01T10:00:01.5Z","output":"10:00:01.5: Notice A shell (user=root)","output_fields":{"k8s.pod.name":"web","k8s.ns.name":"shop","user.name":"root"}}',
    "11:22:33.000000000: Warning Pod started with privileged container (user=carol pod=<NA> resource=pods ns=shop images=x)",
]
    .map((line) => `${line}\n`)
    .join("");

describe("kube-audit alerts", () => {
    const file = filesForTests(() => ({
        "audit.log": logText(log),
        "falco.log": falco,
        "quiet.log": "Falco is here\n",
    }));
    const run = (...argv: string[]) => runInMemory((io) => dispatch(["alerts", ...argv], io));

    it("shows one timeline, with the request of each alert or what may be it", async () => {
        const { code, stdout, stderr } = await run(file("falco.log"), "--log", file("audit.log"));
        assert.deepEqual([code, stderr], [0, "Lines that are no alert: 1\n"]);
        const shortened = stdout.replaceAll(file("falco.log"), "falco.log").replaceAll(file("audit.log"), "audit.log");
        assert.equal(
            shortened,
            `10:00:00.100001  Notice  Attach/Exec Pod  user alice  pod shop/web
    Attach/Exec to pod (user=alice pod=web resource=pods ns=shop action=exec command=sh)  [falco.log:3]
    -> 2026-01-01T10:00:00.100001Z  create pods/exec web in shop by alice, 200  a  [audit.log:1]
       joined by its time, to the microsecond
2026-01-01T10:00:01.500000Z  Notice  Terminal shell in container  user root  pod shop/web
    A shell (user=root)  [falco.log:5]
    -> an alert about a process: no request is looked for
2026-01-01T10:00:03.000007Z  Informational  K8s ConfigMap Deleted  user bob  on cp-1
    K8s ConfigMap Deleted (user=bob)  [falco.log:4]
    -> 2026-01-01T10:00:03.000007Z  delete configmaps app in shop by bob, 200  d  [audit.log:4]
       joined by its audit ID
10:00:05.000000  Error  K8s Secret Get Successfully  user eve
    K8s Secret Get Successfully (user=eve secret=db ns=shop resource=secrets resp=200 decision=allow reason=)  [falco.log:2]
    -> several requests fit; none is chosen:
       1. 2026-01-01T10:00:05.300000Z  get secrets db in shop by eve, 200  b  [audit.log:2]
          +0.300000 s, alike in user, namespace, resource, name, code
       2. 2026-01-01T10:00:05.700000Z  get secrets db in shop by eve, 200  c  [audit.log:3]
          +0.700000 s, alike in user, namespace, resource, name, code
11:22:33.000000  Warning  Create Privileged Pod  user carol
    Pod started with privileged container (user=carol pod=<NA> resource=pods ns=shop images=x)  [falco.log:6]
    -> no request in the audit log fits
`,
        );
    });

    it("writes JSON", async () => {
        const { code, stdout } = await run(
            file("falco.log"),
            "--log",
            file("audit.log"),
            "--priority",
            "error",
            "-o",
            "json",
        );
        assert.equal(code, 0);
        const place = (name: string, line: number) => ({ file: file(name), line });
        assert.deepEqual(JSON.parse(stdout), {
            alerts: [
                {
                    time: null,
                    timeOfDay: "10:00:05.000000",
                    user: "eve",
                    name: "db",
                    namespace: "shop",
                    resource: "secrets",
                    code: "200",
                    priority: "Error",
                    rule: "K8s Secret Get Successfully",
                    message:
                        "K8s Secret Get Successfully (user=eve secret=db ns=shop resource=secrets resp=200 decision=allow reason=)",
                    place: place("falco.log", 2),
                    joinedBy: null,
                    requests: [
                        {
                            auditID: "b",
                            place: place("audit.log", 2),
                            alike: ["user", "namespace", "resource", "name", "code"],
                            distanceSeconds: 0.3,
                            event: log[1],
                        },
                        {
                            auditID: "c",
                            place: place("audit.log", 3),
                            alike: ["user", "namespace", "resource", "name", "code"],
                            distanceSeconds: 0.7,
                            event: log[2],
                        },
                    ],
                    furtherRequests: 0,
                },
            ],
            otherLines: 1,
        });
    });

    it("shows the alerts alone, also compressed ones", async () => {
        writeFileSync(file("falco.log.gz"), gzipSync(falco));
        const { stdout } = await run(file("falco.log.gz"), "--priority", "Error");
        assert.equal(stdout.split("\n").length, 3);
        assert.match(stdout, /^10:00:05\.000000 {2}Error {2}K8s Secret Get Successfully {2}user eve\n/);
    });

    it("ends with 1 where there is no alert", async () => {
        assert.deepEqual(await run(file("quiet.log")), { code: 1, stdout: "", stderr: "Lines that are no alert: 1\n" });
    });

    for (const argv of [[], ["-", "--log", "-"], ["x", "-o", "yaml"], ["x", "--priority", "loud"], ["x"]]) {
        it(`takes "${argv.join(" ")}" for bad usage`, async () => {
            assert.equal((await run(...argv)).code, 2);
        });
    }
});
