import { record } from "../builder";
import { definePreset } from "./preset";

/**
 * What V-242403 of the DISA STIG for Kubernetes demands, to the letter. It writes every credential that passes the API
 * server into the log: guard the log like etcd. CIS 3.2.2 demands the opposite.
 */
export const stig = definePreset({
    name: "stig",
    description:
        "Every request with everything that was sent and answered, as DISA STIG V-242403 demands. The log then holds " +
        "every Secret and token: guard it like etcd. It is also huge.",
    parameters: [],
    rules: () => [
        [
            "Everything, credentials included.",
            record().at("RequestResponse"),
            {
                "credential-body": "the guide demands everything",
                "sensitive-body": "the guide demands everything",
                "bodies-of-reads": "the guide demands everything",
                "node-leases": "the guide demands everything",
            },
        ],
    ],
});
