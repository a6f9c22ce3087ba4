import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { AuditCheckArgs } from "../../components/args";
import { AuditCheck } from "../../components/auditCheck";
import { loggedRequests, HARMLESS_PATHS } from "../../host/loggedRequests";
import { verifyScript } from "../../host/verification";
import { sha256 } from "../../host/wish";
import { freshHost, LOG_DIRECTORY, POLICY, wishOf } from "../host/observedHost";
import { deploy, verificationOf, type Registration } from "./deployment";
import { PRIVATE_KEY } from "./probedHost";

const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJsK3F88VRSiJ7gpxwwluHEXzEm7Pmmh60svpLOJTGzS";

describe("AuditCheck", () => {
    const hostArgs = (name: string) => ({ name, host: `${name}.test`, hostKey: HOST_KEY });

    const argsOf = (more: Partial<AuditCheckArgs> = {}): AuditCheckArgs => ({
        hosts: [hostArgs("cp-1"), hostArgs("cp-2")],
        connection: { user: "debian", privateKey: PRIVATE_KEY },
        policy: POLICY,
        ...more,
    });

    const up = (args: AuditCheckArgs) => deploy(() => new AuditCheck("check", args).reports, { host: freshHost() });

    const inputsOf = (registrations: readonly Registration[], name: string) =>
        registrations.find((each) => each.name === name)!.inputs;

    const stdinOf = async (args: AuditCheckArgs) =>
        inputsOf((await up(args)).registrations, "check-cp-1").stdin as string;

    const messages = (errors: readonly unknown[]) => errors.map((error) => (error as Error).message);

    it("asks every host at the same time, and reports what was seen", async () => {
        const { registrations, errors, value, said } = await up(argsOf());
        assert.deepEqual([errors, said], [[], []]);
        assert.deepEqual(
            registrations.map(({ name, type, parent, dependsOn }) => [name, type, parent, dependsOn]).sort(),
            [
                ["check", "kube-apiserver-audit:index:AuditCheck", "", []],
                ["check-cp-1", "command:remote:Command", "check", []],
                ["check-cp-2", "command:remote:Command", "check", []],
            ],
        );
        assert.deepEqual(value, ["cp-1", "cp-2"].map(verificationOf));
    });

    it("gives the commands these inputs, and no others: nothing is done when it is removed", async () => {
        const { registrations } = await up(argsOf({ timeoutSeconds: 7 }));
        const script = verifyScript({
            host: "cp-1",
            logPath: `${LOG_DIRECTORY}/audit.log`,
            policySha256: sha256(POLICY),
            requests: loggedRequests(wishOf().policy, "unknown"),
            timeoutSeconds: 7,
        });
        assert.deepEqual(inputsOf(registrations, "check-cp-1"), {
            connection: {
                secret: {
                    host: "cp-1.test",
                    port: 22,
                    user: "debian",
                    privateKey: PRIVATE_KEY,
                    hostKey: HOST_KEY,
                    perDialTimeout: 15,
                    dialErrorLimit: 10,
                },
            },
            logging: "none",
            addPreviousOutputInEnv: false,
            create: "sudo -n sh -s",
            stdin: `# triggers ${sha256("[]").slice(0, 16)}\n${script}`,
        });
        assert.deepEqual(inputsOf(registrations, "check").connection, {
            user: "debian",
            privateKey: { secret: PRIVATE_KEY },
        });
    });

    it("is the same command again until something of it changes", async () => {
        const same = [argsOf(), argsOf({ triggers: [] })];
        const others: AuditCheckArgs[] = [
            argsOf({ triggers: [1] }),
            argsOf({ triggers: [pulumi.output({ some: "thing" })] }),
            argsOf({ policy: POLICY.replace("Metadata", "Request") }),
            argsOf({ log: { path: "/var/log/audit/other.log" } }),
            argsOf({ request: "/api/v1/namespaces/shop" }),
            argsOf({ timeoutSeconds: 60 }),
        ];
        const all: string[] = [];
        for (const args of [...same, ...others]) {
            all.push(await stdinOf(args));
        }
        assert.equal(all[0], all[1]);
        assert.equal(new Set(all).size, 1 + others.length);
    });

    it("keeps what it sends secret where the policy is a secret", async () => {
        const { registrations, errors } = await up(argsOf({ policy: pulumi.secret(POLICY) }));
        assert.deepEqual(errors, []);
        assert.deepEqual(Object.keys(inputsOf(registrations, "check-cp-1").stdin as object), ["secret"]);
    });

    it("leaves out a host that is yet to join", async () => {
        const { registrations } = await up(
            argsOf({ hosts: [{ ...hostArgs("cp-4"), preJoin: true }, hostArgs("cp-1")] }),
        );
        assert.deepEqual(registrations.map(({ name }) => name).sort(), ["check", "check-cp-1"]);
    });

    const drops = `{"rules":[{"level":"None"}]}`;
    const cases: readonly [string, Partial<AuditCheckArgs>, string][] = [
        [
            "a policy that drops all that could be asked",
            { policy: `{"apiVersion":"audit.k8s.io/v1","kind":"Policy",${drops.slice(1)}` },
            `cp-1, cp-2: The policy drops every harmless request: GET ${HARMLESS_PATHS}. Name a GET request that it logs, ` +
                "or add a rule that logs one of these. Nothing was changed.",
        ],
        [
            "a request that the policy drops",
            {
                policy: { rules: [{ level: "Metadata", resources: [{ group: "apps" }] }] },
                request: "/version",
            },
            "cp-1, cp-2: The policy drops GET /version. Name a GET request that it logs. Nothing was changed.",
        ],
        [
            "a log on standard output",
            { log: { path: "-" } },
            "log.path is -, the API server's standard output, which is not looked at. Give a file. Nothing was changed.",
        ],
        ["no time at all", { timeoutSeconds: 0 }, "timeoutSeconds is 0; give whole seconds, from 1 to 3600."],
        ["no hosts", { hosts: [] }, "hosts is empty; name at least one control-plane host."],
    ];
    for (const [name, args, message] of cases) {
        it(`refuses ${name}, and asks no host`, async () => {
            const { registrations, errors } = await up(argsOf(args));
            assert.deepEqual([...new Set(messages(errors))], [message]);
            assert.deepEqual(
                registrations.filter(({ type }) => type.startsWith("command:")),
                [],
            );
        });
    }
});
