import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { ApiServerAudit } from "../../components/apiServerAudit";
import type { ApiServerAuditArgs, LoginArgs } from "../../components/args";
import { withSecretCredentials } from "../../components/secrets";
import { freshHost, POLICY } from "../host/observedHost";
import { deploy, type Registration } from "./deployment";
import { PRIVATE_KEY } from "./probedHost";

const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHicNyOqgOfAYrOr0rRhlElyIow25uucCoMbTQ6LCc+T";

/** What the engine is given for arguments whose hosts are not read. */
async function registered(args: Omit<ApiServerAuditArgs, "policy">): Promise<readonly Registration[]> {
    const all = { ...args, policy: POLICY, driftDetection: false };
    const { registrations, errors } = await deploy(() => new ApiServerAudit("audit", all).reports, {
        host: freshHost(),
    });
    assert.deepEqual(errors, []);
    return registrations;
}

/** A value without what is secret in it. */
function shown(value: unknown): string {
    return JSON.stringify(value, (_name, field: unknown) =>
        typeof field === "object" && field !== null && "secret" in field ? "(secret)" : field,
    );
}

describe("withSecretCredentials", () => {
    it("makes every credential a secret, and nothing else, in the component's inputs", async () => {
        const [component] = await registered({
            hosts: [
                {
                    name: "cp-1",
                    host: "192.0.2.11",
                    password: "canary-1",
                    hostKey: HOST_KEY,
                    proxy: { host: "192.0.2.1", user: "jump", password: "canary-2", hostKey: HOST_KEY },
                },
                { name: "cp-2", host: pulumi.output("192.0.2.12"), hostKey: HOST_KEY, port: 2222 },
            ],
            connection: {
                user: "debian",
                privateKey: PRIVATE_KEY,
                privateKeyPassword: pulumi.output("canary-3"),
                knownHosts: "",
            },
        });
        assert.deepEqual(component!.inputs, {
            policy: POLICY,
            driftDetection: false,
            hosts: [
                {
                    name: "cp-1",
                    host: "192.0.2.11",
                    password: { secret: "canary-1" },
                    hostKey: HOST_KEY,
                    proxy: { host: "192.0.2.1", user: "jump", password: { secret: "canary-2" }, hostKey: HOST_KEY },
                },
                { name: "cp-2", host: "192.0.2.12", hostKey: HOST_KEY, port: 2222 },
            ],
            connection: {
                user: "debian",
                privateKey: { secret: PRIVATE_KEY },
                privateKeyPassword: { secret: "canary-3" },
                knownHosts: "",
            },
        });
    });

    const places: [string, (login: LoginArgs) => Omit<ApiServerAuditArgs, "policy">][] = [
        ["a host", (login) => ({ hosts: [{ name: "a", host: "192.0.2.11", hostKey: HOST_KEY, ...login }] })],
        [
            "a host's proxy",
            (login) => ({
                hosts: [
                    {
                        name: "a",
                        host: "192.0.2.11",
                        hostKey: HOST_KEY,
                        password: "x",
                        proxy: { host: "192.0.2.1", hostKey: HOST_KEY, ...login },
                    },
                ],
            }),
        ],
        [
            "what hosts have in common",
            (login) => ({ hosts: [{ name: "a", host: "192.0.2.11" }], connection: { hostKey: HOST_KEY, ...login } }),
        ],
        [
            "their common proxy, as an output",
            (login) => ({
                hosts: [{ name: "a", host: "192.0.2.11" }],
                connection: {
                    hostKey: HOST_KEY,
                    password: "x",
                    proxy: pulumi.output({ host: "192.0.2.1", hostKey: HOST_KEY, ...login }),
                },
            }),
        ],
    ];
    const logins: [string, LoginArgs, readonly string[]][] = [
        ["a password", { password: "canary" }, ["canary"]],
        ["a private key", { privateKey: PRIVATE_KEY }, [PRIVATE_KEY.split("\n")[1]!]],
        [
            "a password, key and passphrase",
            { privateKey: PRIVATE_KEY, password: "canary", privateKeyPassword: "canary" },
            ["canary", PRIVATE_KEY.split("\n")[1]!],
        ],
    ];
    for (const [place, argsWith] of places) {
        for (const [what, login, canaries] of logins) {
            it(`shows nothing of ${what} of ${place}, in any resource`, async () => {
                const registrations = await registered(argsWith(login));
                assert.equal(registrations.length, 5);
                const all = JSON.stringify(registrations);
                const visible = registrations.map(({ inputs }) => shown(inputs)).join("\n");
                for (const canary of canaries) {
                    assert.ok(all.includes(canary), `${canary} does not arrive`);
                    assert.ok(!visible.includes(canary), visible);
                }
            });
        }
    }

    it("gives the commands the whole connection as one secret, the proxy with it", async () => {
        const registrations = await registered({
            hosts: [{ name: "a", host: "192.0.2.11", hostKey: HOST_KEY, password: "canary-1" }],
            connection: { proxy: { host: "192.0.2.1", hostKey: HOST_KEY, password: "canary-2" } },
        });
        const endpoint = { port: 22, user: "root", hostKey: HOST_KEY, perDialTimeout: 15, dialErrorLimit: 10 };
        const connection = {
            secret: {
                ...endpoint,
                host: "192.0.2.11",
                password: "canary-1",
                proxy: { ...endpoint, host: "192.0.2.1", password: "canary-2" },
            },
        };
        assert.deepEqual(
            registrations.slice(2).map(({ name, inputs }) => [name, inputs.connection]),
            [
                ["audit-a-inspect", connection],
                ["audit-a-apply", connection],
                ["audit-kubeadm-config", connection],
            ],
        );
    });

    it("leaves the arguments as they are", () => {
        const args = { hosts: [{ name: "a", host: "b", password: "c" }], policy: POLICY };
        const before = structuredClone(args);
        withSecretCredentials(args);
        assert.deepEqual(args, before);
    });
});
