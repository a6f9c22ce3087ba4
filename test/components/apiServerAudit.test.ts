import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { ApiServerAudit } from "../../components/apiServerAudit";
import type { ApiServerAuditArgs, HostArgs } from "../../components/args";
import type { Observation } from "../../host/observation";
import { kubeadmConfigScript } from "../../host/kubeadmConfig";
import { MANIFEST } from "../../host/paths";
import { inspectScript, planTransaction } from "../../host/plan";
import { beforeJoinScript } from "../../host/preJoin";
import { makeWish, sha256 } from "../../host/wish";
import {
    ANY_GROUP_REFUSED,
    appliedHost,
    freshHost,
    KUBEADM_MANIFEST,
    OWNER,
    POLICY,
    printed,
    wishOf,
    withFile,
    without,
    withText,
} from "../host/observedHost";
import { startRelay, type Relay } from "../host/sshd";
import { deploy, reportOf, type Deployment, type Registration } from "./deployment";
import { PRIVATE_KEY, startProbedHost, type ProbedHost } from "./probedHost";

const TOKEN = "0123456789abcdef";

const noApiServer = (name: string) =>
    `${name}: there is neither ${MANIFEST}, as kubeadm makes it, nor a systemd unit kube-apiserver.service: this host has ` +
    "no kube-apiserver that is known here. Take it out of hosts, check its address, or give unit the name of its unit. " +
    "Nothing was changed.";

describe("ApiServerAudit", () => {
    let host: ProbedHost;
    /** Stands before the host, and counts who comes. */
    let relay: Relay;

    beforeEach(async () => {
        host = await startProbedHost(freshHost());
        relay = await startRelay(host.port);
    });

    afterEach(() => {
        relay.stop();
        host.stop();
    });

    const hostArgs = (name: string): HostArgs => ({ name, host: "127.0.0.1", port: relay.port, hostKey: host.hostKey });

    const argsOf = (more: Partial<ApiServerAuditArgs> = {}): ApiServerAuditArgs => ({
        hosts: [hostArgs("cp-1"), hostArgs("cp-2"), hostArgs("cp-3")],
        connection: { user: "debian", privateKey: PRIVATE_KEY },
        policy: POLICY,
        ...more,
    });

    const connectionInput = () => ({
        secret: {
            host: "127.0.0.1",
            port: relay.port,
            user: "debian",
            privateKey: PRIVATE_KEY,
            hostKey: host.hostKey,
            perDialTimeout: 15,
            dialErrorLimit: 10,
        },
    });

    /** Deploys onto a host that has what is given, for the probe and for the commands. */
    const up = (args: ApiServerAuditArgs, found: Observation = freshHost(), preview = false) => {
        host.become(found);
        return deploy(() => new ApiServerAudit("audit", args).reports, { host: found, preview });
    };

    const planned = (name: string, found: Observation, generation: string, wish = wishOf()) =>
        planTransaction(name, `generation ${generation}\n${printed(found)}`, wish).script;

    it("registers every host's reading and transaction, each transaction after the one before", async () => {
        const { registrations, errors, value } = await up(argsOf());
        assert.deepEqual(errors, []);
        const outline = registrations.map(
            ({ type, name, parent, dependsOn, ignoreChanges, additionalSecretOutputs }) => [
                name,
                type.split(":").at(-1),
                parent,
                [...dependsOn].sort(),
                ignoreChanges,
                // The SDK itself adds the connection.
                additionalSecretOutputs.filter((output) => output !== "connection"),
            ],
        );
        assert.deepEqual(outline.sort(), [
            ["audit", "ApiServerAudit", "", [], [], []],
            ["audit-cp-1", "HostAudit", "audit", [], [], []],
            ["audit-cp-1-apply", "Command", "audit-cp-1", ["audit-cp-1-inspect"], [], []],
            ["audit-cp-1-inspect", "Command", "audit-cp-1", [], [], ["stdout"]],
            ["audit-cp-2", "HostAudit", "audit", [], [], []],
            ["audit-cp-2-apply", "Command", "audit-cp-2", ["audit-cp-1-apply", "audit-cp-2-inspect"], [], []],
            ["audit-cp-2-inspect", "Command", "audit-cp-2", [], [], ["stdout"]],
            ["audit-cp-3", "HostAudit", "audit", [], [], []],
            ["audit-cp-3-apply", "Command", "audit-cp-3", ["audit-cp-2-apply", "audit-cp-3-inspect"], [], []],
            ["audit-cp-3-inspect", "Command", "audit-cp-3", [], [], ["stdout"]],
            [
                "audit-kubeadm-config",
                "Command",
                "audit",
                ["cp-1", "cp-2", "cp-3"].flatMap((host) => [`audit-${host}-apply`, `audit-${host}-inspect`]),
                [],
                [],
            ],
        ]);
        assert.deepEqual(
            new Set(registrations.map(({ type }) => type)),
            new Set([
                "kube-apiserver-audit:index:ApiServerAudit",
                "kube-apiserver-audit:index:HostAudit",
                "command:remote:Command",
            ]),
        );
        assert.deepEqual(value, ["audit-cp-1-apply", "audit-cp-2-apply", "audit-cp-3-apply"].map(reportOf));
    });

    it("gives the commands these inputs, and no others", async () => {
        const { registrations } = await up(argsOf({ hosts: [hostArgs("cp-1")] }));
        const stdin = inputsOf(registrations, "audit-cp-1-inspect").stdin as string;
        const generation = /^echo "generation ([0-9a-f]{16})"\n/.exec(stdin)![1]!;
        const common = { addPreviousOutputInEnv: false, connection: connectionInput(), logging: "none" };
        assert.deepEqual(inputsOf(registrations, "audit-cp-1-inspect"), {
            ...common,
            create: "sudo -n sh -s",
            stdin: inspectScript(generation),
        });
        assert.deepEqual(inputsOf(registrations, "audit-cp-1-apply"), {
            ...common,
            create: "sudo -n sh -s -- apply",
            delete: "sudo -n sh -s -- remove",
            stdin: planned("cp-1", freshHost(), generation),
        });
        assert.deepEqual(inputsOf(registrations, "audit-kubeadm-config"), {
            ...common,
            create: "sudo -n sh -s -- apply",
            delete: "sudo -n sh -s -- remove",
            stdin: kubeadmConfigScript(wishOf().settings, [planned("cp-1", freshHost(), generation)]),
        });
        assert.deepEqual(inputsOf(registrations, "audit-cp-1"), {});
    });

    it("leaves kubeadm's configuration alone where it is told to", async () => {
        const { registrations, errors } = await up(argsOf({ persistInKubeadmConfig: false }));
        assert.deepEqual(errors, []);
        assert.deepEqual(
            commands(registrations).filter((name) => !/-(inspect|apply)$/.test(name)),
            [],
        );
    });

    it("tells all of its resources to stay on the hosts when it is to be retained", async () => {
        host.become(freshHost());
        const program = (retainOnDelete?: boolean) => () =>
            new ApiServerAudit("audit", argsOf(), retainOnDelete === undefined ? {} : { retainOnDelete }).reports;
        const retained = await deploy(program(true), { host: freshHost() });
        const removed = await deploy(program(), { host: freshHost() });
        assert.deepEqual(
            [retained, removed].map(({ registrations }) => new Set(registrations.map((each) => each.retainOnDelete))),
            [new Set([true]), new Set([false])],
        );
    });

    it("tells kube-audit of the hosts, as a secret", async () => {
        host.become(appliedHost());
        const proxy = { host: "bastion.test", user: "jump", password: "pw", insecureIgnoreHostKey: true };
        const joining = { ...hostArgs("cp-4"), preJoin: true };
        const args = argsOf({
            hosts: [hostArgs("cp-1"), joining],
            log: { path: "/var/log/a/b.log" },
            driftDetection: false,
        });
        let isSecret: Promise<boolean> | undefined;
        const { value } = await deploy(
            () => {
                const { kubeAudit } = new ApiServerAudit("audit", {
                    ...args,
                    connection: { ...args.connection, proxy },
                });
                isSecret = pulumi.isSecret(kubeAudit);
                return kubeAudit;
            },
            { host: appliedHost() },
        );
        const dial = { perDialTimeout: 15, dialErrorLimit: 10 };
        assert.deepEqual(value, {
            hosts: [
                {
                    name: "cp-1",
                    host: "127.0.0.1",
                    port: relay.port,
                    ...dial,
                    user: "debian",
                    privateKey: PRIVATE_KEY,
                    hostKey: host.hostKey,
                    proxy: { ...proxy, port: 22, ...dial },
                    log: { path: "/var/log/a/b.log" },
                },
            ],
        });
        assert.equal(await isSecret, true);
    });

    it("needs no sudo as root", async () => {
        const { registrations } = await up(argsOf({ connection: { privateKey: PRIVATE_KEY } }));
        assert.deepEqual(
            ["audit-cp-2-inspect", "audit-cp-2-apply"].map((name) => {
                const { create, delete: remove } = inputsOf(registrations, name);
                return [create, remove];
            }),
            [
                ["sh -s", undefined],
                ["sh -s -- apply", "sh -s -- remove"],
            ],
        );
        assert.deepEqual(new Set(host.commands.map(({ command }) => command)), new Set(["sh -s"]));
    });

    it("plans what the program asks for, of the owner that it is", async () => {
        const args = {
            log: { maxAge: 1 },
            rollout: { timeoutSeconds: 60 },
            readerGroup: "adm",
            purgeLogsOnDelete: true,
        };
        const { registrations } = await up(argsOf({ ...args, hosts: [hostArgs("cp-1")] }), appliedHost());
        const wish = makeWish({ owner: OWNER, policy: POLICY, ...args });
        assert.equal(inputsOf(registrations, "audit-cp-1-apply").stdin, planned("cp-1", appliedHost(), TOKEN, wish));
    });

    it("takes the policy from a file, or as an object", async () => {
        const directory = mkdtempSync(join(tmpdir(), "policy-"));
        const policyFile = join(directory, "policy.yaml");
        writeFileSync(policyFile, POLICY);
        const hosts = [hostArgs("cp-1")];
        const fromFile = await up(argsOf({ hosts, policy: undefined, policyFile }), appliedHost());
        rmSync(directory, { recursive: true });
        const fromObject = await up(argsOf({ hosts, policy: { rules: [{ level: "Request" }] } }), appliedHost());
        const wish = wishOf({ policy: { rules: [{ level: "Request" }] } });
        assert.deepEqual(
            [fromFile, fromObject].map(({ registrations }) => inputsOf(registrations, "audit-cp-1-apply").stdin),
            [planned("cp-1", appliedHost(), TOKEN), planned("cp-1", appliedHost(), TOKEN, wish)],
        );
    });

    it("keeps a transaction secret where the policy is one, or where it repeats something of the manifest", async () => {
        const hosts = [hostArgs("cp-1")];
        const secret = await up(argsOf({ hosts, policy: pulumi.secret(POLICY) }), appliedHost());
        const words = [...KUBEADM_MANIFEST.matchAll(/^ {4}- (--.*|kube-apiserver)\n/gm)];
        const flow = words
            .reduce((text, [line]) => text.replace(line, ""), KUBEADM_MANIFEST)
            .replace("  - command:\n", `  - command: [${words.map(([, word]) => JSON.stringify(word)).join(", ")}]\n`);
        const repeated = await up(argsOf({ hosts }), freshHost(flow));
        for (const { registrations, errors } of [secret, repeated]) {
            assert.deepEqual(errors, []);
            const { stdin } = inputsOf(registrations, "audit-cp-1-apply");
            assert.deepEqual(Object.keys(stdin as object), ["secret"]);
        }
        assert.deepEqual(inputsOf(secret.registrations, "audit").policy, { secret: POLICY });
    });

    describe("reading the hosts", () => {
        it("says nothing of hosts in sync, and keeps their token", async () => {
            const { registrations, said, errors } = await up(argsOf(), appliedHost(), true);
            assert.deepEqual([said, errors], [[], []]);
            for (const name of ["cp-1", "cp-2", "cp-3"]) {
                assert.equal(inputsOf(registrations, `audit-${name}-inspect`).stdin, inspectScript(TOKEN));
            }
            assert.equal(relay.made(), 3);
            assert.deepEqual(
                host.commands.map(({ command }) => command),
                Array.from({ length: 3 }, () => "sudo -n sh -s"),
            );
        });

        it("tells what drifted in previews and in updates, and of restarts in previews", async () => {
            const drifted = withText(appliedHost(), MANIFEST, (text) => text.replace("maxage=30", "maxage=31"));
            const warnings = ["cp-1", "cp-2"].map(
                (name) =>
                    `warning: ${name}: ${MANIFEST}: the flag --audit-log-maxage was changed.\n` +
                    `--- ${MANIFEST} (as applied)\n+++ ${MANIFEST} (now)\n` +
                    "-    - --audit-log-maxage=30\n+    - --audit-log-maxage=31",
            );
            const restarts = ["cp-1", "cp-2"].map(
                (name) => `info: ${name}: the API server will be restarted: what drifted is repaired.`,
            );
            const args = argsOf({ hosts: [hostArgs("cp-1"), hostArgs("cp-2")] });
            const update = await up(args, drifted);
            const preview = await up(args, drifted, true);
            assert.deepEqual([...update.said].sort(), warnings);
            assert.deepEqual([...preview.said].sort(), [...restarts, ...warnings]);
            const tokens = [update, preview].map(
                ({ registrations }) => inputsOf(registrations, "audit-cp-2-inspect").stdin as string,
            );
            assert.equal(tokens[0], tokens[1]);
            assert.notEqual(tokens[0], inspectScript(TOKEN));
        });

        it("tells in previews what a changed policy does, once for all hosts that have the same in force", async () => {
            const policy = POLICY.replace("level: Metadata", "level: Request");
            const message =
                "info: The changed policy records something else of these requests:\n" +
                "everything by anybody but system:kube-proxy: Metadata → Request\n" +
                "    such as: get pods example in default by jane";
            const told = ({ said }: Deployment<unknown>) => said.filter((text) => text.startsWith("info: The changed"));
            assert.deepEqual(told(await up(argsOf({ policy }), appliedHost(), true)), [message]);
            assert.deepEqual(told(await up(argsOf({ policy }), appliedHost())), []);
            assert.deepEqual(told(await up(argsOf({ policy: pulumi.secret(policy) }), appliedHost(), true)), []);
        });

        it("shows no lines of a policy that is a secret", async () => {
            const path = wishOf().settings.policyFile;
            const drifted = withText(appliedHost(), path, (text) => text.replace("kube-proxy", "canary"));
            const hosts = [hostArgs("cp-1")];
            const secret = await up(argsOf({ hosts, policy: pulumi.secret(POLICY) }), drifted);
            const plain = await up(argsOf({ hosts }), drifted);
            const warning = `warning: cp-1: ${path}: the policy was edited on the host.`;
            assert.deepEqual(secret.said, [warning]);
            assert.deepEqual(
                plain.said.map((text) => [text.split("\n")[0], text.includes("canary")]),
                [[warning, true]],
            );
        });

        it("changes nothing anywhere where one host may not be touched", async () => {
            const hosts = [hostArgs("cp-1"), { ...hostArgs("cp-2"), port: (await brokenHost()).port }];
            const { registrations, errors } = await up(argsOf({ hosts }));
            assert.deepEqual(messages(errors), [noApiServer("cp-2")]);
            assert.deepEqual(commands(registrations), []);
        });

        it("takes a host that is yet to join as it is, and tells kubeadm through another one", async () => {
            broken = await startProbedHost(without(freshHost(), MANIFEST));
            const joining = { ...hostArgs("cp-4"), port: broken.port, hostKey: broken.hostKey, preJoin: true };
            const { registrations, said, errors } = await up(argsOf({ hosts: [joining, hostArgs("cp-1")] }));
            assert.deepEqual([said, errors], [[], []]);
            assert.deepEqual(inputsOf(registrations, "audit-kubeadm-config").connection, connectionInput());
            const alone = await up(argsOf({ hosts: [joining] }), without(freshHost(), MANIFEST));
            const { stdin } = inputsOf(alone.registrations, "audit-cp-4-apply");
            const generation = /^generation (\w+)$/m.exec(stdin as string)![1]!;
            assert.equal(stdin, beforeJoinScript("cp-4", generation, wishOf()));
            assert.deepEqual(commands(alone.registrations), ["audit-cp-4-apply", "audit-cp-4-inspect"]);
        });

        it("refuses a policy that a host's own version refuses", async () => {
            const policy = { rules: [{ level: "Metadata" as const, resources: [{ group: "*" }] }] };
            const { registrations, errors } = await up(argsOf({ hosts: [hostArgs("cp-1")], policy }));
            assert.deepEqual(messages(errors), [`cp-1: ${ANY_GROUP_REFUSED} Nothing was changed.`]);
            assert.deepEqual(commands(registrations), []);
        });

        it("stops the roll-out at a host that was changed after it was read", async () => {
            host.become(freshHost());
            const args = argsOf();
            const deployment = await deploy(() => new ApiServerAudit("audit", args).reports, {
                host: without(freshHost(), MANIFEST),
            });
            assert.deepEqual(messages(deployment.errors).sort(), ["cp-1", "cp-2", "cp-3"].map(noApiServer));
            assert.deepEqual(commands(deployment.registrations), [
                "audit-cp-1-inspect",
                "audit-cp-2-inspect",
                "audit-cp-3-inspect",
            ]);
        });

        let broken: ProbedHost | undefined;
        const brokenHost = async () => (broken = await startProbedHost(without(freshHost(), MANIFEST)));
        afterEach(() => {
            broken?.stop();
            broken = undefined;
        });
    });

    describe("without drift detection", () => {
        it("needs no connection, and reads again only when something else changes", async () => {
            const drifted = withFile(appliedHost(), MANIFEST, { text: KUBEADM_MANIFEST });
            const { registrations, said, errors } = await up(argsOf({ driftDetection: false }), drifted, true);
            assert.deepEqual([said, errors], [[], []]);
            assert.equal(relay.made(), 0);
            for (const name of ["cp-1", "cp-2", "cp-3"]) {
                const inspect = registrations.find((each) => each.name === `audit-${name}-inspect`)!;
                assert.deepEqual(inspect.ignoreChanges, ["stdin"]);
                const token = sha256(`${OWNER} ${name}`).slice(0, 16);
                assert.equal(inspect.inputs.stdin, inspectScript(token));
                const apply = registrations.find((each) => each.name === `audit-${name}-apply`)!;
                assert.deepEqual(apply.ignoreChanges, []);
                assert.equal(apply.inputs.stdin, planned(name, drifted, token));
            }
        });
    });

    describe("bad arguments", () => {
        const refused = async (args: ApiServerAuditArgs): Promise<Deployment<unknown>> => {
            const deployment = await up(args);
            assert.deepEqual(commands(deployment.registrations), []);
            assert.equal(relay.made(), 0, "a connection was made");
            assert.equal(deployment.errors.length, 1);
            const [error] = deployment.errors as [pulumi.ResourceError];
            assert.ok(pulumi.ResourceError.isInstance(error), String(error));
            assert.ok(error.resource instanceof ApiServerAudit);
            assert.equal(error.hideStack, true);
            return deployment;
        };

        const cases: [string, () => Partial<ApiServerAuditArgs>, string][] = [
            ["no hosts", () => ({ hosts: [] }), "hosts is empty; name at least one control-plane host."],
            [
                "two hosts of one name",
                () => ({ hosts: [hostArgs("a"), hostArgs("b"), hostArgs("b")] }),
                "hosts has two entries with the name b; every host needs its own.",
            ],
            [
                "a name that is no part of a resource's name",
                () => ({ hosts: [hostArgs("a b")] }),
                'hosts has the name "a b"; use letters, digits, dots, dashes and underscores.',
            ],
            [
                "an empty name",
                () => ({ hosts: [hostArgs("")] }),
                'hosts has the name ""; use letters, digits, dots, dashes and underscores.',
            ],
            ["no policy", () => ({ policy: undefined }), "give either policy or policyFile."],
            ["two policies", () => ({ policyFile: "policy.yaml" }), "give either policy or policyFile."],
            [
                "a policy file that is not there",
                () => ({ policy: undefined, policyFile: "/nowhere/policy.yaml" }),
                "policyFile cannot be read: ENOENT: no such file or directory, open '/nowhere/policy.yaml'",
            ],
            [
                "a policy file that is a directory",
                () => ({ policy: undefined, policyFile: "/" }),
                "policyFile cannot be read: EISDIR: illegal operation on a directory, read",
            ],
            [
                "an invalid policy",
                () => ({ policy: POLICY.replace("Metadata", "All") }),
                [
                    'policy:6:12: error: rules[1].level: Unsupported value: "All": supported values: "None", "Metadata", "Request", "RequestResponse"',
                    "  6 |   - level: All",
                    "    |            ^",
                    "  fix: Use one of None, Metadata, Request, RequestResponse.",
                    "Nothing was changed.",
                ].join("\n"),
            ],
            [
                "settings of the log that cannot be",
                () => ({ log: { path: "audit.log" }, readerGroup: "a b" }),
                'log.path is "audit.log", which is not absolute; give an absolute path, or - for standard output.\n' +
                    'readerGroup is "a b"; give the name of a group on the hosts.\nNothing was changed.',
            ],
            [
                "no way to know the host",
                () => ({ hosts: [{ name: "cp-1", host: "cp-1.example" }] }),
                "hosts[0] cp-1: no host key is given, so the host cannot be told from an impostor. Get it with " +
                    "`ssh-keyscan -t ed25519 -p 22 cp-1.example` and compare its fingerprint (`ssh-keygen -lf -`) with " +
                    "that of /etc/ssh/ssh_host_ed25519_key.pub on the host's own console; then set hostKey to " +
                    "`ssh-ed25519 AAAA…`, or knownHosts to the text of a known_hosts file with it. Nothing was changed.",
            ],
            [
                "no way to log in",
                () => ({ hosts: [{ ...hostArgs("cp-1"), password: "" }] }),
                "hosts[0] cp-1: password is empty. Look at where it is read from, or leave it out. Nothing was changed.",
            ],
        ];
        for (const [what, args, message] of cases) {
            it(`are refused before any connection is made: ${what}`, async () => {
                const { errors } = await refused(argsOf(args()));
                assert.deepEqual(messages(errors), [message]);
            });
        }

        it("are found in a policy file by its name", async () => {
            const directory = mkdtempSync(join(tmpdir(), "policy-"));
            const policyFile = join(directory, "policy.yaml");
            writeFileSync(policyFile, "rules:\n");
            const { errors } = await refused(argsOf({ policy: undefined, policyFile }));
            rmSync(directory, { recursive: true });
            assert.ok(messages(errors)[0]!.startsWith(`${policyFile}:1:1: error: unknown group version field`));
        });
    });

    it("warns of hosts that are not told from impostors", async () => {
        const anybody = { name: "cp-1", host: "127.0.0.1", port: relay.port, insecureIgnoreHostKey: true };
        const { said, errors } = await up(argsOf({ hosts: [anybody] }), appliedHost());
        assert.deepEqual(errors, []);
        assert.deepEqual(said, [
            "warning: hosts[0] cp-1: insecureIgnoreHostKey is set, so anybody in between can pose as the host. Set " +
                "hostKey instead.",
        ]);
    });
});

function inputsOf(registrations: readonly Registration[], name: string): Readonly<Record<string, unknown>> {
    return registrations.find((registration) => registration.name === name)!.inputs;
}

function commands(registrations: readonly Registration[]): string[] {
    return registrations
        .filter(({ type }) => type === "command:remote:Command")
        .map(({ name }) => name)
        .sort();
}

function messages(errors: readonly unknown[]): string[] {
    return errors.map((error) => (error instanceof Error ? error.message : String(error)));
}
