import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { createServer, type AddressInfo } from "node:net";
import type { ApiServerAuditArgs } from "kube-apiserver-audit";
import type { SandboxHost, SandboxNode } from "../../sandbox";
import { fingerprint, parseHostKey } from "../../host/knownHosts";
import { MANIFEST, RECEIPT } from "../../host/paths";
import type { HostReport } from "../../host/report";
import { testCluster } from "./cluster";
import { apiServer, auditFlags, hostState, putBackOriginal, rememberOriginal, restarting } from "./controlPlane";
import { AuditStack, hostOf, login, type Run } from "./stack";

const STRAY = `${MANIFEST}.bak`;
const LOG_DIRECTORY = "/var/log/kubernetes/audit";
const LOOK_AT_NETWORK =
    "Check host and port, that the host is up, and the firewalls on the way. " +
    "Where previews have no route to the hosts, set driftDetection: false.";

/** Something that forbids an update of a host that has no audit settings yet. */
interface Refusal {
    readonly name: string;
    /** Makes the cause. */
    readonly arrange?: (node: SandboxNode) => Promise<unknown>;
    /** What the program gives otherwise. */
    readonly args?: (node: SandboxNode) => Promise<Partial<ApiServerAuditArgs>> | Partial<ApiServerAuditArgs>;
    /** What the update says, whole. */
    readonly message: (node: SandboxNode) => Promise<string> | string;
    /** Removes the cause; an update has to succeed then. */
    readonly mend?: (node: SandboxNode) => Promise<unknown>;
}

const REFUSALS: readonly Refusal[] = [
    {
        name: "a host without a host key",
        args: (node) => ({ hosts: [{ name: node.name, host: node.address }] }),
        message: (node) =>
            `hosts[0] ${node.name}: no host key is given, so the host cannot be told from an impostor. Get it with ` +
            `\`ssh-keyscan -t ed25519 -p 22 ${node.address}\` and compare its fingerprint (\`ssh-keygen -lf -\`) with that of ` +
            "/etc/ssh/ssh_host_ed25519_key.pub on the host's own console; then set hostKey to `ssh-ed25519 AAAA…`, or " +
            "knownHosts to the text of a known_hosts file with it. Nothing was changed.",
    },
    {
        name: "a host that shows another host key",
        args: async (node) => ({ hosts: [{ ...hostOf(node), hostKey: await otherHostKey(node) }] }),
        message: async (node) =>
            `${node.name}: ${node.address}:22 as ops: changed host key: the server shows the ssh-ed25519 key ` +
            `${fingerprint(parseHostKey(node.hostKey).blob)}, but ${fingerprint(parseHostKey(await otherHostKey(node)).blob)} ` +
            "is expected. If the host was reinstalled, compare the key's fingerprint with the one on its own console, then " +
            "set the new key; if not, somebody may be in between. Nothing was changed.",
    },
    {
        name: "a private key that opens nothing",
        args: () => ({ connection: { user: "ops", privateKey: newPrivateKey() } }),
        message: (node) =>
            `${node.name}: ${node.address}:22 as ops: login failed (All configured authentication methods failed); tried ` +
            "publickey; the server takes publickey, password. Check the user, the key or password, and authorized_keys on " +
            "the server. Nothing was changed.",
    },
    {
        name: "a user who may not become root",
        args: async () => ({ connection: { ...(await login()), user: "nosudo" } }),
        message: (node) =>
            `${node.name}: the user nosudo may not become root without a password (sudo: a password is required). Allow it ` +
            'in a file of /etc/sudoers.d, "nosudo ALL=(root) NOPASSWD: /bin/sh", or connect as another user. ' +
            "Nothing was changed.",
    },
    {
        name: "a closed port",
        args: (node) => ({ hosts: [{ ...hostOf(node), port: 23 }] }),
        message: (node) =>
            `${node.name}: ${node.address}:23 as ops: no connection (ECONNREFUSED). ${LOOK_AT_NETWORK} Nothing was changed.`,
    },
    {
        name: "an address at which nobody answers",
        args: (node) => ({ hosts: [{ ...hostOf(node), host: nobodysAddress(node), perDialTimeout: 1 }] }),
        message: (node) =>
            `${node.name}: ${nobodysAddress(node)}:22 as ops: no connection after 1 s. ${LOOK_AT_NETWORK} Nothing was changed.`,
    },
    {
        name: "the first of two hosts, where the second cannot be reached",
        args: (node) => ({ hosts: [hostOf(node), { ...hostOf(node), name: "cp-0", port: 23 }] }),
        message: (node) =>
            `cp-0: ${node.address}:23 as ops: no connection (ECONNREFUSED). ${LOOK_AT_NETWORK} Nothing was changed.`,
    },
    {
        name: "a manifest that is a symbolic link",
        arrange: (node) =>
            node.check(`cp -p ${MANIFEST} /etc/kubernetes/linked.yaml
                ln -s /etc/kubernetes/linked.yaml /etc/kubernetes/link && mv -T /etc/kubernetes/link ${MANIFEST}`),
        message: (node) =>
            `${node.name}: ${MANIFEST} is a symbolic link or no regular file, which an atomic replacement would break. ` +
            "Put the file itself there, then run the update again. Nothing was changed.",
    },
    {
        name: "a second manifest, kube-apiserver.yaml.bak",
        arrange: (node) =>
            restarting(node, `cp -p ${MANIFEST} /etc/kubernetes/copy && mv /etc/kubernetes/copy ${STRAY}`),
        message: (node) =>
            `${node.name}: ${STRAY} is also a kube-apiserver pod; the kubelet may run it instead of kube-apiserver.yaml. ` +
            "Move it out of /etc/kubernetes/manifests, then run the update again. Nothing was changed.",
        // Touched, the manifest is read again at once.
        mend: (node) => restarting(node, `mv ${STRAY} /root && touch ${MANIFEST}`),
    },
    {
        name: "an API server that is unhealthy already",
        // It remembers etcd's last answer for 2 s.
        arrange: (node) => node.check("pkill -STOP -x etcd; sleep 3"),
        message: (node) =>
            `${node.name}: The API server at ${node.address}:6443 is not healthy (/readyz): etcd failed: reason withheld; ` +
            "etcd-readiness failed: reason withheld. Mend it first, then run the update again. Nothing was changed.",
        mend: async (node) => {
            await node.check("pkill -CONT -x etcd");
            await node.waitHealthy();
        },
    },
    {
        name: "a full disk",
        arrange: (node) =>
            node.check("mkdir -p /var/log/kubernetes && mount -t tmpfs -o size=64k,mode=755 tmpfs /var/log/kubernetes"),
        message: (node) =>
            `${node.name}: The file system of ${LOG_DIRECTORY} has 64 KiB free; at least 16384 KiB are needed. Make room, ` +
            "then run the update again. Nothing was changed.",
        mend: (node) => node.check("umount /var/log/kubernetes"),
    },
    {
        name: "a kubelet that is stopped",
        arrange: (node) => node.check("systemctl stop kubelet"),
        message: (node) =>
            `${node.name}: The kubelet is not running, so a changed manifest would have no effect. Start it (systemctl start ` +
            "kubelet), then run the update again. Nothing was changed.",
        mend: (node) => node.check("systemctl start kubelet"),
    },
];

async function otherHostKey(node: SandboxNode): Promise<string> {
    const { nodes } = await testCluster();
    return nodes.find((other) => other.name !== node.name)!.hostKey;
}

function newPrivateKey(): string {
    return generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/** In the machines' network, where no machine is. */
function nobodysAddress(node: SandboxNode): string {
    return node.address.replace(/\d+$/, "250");
}

/** What an update was refused with. */
function refusal(run: Run): string {
    assert.equal(run.ok, false, run.output);
    const errors = run.messages.filter(({ severity }) => severity === "error").map(({ text }) => text);
    const [message, ...others] = errors.filter((text) => text !== "update failed");
    assert.deepEqual(others, []);
    return message!.replace('Process exited with status 1: running "sudo -n sh -s -- apply":\n', "");
}

describe("refusals", () => {
    /** Hosts that a test has used are put back while the next one uses another. */
    const tidied = new Map<SandboxNode, Promise<void>>();
    const used = new Set<SandboxNode>();
    let turn = 0;

    async function freshNode(): Promise<SandboxNode> {
        const { nodes } = await testCluster();
        const node = nodes[turn++ % nodes.length]!;
        used.add(node);
        await tidied.get(node);
        return node;
    }

    async function stackOf(node: SandboxHost, args: Partial<ApiServerAuditArgs> = {}): Promise<AuditStack> {
        const policy = { rules: [{ level: "Metadata" as const }] };
        return AuditStack.create({ hosts: [hostOf(node)], connection: await login(), policy, ...args });
    }

    before(async () => {
        const { nodes } = await testCluster();
        await Promise.all(nodes.map(async (node) => rememberOriginal(node).then(() => putBackOriginal(node))));
    });

    afterEach(() => {
        for (const node of used) {
            const tidying = putBackOriginal(node);
            tidying.catch(() => undefined); // Told to whoever is given the host next.
            tidied.set(node, tidying);
        }
        used.clear();
    });

    after(() => Promise.all(tidied.values()));

    async function succeeds(stack: AuditStack): Promise<HostReport> {
        const run = await stack.up();
        assert.equal(run.ok, true, run.output);
        const { reports } = await stack.outputs();
        return (reports!.value as HostReport[])[0]!;
    }

    /** Nothing on the host is other than before. */
    async function isRefused(stack: AuditStack, node: SandboxNode, message: string): Promise<void> {
        const before = await hostState(node);
        assert.equal(refusal(await stack.up()), message);
        assert.equal(await hostState(node), before);
    }

    for (const { name, arrange, args, message, mend } of REFUSALS) {
        it(`meet ${name}${mend === undefined ? "" : ", until that is mended"}`, async () => {
            const node = await freshNode();
            await arrange?.(node);
            const stack = await stackOf(node, await args?.(node));
            await isRefused(stack, node, await message(node));
            if (mend !== undefined) {
                await mend(node);
                assert.equal((await succeeds(stack)).proof, "event");
            }
        });
    }

    it("meet an invalid policy before any connection is made", async () => {
        const node = await freshNode();
        let connections = 0;
        const listener = createServer((socket) => {
            connections += 1;
            socket.destroy();
        });
        await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
        const { port } = listener.address() as AddressInfo;
        const stack = await stackOf(node, {
            hosts: [{ name: "cp-1", host: "127.0.0.1", port, hostKey: node.hostKey }],
            policy: "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n  - level: Metdata\n    user: [alice]\n",
        });
        const message = refusal(await stack.up());
        listener.close();
        assert.equal(
            message,
            `policy:4:12: error: rules[0].level: Unsupported value: "Metdata": supported values: "None", "Metadata", "Request", "RequestResponse"
  4 |   - level: Metdata
    |            ^
  fix: Did you mean Metadata?
policy:5:5: error: unknown field "rules[0].user"
  5 |     user: [alice]
    |     ^
  reason: The API server ignores fields that it does not know, so the rule would match requests that it is not meant for.
  fix: Did you mean users?
Nothing was changed.`,
        );
        assert.deepEqual([connections, stack.sentCommands()], [0, []]);
    });

    it("meet a host without a kube-apiserver", async () => {
        const { sandbox } = await testCluster();
        const [host] = sandbox.lightHosts;
        await host!.check(`mv ${MANIFEST} /root/kube-apiserver.yaml`);
        try {
            const stack = await stackOf(host!);
            assert.equal(
                refusal(await stack.up()),
                `${host!.name}: there is neither ${MANIFEST}, as kubeadm makes it, nor a systemd unit ` +
                    "kube-apiserver.service: this host has no kube-apiserver that is known here. Take it out of hosts, " +
                    "check its address, or give unit the name of its unit. Nothing was changed.",
            );
            const made =
                "/etc/kubernetes/audit /var/lib/kube-apiserver-audit /var/log/kubernetes /run/kube-apiserver-audit";
            assert.equal(await host!.check(`ls -d ${made} 2>/dev/null || :`), "");
        } finally {
            await host!.check(`mv /root/kube-apiserver.yaml ${MANIFEST}`);
        }
    });

    it("meet a stack that does not own the host, unless it adopts it; the old owner then removes nothing", async () => {
        const node = await freshNode();
        const owner = await stackOf(node);
        await succeeds(owner);
        const other = await stackOf(node);
        await isRefused(
            other,
            node,
            `${node.name}: the audit settings of this host belong to organization/e2e/${owner.name}/audit, which would undo ` +
                `what organization/e2e/${other.name}/audit does. Remove them there, or set adopt: true here. Nothing was changed.`,
        );
        const process = await apiServer(node);
        other.args = { ...other.args, adopt: true };
        assert.equal((await succeeds(other)).restarted, false);
        assert.match(await node.check(`cat ${RECEIPT}`), new RegExp(`"owner": "organization/e2e/${other.name}/audit"`));

        const before = await hostState(node);
        const destroyed = await owner.destroy();
        assert.equal(destroyed.ok, true, destroyed.output);
        assert.equal(await hostState(node), before);
        assert.equal(await node.check("find /run/kube-apiserver-audit -mindepth 1"), "");
        assert.equal(await apiServer(node), process);
        const inSync = await other.previewInSync();
        assert.equal(inSync.ok, true, inSync.output);
    });

    it("meet a group of readers that does not exist; once it does, its members read the log, also a rotated one", async () => {
        const node = await freshNode();
        await node.check("groupdel auditors 2>/dev/null; deluser --quiet nosudo auditors 2>/dev/null; :");
        const stack = await stackOf(node, {
            readerGroup: "auditors",
            purgeLogsOnDelete: true,
            policy: { rules: [{ level: "RequestResponse" }] },
            log: { maxSize: 1 },
        });
        await isRefused(
            stack,
            node,
            `${node.name}: There is no group auditors (readerGroup). Create it, or name another, then run the update again. ` +
                "Nothing was changed.",
        );
        await node.check("groupadd auditors && usermod -aG auditors nosudo");
        assert.equal((await succeeds(stack)).proof, "event");
        assert.ok((await auditFlags(node)).includes("--audit-log-maxsize=1"));

        const read = () =>
            node.check(`cat ${LOG_DIRECTORY}/*.log >/dev/null && ls ${LOG_DIRECTORY} | wc -l`, { user: "nosudo" });
        await read();
        // Answers of 100 KB each, until the log was rotated.
        await node.check(`set -eu
            kubectl --kubeconfig /etc/kubernetes/admin.conf -n default create configmap big --from-literal=x=$(head -c 100000 /dev/zero | tr '\\0' x)
            while [ "$(ls ${LOG_DIRECTORY} | wc -l)" -lt 2 ]; do
                kubectl --kubeconfig /etc/kubernetes/admin.conf -n default get configmap big >/dev/null
            done
            kubectl --kubeconfig /etc/kubernetes/admin.conf -n default delete configmap big`);
        assert.ok(Number(await read()) >= 2);
        const modes = await node.check(`stat -c '%a %U %G' ${LOG_DIRECTORY} ${LOG_DIRECTORY}/* | sort -u`);
        assert.equal(modes, "2750 root auditors\n640 root auditors\n");
        const inSync = await stack.previewInSync();
        assert.equal(inSync.ok, true, inSync.output);

        const destroyed = await stack.destroy();
        assert.equal(destroyed.ok, true, destroyed.output);
        assert.equal(await node.check(`ls -d ${LOG_DIRECTORY} 2>/dev/null || :`), "");
        await node.check("groupdel auditors");
    });
});
