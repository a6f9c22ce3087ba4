import assert from "node:assert/strict";
import type { ConnectionArgs } from "kube-apiserver-audit";
import { MANIFEST } from "../../host/paths";
import type { Sandbox, SandboxNode } from "../../sandbox";
import { testCluster } from "./cluster";
import { everything } from "./deliver";
import { AuditStack, hostOf } from "./stack";

/** Stands for the password of a proxy, which kubeadm copies into the manifest's environment variables. */
const CANARY = "canary-5f0c1e7b9a";

describe("credentials", () => {
    let node: SandboxNode;
    let sandbox: Sandbox;
    let original: string;

    before(async () => {
        ({
            sandbox,
            nodes: [node],
        } = await testCluster());
        original = await node.check(`cat ${MANIFEST}`);
        await replaceManifest(
            original.replace(
                /^( *)image: .*$/m,
                (line, indent: string) =>
                    `${line}\n${indent}env:\n${indent}- name: CANARY\n${indent}  value: ${CANARY}`,
            ),
        );
    });

    after(async () => {
        await replaceManifest(original);
    });

    async function replaceManifest(text: string): Promise<void> {
        const before = await node.check("pgrep -x kube-apiserver");
        await node.check(`cat >/etc/kubernetes/manifests/.new && mv /etc/kubernetes/manifests/.new ${MANIFEST}`, {
            stdin: text,
        });
        await node.check(`while [ "$(pgrep -x kube-apiserver)" = ${before.trim()} ]; do sleep 0.2; done`);
        await node.waitHealthy();
    }

    const variants: readonly [name: string, connection: (sandbox: Sandbox) => ConnectionArgs][] = [
        ["a private key", ({ credentials: { privateKey } }) => ({ privateKey })],
        [
            "an encrypted private key",
            ({ credentials: { encryptedPrivateKey, passphrase } }) => ({
                privateKey: encryptedPrivateKey,
                privateKeyPassword: passphrase,
            }),
        ],
        ["a password", ({ credentials: { password } }) => ({ password })],
    ];

    for (const [name, connection] of variants) {
        it(`are nowhere in the clear with ${name}`, async () => {
            const stack = await AuditStack.create({
                hosts: [hostOf(node)],
                connection: { user: node.users.admin, ...connection(sandbox) },
                policy: everything("Metadata"),
            });
            const texts = new Map<string, string>();
            const up = await stack.up();
            texts.set("the output of up", up.output);
            assert.equal(up.ok, true, up.output);
            texts.set("the state", await stack.state());

            // Drift beside the canary, shown as a diff.
            await node.check(
                `sed '/--audit-log-maxage=/d' ${MANIFEST} >/etc/kubernetes/.m && mv /etc/kubernetes/.m ${MANIFEST}`,
            );
            const drift = await stack.preview();
            assert.match(drift.output, /the flag --audit-log-maxage was removed/);
            texts.set("the output of preview", drift.output);

            // A command that fails shows its text and everything that it printed.
            await node.check("systemctl stop kubelet");
            const failed = await stack.up();
            await node.check("systemctl start kubelet");
            assert.equal(failed.ok, false);
            assert.match(failed.output, /The kubelet is not running/);
            texts.set("the output of a failed up", failed.output);
            texts.set("the state after a failed up", await stack.state());
            const destroyed = await stack.destroy();
            assert.equal(destroyed.ok, true, destroyed.output);
            texts.set("the output of destroy", destroyed.output);

            const { privateKey, encryptedPrivateKey, passphrase, password } = sandbox.credentials;
            const secrets = [
                ["the private key", middle(privateKey)],
                ["the encrypted private key", middle(encryptedPrivateKey)],
                ["the passphrase", passphrase],
                ["the password", password],
                ["the canary", CANARY],
                ...base64Of(CANARY).map((text) => ["the canary in base64", text]),
            ] as const;
            const found = [...texts].flatMap(([place, text]) =>
                secrets
                    // Base64 comes in lines, whose breaks the state writes as \\n.
                    .filter(([, secret]) => text.replaceAll("\\n", "").includes(secret))
                    .map(([what]) => `${what} is in ${place}`),
            );
            assert.deepEqual(found, []);
        });
    }
});

/** A line of a key that no other key has. */
function middle(key: string): string {
    return key.split("\n")[3]!;
}

/** What a text looks like inside a longer one in base64, at each of the three places where it can begin. */
function base64Of(text: string): string[] {
    return [0, 1, 2].map((offset) =>
        Buffer.from(" ".repeat(offset) + text)
            .toString("base64")
            .slice(offset === 0 ? 0 : 4, -4),
    );
}
