import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { stringify } from "yaml";
import { dispatch } from "../../cli/dispatch";
import { HARMLESS_PATHS } from "../../host/loggedRequests";
import { PRIVATE_KEY, startAnsweringHost, type Answer } from "../components/probedHost";
import { runInMemory } from "./fakeIO";

const policy = (rules: string) => `{"apiVersion":"audit.k8s.io/v1","kind":"Policy","rules":[${rules}]}`;
const EVERYTHING = policy('{"level":"Metadata"}');

/** What the script prints that looks at a host. */
const look = (text: string) => `policy-file /etc/policy.yaml\npolicy\n${Buffer.from(text).toString("base64")}\nend\n`;

const SEEN = "request /version\nclient kubectl\nserver https://10.0.0.11:6443\nlevel Metadata\nseconds 0.25\n";

describe("kube-audit verify", () => {
    let host: Awaited<ReturnType<typeof startAnsweringHost>>;
    /** What the hosts answer: to who looks, and to who verifies. */
    let answers: { look: Answer; verify: Answer };
    let asked: string[];

    before(async () => {
        host = await startAnsweringHost((stdin) => {
            asked.push(stdin);
            return stdin.endsWith("main look complete\n") ? answers.look : answers.verify;
        });
    });
    after(() => {
        host.stop();
    });
    beforeEach(() => {
        answers = { look: { stdout: look(EVERYTHING) }, verify: { stdout: SEEN } };
        asked = [];
    });

    const hosts = () => ({
        connection: { user: "root", privateKey: PRIVATE_KEY, hostKey: host.hostKey },
        hosts: [{ name: "cp-1", host: "127.0.0.1", port: host.port }],
        log: { path: "/var/log/audit.log" },
    });
    const run = (content: object, ...argv: string[]) =>
        runInMemory((io) => dispatch(["verify", "--hosts", "kube-audit.yaml", ...argv], io), {
            "kube-audit.yaml": stringify(content),
        });

    it("says of every host what was seen, also where another cannot be reached", async () => {
        const { connection, hosts: list, log } = hosts();
        const gone = { name: "cp-10", host: "127.0.0.1", port: 1 };
        const { code, stdout, stderr } = await run({ connection, hosts: [...list, gone], log });
        assert.deepEqual([code, stderr], [1, ""]);
        const [first, second, ...rest] = stdout.split("\n");
        assert.equal(
            first,
            "cp-1   ok      Metadata after 0.25 s: GET /version through https://10.0.0.11:6443 (kubectl)",
        );
        assert.match(second!, /^cp-10 {2}FAILED {2}127\.0\.0\.1:1 as root: /);
        assert.deepEqual(rest, [""]);
    });

    it("expects what the policy says that the running API server was started with", async () => {
        answers.look = { stdout: look(policy('{"level":"Request","resources":[{"resources":["configmaps"]}]}')) };
        await run(hosts(), "--timeout", "7s");
        const settings = /<<'KUBE_APISERVER_AUDIT_END'\n(.*)\nKUBE_APISERVER_AUDIT_END\n/s.exec(asked[1]!)![1]!;
        assert.deepEqual(
            settings.split("\n").filter((line) => !line.startsWith("policy-sha256")),
            [
                "host ",
                "log /var/log/audit.log",
                "timeout-seconds 7",
                ...["kubectl", "kubelet-client", "anonymous"].map(
                    (client) => `request ${client} Request /api/v1/namespaces/default/configmaps/kube-audit-verify`,
                ),
            ],
        );
    });

    for (const spaces of ["", " ", "  "]) {
        it(`reads the policy apart from the certificate behind it, at a length of 3 × N + ${spaces.length}`, async () => {
            const text = EVERYTHING.padEnd(Math.ceil(EVERYTHING.length / 3) * 3) + spaces;
            answers.look = {
                stdout: `${look(text)}certificate\n${Buffer.from("unreadable").toString("base64")}\nend\n`,
            };
            const { code, stdout } = await run(hosts());
            assert.deepEqual(
                [code, stdout],
                [0, "cp-1  ok      Metadata after 0.25 s: GET /version through https://10.0.0.11:6443 (kubectl)\n"],
            );
            const sent = /^policy-sha256 (.*)$/m.exec(asked[1]!)![1];
            assert.equal(sent, createHash("sha256").update(text).digest("hex"));
        });
    }

    it("writes JSON", async () => {
        const { code, stdout } = await run(hosts(), "-o", "json");
        assert.equal(code, 0);
        assert.deepEqual(JSON.parse(stdout), {
            hosts: [
                {
                    ok: true,
                    host: "cp-1",
                    request: "/version",
                    client: "kubectl",
                    server: "https://10.0.0.11:6443",
                    level: "Metadata",
                    seconds: 0.25,
                },
            ],
        });
    });

    const failures: readonly [string, () => void, string[], string][] = [
        [
            "a policy that drops every request",
            () => (answers.look = { stdout: look(policy('{"level":"None"}')) }),
            [],
            `The policy (/etc/policy.yaml) drops every harmless request: GET ${HARMLESS_PATHS}. Name a GET request that it ` +
                "logs, or add a rule that logs one of these.",
        ],
        [
            "a policy that drops the request that is asked for",
            () => (answers.look = { stdout: look(policy('{"level":"None","nonResourceURLs":["/version"]}')) }),
            ["--request", "/version"],
            "The policy (/etc/policy.yaml) drops GET /version. Name a GET request that it logs.",
        ],
        [
            "a file that is no policy",
            () => (answers.look = { stdout: look("kind: Pod\n") }),
            [],
            "/etc/policy.yaml, which the API server was started with, is no policy: ",
        ],
        [
            "what the host says",
            () =>
                (answers.verify = {
                    code: 1,
                    stderr: "No event of GET /version arrived in /x within 7 s. Make room.\n",
                }),
            [],
            "No event of GET /version arrived in /x within 7 s. Make room.",
        ],
        [
            "a user who may not become root",
            () => (answers.look = { code: 1, stderr: "sudo: a password is required\n" }),
            [],
            "sh ended with status 1: sudo: a password is required. May root run sudo -n sh?",
        ],
    ];
    for (const [name, prepare, argv, reason] of failures) {
        it(`fails with ${name}`, async () => {
            prepare();
            const { code, stdout } = await run(hosts(), ...argv);
            assert.equal(code, 1);
            assert.ok(stdout.startsWith(`cp-1  FAILED  ${reason}`), stdout);
        });
    }

    for (const argv of [
        ["--request", "version"],
        ["--request", "/a b"],
        ["--timeout", "0s"],
        ["--timeout", "500ms"],
        ["-o", "yaml"],
        ["--stack", "prod"],
        ["more"],
    ]) {
        it(`takes "${argv.join(" ")}" for bad usage`, async () => {
            assert.deepEqual([(await run(hosts(), ...argv)).code, asked], [2, []]);
        });
    }

    it("wants hosts", async () => {
        assert.equal((await runInMemory((io) => dispatch(["verify"], io))).code, 2);
    });

    describe("with a stack", () => {
        const { PATH } = process.env;
        let directory: string;

        beforeEach(() => {
            directory = mkdtempSync(join(tmpdir(), "pulumi-"));
            process.env.PATH = [directory, PATH].join(delimiter);
        });
        afterEach(() => {
            process.env.PATH = PATH;
            rmSync(directory, { recursive: true });
        });

        /** A pulumi that does only this. */
        function pulumi(work: string): void {
            writeFileSync(join(directory, "pulumi"), `#!/bin/sh\n${work}\n`);
            chmodSync(join(directory, "pulumi"), 0o755);
        }
        const verify = (stack: string) => runInMemory((io) => dispatch(["verify", "--stack", stack], io));

        it("takes the hosts from its output", async () => {
            writeFileSync(join(directory, "output.json"), JSON.stringify(hosts()));
            const words = "stack output kubeAudit --json --show-secrets --non-interactive --stack=org/prod";
            pulumi(`[ "$*" = "${words}" ] && cat "\${0%/*}/output.json"`);
            const { code, stdout } = await verify("org/prod");
            assert.deepEqual(
                [code, stdout],
                [0, "cp-1  ok      Metadata after 0.25 s: GET /version through https://10.0.0.11:6443 (kubectl)\n"],
            );
        });

        it("says why there is none, and what to export", async () => {
            pulumi("echo 'error: current stack does not have output property kubeAudit' >&2; exit 255");
            assert.deepEqual(await verify("dev"), {
                code: 2,
                stdout: "",
                stderr:
                    "kube-audit verify: the output kubeAudit of the stack dev cannot be read: error: current stack does not " +
                    "have output property kubeAudit. Where it has none, export the component's: " +
                    "export const kubeAudit = audit.kubeAudit; then run pulumi up.\n",
            });
        });

        it("repeats nothing of an output that it cannot use", async () => {
            for (const output of ["s3cr3t", '{"hosts":"s3cr3t"}', '{"hosts":[{"privateKey":"s3cr3t"}]}']) {
                pulumi(`echo '${output}'`);
                const { code, stderr } = await verify("dev");
                assert.equal(code, 2);
                assert.ok(!stderr.includes("s3cr3t"), stderr);
            }
        });
    });
});
