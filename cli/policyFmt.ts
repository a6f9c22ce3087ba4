import { FormatError, formatPolicy } from "../policy/format";
import { defineCommand, UsageError } from "./command";
import { ExitCode, fileName, printJson, type CommandIO } from "./io";
import { readPolicy } from "./policyInput";

const usage = `usage: kube-audit policy fmt FILE… [--write | --check] [--json]

Prints a policy in one form: fields in the order of the Kubernetes documentation, two spaces a level, quotes only where
they are needed. Comments stay, and the policy means what it meant.

  FILE     the policy, YAML or JSON; - reads standard input
  --write  change the files instead of printing them
  --check  change and print nothing; name the files that are not in this form
  --json   one JSON object on standard output: {files: [{file, formatted}]}; formatted says whether it had that form

Exit codes: 0 done, 1 a policy is not valid or has to stay as it is, or --check names a file, 2 bad usage or unreadable
file.
`;

/** `kube-audit policy fmt FILE…`. */
export const command = defineCommand({
    usage,
    options: {
        write: { type: "boolean", short: "w", default: false },
        check: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
    },
    run({ values, positionals }, io) {
        const prints = !values.write && !values.check && !values.json;
        if (positionals.length === 0 || (prints && positionals.length > 1) || (values.write && values.check)) {
            throw new UsageError("give one FILE; several only with --write or --check, of which there can be one");
        }
        const results = positionals.map((path) => format(path, io)).filter((result) => result !== undefined);
        if (results.length < positionals.length) {
            return ExitCode.Finding;
        }
        const changes = results.filter(({ text, better }) => text !== better);
        if (values.write) {
            for (const { path, better } of changes) {
                io.writeFile(path, better);
            }
        }
        if (values.json) {
            const files = results.map(({ path, text, better }) => ({
                file: fileName(path),
                formatted: text === better,
            }));
            printJson({ files }, io);
        } else if (values.check) {
            io.stderr(changes.map(({ path }) => `${fileName(path)}: not formatted\n`).join(""));
        } else if (prints) {
            io.stdout(results.map(({ better }) => better).join(""));
        }
        return values.check && changes.length > 0 ? ExitCode.Finding : ExitCode.Ok;
    },
});

interface Formatted {
    path: string;
    text: string;
    better: string;
}

/** A policy and its better form; nothing, and words about it, where it is not valid or has to stay as it is. */
function format(path: string, io: CommandIO): Formatted | undefined {
    const { policy, file, bytes } = readPolicy(path, undefined, io);
    if (!policy) {
        return undefined;
    }
    const text = bytes.toString("utf8");
    try {
        return { path, text, better: formatPolicy(text) };
    } catch (error) {
        if (!(error instanceof FormatError)) {
            throw error;
        }
        io.stderr(`${file}: ${error.message}\n`);
        return undefined;
    }
}
