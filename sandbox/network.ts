import { docker } from "./docker";

/** Private networks that this sandbox may take; Docker's own defaults lie elsewhere. */
const PREFIX = "10.213";

/** A Docker network on which every host keeps its address, over reboots too. */
export interface Network {
    readonly name: string;
    /** The first three bytes of every address on it. */
    readonly prefix: string;
}

/** Makes a network in a range that no Docker network uses. */
export async function makeNetwork(name: string): Promise<Network> {
    const taken = await subnets();
    for (let third = 0; third < 256; third++) {
        const prefix = `${PREFIX}.${third}`;
        if (taken.has(`${prefix}.0/24`)) {
            continue;
        }
        try {
            await docker(["network", "create", "--subnet", `${prefix}.0/24`, name]);
            return { name, prefix };
        } catch (error) {
            if (!String(error).includes("overlaps")) {
                throw error;
            }
        }
    }
    throw new Error(`Every network in ${PREFIX}.0.0/16 is taken. Remove sandboxes that are not needed any more.`);
}

/** The address of the n-th host, counted from 1. */
export function addressOf(network: Network, n: number): string {
    return `${network.prefix}.${n + 9}`;
}

async function subnets(): Promise<Set<string>> {
    const ids = (await docker(["network", "ls", "-q"])).split("\n");
    const format = "{{range .IPAM.Config}}{{println .Subnet}}{{end}}";
    return new Set((await docker(["network", "inspect", "--format", format, ...ids])).split("\n"));
}
