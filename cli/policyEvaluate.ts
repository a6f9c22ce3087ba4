import { evaluate, type Attributes } from "../policy/evaluate";
import { newestMinor } from "../policy/kubernetes";
import { defineCommand, UsageError } from "./command";
import { CommandError, ExitCode, fileName, type CommandIO } from "./io";
import { parseVersion, readPolicy } from "./policyInput";

const usage = `usage: kube-audit policy evaluate FILE --requests REQUESTS [--kubernetes VERSION]

Says of each request what the API server records of it. Prints one JSON object a line, in the order of the requests:
{level, rule, omitStages, omitManagedFields}; rule is the index of the rule that decided, null where none did.

  FILE                  the policy, YAML or JSON; - reads standard input
  --requests REQUESTS   a file with one JSON object a line, - for standard input: {user, groups, verb, namespace,
                        apiGroup, resource, subresource, name, path, isResource}; only verb and isResource are
                        needed, and without a user the authentication has failed; null is as good as absent
  --kubernetes VERSION  the API server's version, such as 1.34 or v1.34.4; default: the newest known, 1.${newestMinor}
  --json                changes nothing: the output is JSON in any case

Exit codes: 0 printed, 1 the policy cannot be used, 2 bad usage or unreadable input.
`;

/** `kube-audit policy evaluate FILE --requests REQUESTS`. */
export const command = defineCommand({
    usage,
    options: {
        requests: { type: "string" },
        kubernetes: { type: "string" },
        json: { type: "boolean", default: false },
    },
    run({ values, positionals }, io) {
        const [path, ...others] = positionals;
        if (path === undefined || others.length > 0 || values.requests === undefined) {
            throw new UsageError("give one FILE and --requests");
        }
        const kubernetes = parseVersion(values.kubernetes) ?? newestMinor;
        const requests = readRequests(values.requests, io);
        const { policy } = readPolicy(path, kubernetes, io);
        if (policy === undefined) {
            return ExitCode.Finding;
        }
        const lines = requests.map((request) => {
            const { level, rule, omitStages, omitManagedFields } = evaluate(policy, request, kubernetes);
            return `${JSON.stringify({ level, rule: rule ?? null, omitStages, omitManagedFields })}\n`;
        });
        io.stdout(lines.join(""));
        return ExitCode.Ok;
    },
});

const texts = ["user", "verb", "namespace", "apiGroup", "resource", "subresource", "name", "path"] as const;

function readRequests(path: string, io: CommandIO): Attributes[] {
    const lines = io.readFile(path).toString("utf8").split("\n");
    return lines.flatMap((line, index) => {
        if (line.trim() === "") {
            return [];
        }
        try {
            return [asAttributes(JSON.parse(line))];
        } catch (error) {
            throw new CommandError(`${fileName(path)}:${index + 1}: ${(error as Error).message}`);
        }
    });
}

/** @throws Error that says what is wrong with the object */
function asAttributes(value: unknown): Attributes {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
        throw new Error("a request has to be an object");
    }
    const given = Object.entries(value).filter(([, attribute]) => attribute !== null);
    const request: Record<string, unknown> = Object.fromEntries(given);
    const unknown = Object.keys(request).find((key) => ![...texts, "groups", "isResource"].includes(key));
    if (unknown !== undefined) {
        throw new Error(`there is no attribute ${JSON.stringify(unknown)}`);
    }
    const wrong = texts.find((name) => !["string", "undefined"].includes(typeof request[name]));
    if (wrong !== undefined) {
        throw new Error(`${wrong} has to be a text`);
    }
    const { groups = [], verb, isResource } = request;
    if (!Array.isArray(groups) || !groups.every((group) => typeof group === "string")) {
        throw new Error("groups has to be a list of texts");
    }
    if (verb === undefined || typeof isResource !== "boolean") {
        throw new Error("verb and isResource (true or false) are needed");
    }
    return { ...(request as unknown as Attributes), groups, isResource };
}
