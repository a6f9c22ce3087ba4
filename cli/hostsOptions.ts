import type { LogHost } from "./hostsFile";
import { CommandError, type CommandIO } from "./io";

/** The options that name hosts to be reached over SSH. */
export const hostsOptions = { hosts: { type: "string" }, stack: { type: "string" } } as const;

/** What `util.parseArgs` gives for {@link hostsOptions}. */
export interface HostsValues {
    readonly hosts?: string | undefined;
    readonly stack?: string | undefined;
}

/** What the help texts say of {@link hostsOptions}. */
export const hostsHelp = `  --hosts FILE          the hosts, to be reached over SSH. FILE is YAML: hosts, a list of {name, host, …connection};
                        connection, what they have in common; log.path, as in the component, or in a host. A connection has the
                        component's fields (port, user, privateKey, hostKey, knownHosts, proxy…), and privateKeyFile and
                        knownHostsFile, paths as seen from the file. A host key is required
  --stack STACK         the hosts of a Pulumi stack, in whose project's directory this is run: its output kubeAudit has what
                        FILE would have, as the component's own output kubeAudit does
`;

/**
 * The hosts that the options name; undefined where they name none.
 *
 * @throws CommandError that says what is wrong, without a credential in it
 */
export function readHosts({ hosts, stack }: HostsValues, io: CommandIO): LogHost[] | undefined {
    if (hosts !== undefined && stack !== undefined) {
        throw new CommandError("give either --hosts or --stack");
    }
    if (hosts !== undefined) {
        // Only here, since a connection takes longer to load than most questions take.
        const { readHostsFile } = require("./hostsFile") as typeof import("./hostsFile");
        return readHostsFile(hosts, io);
    }
    if (stack !== undefined) {
        const { readStackHosts } = require("./stackHosts") as typeof import("./stackHosts");
        return readStackHosts(stack, io);
    }
    return undefined;
}
