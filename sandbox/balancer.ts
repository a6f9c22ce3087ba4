import { admit } from "./boot";
import { contentKey } from "./cache";
import { startLight, type ContainerSpec } from "./container";
import type { Credentials } from "./credentials";
import { docker, dockerSucceeds } from "./docker";
import { balancerConfig } from "./highAvailability";
import { SandboxHost, type HostAddress } from "./node";
import { step, type Progress } from "./progress";

const INSTALL = "apt-get update && apt-get install -y --no-install-recommends haproxy && rm -rf /var/lib/apt/lists/*";

/** A light host with a load balancer on it: Debian's haproxy. */
export class Balancer extends SandboxHost {
    /**
     * Has it send its clients to other API servers from now on; connections that exist stay.
     *
     * @param servers - the nodes that they run on
     */
    async serve(servers: readonly HostAddress[]): Promise<void> {
        await this.check(
            "cat >/etc/haproxy/haproxy.cfg && haproxy -D -f /etc/haproxy/haproxy.cfg -p /run/haproxy.pid -sf $(cat /run/haproxy.pid 2>/dev/null)",
            { stdin: balancerConfig(servers) },
        );
    }
}

/** Starts a light host that has a load balancer, which serves nobody yet. */
export async function startBalancer(
    sandbox: string,
    spec: ContainerSpec,
    credentials: Credentials,
    progress: Progress,
): Promise<Balancer> {
    const image = `kube-apiserver-audit-balancer:${contentKey([spec.image, INSTALL])}`;
    if (!(await dockerSucceeds(["image", "inspect", image]))) {
        await step(progress, "Making the load balancer's image", () =>
            docker(["build", "--network", "host", "-t", image, "-"], { stdin: `FROM ${spec.image}\nRUN ${INSTALL}\n` }),
        );
    }
    const container = { ...spec, image };
    await startLight(sandbox, container);
    return new Balancer({ ...container, name: container.hostname, hostKey: await admit(container, credentials) });
}
