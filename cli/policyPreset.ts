import { presets, type Preset } from "../policy/presets";
import { defineCommand, UsageError } from "./command";
import { CommandError, ExitCode, printJson } from "./io";

const usage = () => `usage: kube-audit policy preset NAME [VALUE…] [--json]
       kube-audit policy preset --list [--json]

Prints a policy that is ready to be used, with the reason of every rule as a comment.

${list()}
  --list  the names with what each records
  --json  the policy without comments as JSON, which is YAML too; with --list [{name, description, parameters}]

Exit codes: 0 printed, 2 bad usage.
`;

/** `kube-audit policy preset NAME`. */
export const command = defineCommand({
    usage,
    options: { list: { type: "boolean", default: false }, json: { type: "boolean", default: false } },
    run({ values, positionals }, io) {
        const [name, ...given] = positionals;
        if (values.list && name === undefined) {
            const all = everyPreset().map(({ name, description, parameters }) => ({ name, description, parameters }));
            if (values.json) {
                printJson(all, io);
            } else {
                io.stdout(list());
            }
            return ExitCode.Ok;
        }
        const preset = everyPreset().find((each) => each.name === name);
        if (preset === undefined || values.list) {
            const names = everyPreset().map((each) => each.name);
            throw new UsageError(`give one of ${names.join(", ")}`);
        }
        if (given.length !== preset.parameters.length || given.includes("")) {
            const wanted = preset.parameters.length === 0 ? "nothing more" : preset.parameters.join(" and ");
            throw new CommandError(`${preset.name} needs ${wanted}`);
        }
        if (values.json) {
            printJson(preset.policy(...given), io);
        } else {
            io.stdout(preset.render(...given));
        }
        return ExitCode.Ok;
    },
});

function everyPreset(): Preset[] {
    return Object.values(presets);
}

function list(): string {
    const names = everyPreset().map(({ name, parameters }) =>
        [name, ...parameters.map((one) => one.toUpperCase())].join(" "),
    );
    const width = Math.max(...names.map((name) => name.length));
    return everyPreset()
        .map(({ description }, index) => `  ${names[index]!.padEnd(width)}  ${description}\n`)
        .join("");
}
