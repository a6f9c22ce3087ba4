import assert from "node:assert/strict";
import type { SandboxNode } from "../../sandbox";
import { MANIFEST, POLICY_DIRECTORY as POLICIES, STATE_DIRECTORY as STATE } from "../../host/paths";
import { parseReport, type HostReport } from "../../host/report";
import type { Exchange } from "../../host/ssh";
import { testCluster } from "./cluster";
import { apiServer, awaitIdle } from "./controlPlane";
import { assessHost, delivery, planned, send, type Delivery } from "./deliver";

export { MANIFEST, POLICIES, STATE };
export const LOG_DIRECTORY = "/var/log/kubernetes/audit";
export const RUN = "/run/kube-apiserver-audit";

/** Everything that a transaction may change, apart from the log: what runs, and each file with mode, owner and content. */
const SHOW_STATE = `
kubectl --kubeconfig /etc/kubernetes/admin.conf get --raw /readyz; echo
for pid in $(pgrep -x kube-apiserver); do tr '\\0' '\\n' </proc/$pid/cmdline | grep '^--audit-'; done
for place in /etc/kubernetes/manifests ${POLICIES} ${STATE}; do
    [ ! -e $place ] || find $place \\( -printf '%p %y %m %u:%g %l ' \\) \\( -type f -exec sha256sum {} \\; -o -printf '\\n' \\) | sort
done
[ ! -e ${LOG_DIRECTORY} ] || stat -c '%n %a %U:%G' ${LOG_DIRECTORY}
find /etc/systemd/system -name '*audit*'
[ ! -e ${RUN} ] || find ${RUN} -mindepth 1
`;

/** What a runner says that ended before it touched the API server, after its reason. */
export const UNTOUCHED = "The API server was not touched, and what had been written for it was taken away again.";
export const RESTORED = "The old manifest was restored; the API server is healthy with the old settings.";
export const IN_FORCE =
    "The new settings were proven before that and are in force. Run the update again to take note of them.";

/** A control plane with audit settings in force, to which failing changes are made. */
export class Subject {
    /** What the runner says that has undone a change of the API server. */
    readonly restored: string = RESTORED;

    private changes = 0;

    constructor(
        readonly node: SandboxNode,
        private readonly make: (policy: string, timeoutSeconds?: number) => Delivery,
    ) {}

    /** All machines, without audit settings yet. */
    static async all(): Promise<[Subject, Subject, Subject]> {
        const { sandbox, nodes } = await testCluster();
        const [first, second, third] = nodes.map(
            (node) =>
                new Subject(node, (policy, timeoutSeconds) => delivery(sandbox, node, policy, timeoutSeconds ?? 120)),
        );
        return [first!, second!, third!];
    }

    /** A change to a policy that the host never had: it restarts the API server. */
    change(timeoutSeconds?: number): Delivery {
        const lines = [
            `# The change number ${++this.changes} of ${this.node.name}.`,
            "apiVersion: audit.k8s.io/v1",
            "kind: Policy",
            "rules:",
            "    - level: Metadata",
            "      nonResourceURLs: [/version]",
            "",
        ];
        return this.make(lines.join("\n"), timeoutSeconds);
    }

    /** What there is on the host now, whole. */
    state(): Promise<string> {
        return this.node.check(SHOW_STATE);
    }

    /** `pid start` of the API server. */
    process(): Promise<string> {
        return apiServer(this.node);
    }

    /** Puts a new change into force. */
    async settle(): Promise<Delivery> {
        const change = this.change();
        await this.succeed(change);
        return change;
    }

    /** Carries out a change, which has to succeed and to be in sync then. */
    async succeed(change: Delivery): Promise<HostReport> {
        const sent = await send(change, await planned(change));
        assert.equal(sent.code, 0, sent.stderr);
        const { drifts, restarts } = await assessHost(change);
        assert.deepEqual([drifts, restarts], [[], []]);
        return parseReport(sent.stdout);
    }

    /** Carries out a change with an altered script, which has to fail and to leave everything as it was. */
    async fail(change: Delivery, alter: (script: string) => string): Promise<string> {
        const old = await this.state();
        const sent = await send(change, alter(await planned(change)));
        assert.equal(sent.code, 1, sent.stderr || sent.stdout);
        assert.equal(await this.state(), old, sent.stderr);
        return sent.stderr;
    }

    /** Takes the settings away. */
    async remove(change: Delivery): Promise<Exchange> {
        const sent = await send(change, await planned(change), "remove");
        assert.equal(sent.code, 0, sent.stderr);
        return sent;
    }

    /** What the runner says, each sentence with the host before it. */
    says(...sentences: readonly string[]): string {
        return sentences.map((sentence) => `${this.node.name}: ${sentence}\n`).join("");
    }

    idle(): Promise<void> {
        return awaitIdle(this.node);
    }
}
