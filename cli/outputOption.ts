import { CommandError } from "./io";

/** The options of a command that prints text or one JSON document. */
export const outputOptions = {
    output: { type: "string", short: "o", default: "text" },
    json: { type: "boolean", default: false },
} as const;

/**
 * Whether JSON is asked for.
 *
 * @param values - what `util.parseArgs` gives for {@link outputOptions}
 * @throws CommandError where the output is another
 */
export function wantsJson({ output, json }: { readonly output: string; readonly json: boolean }): boolean {
    if (!["text", "json"].includes(output)) {
        throw new CommandError(`-o is text or json, and not ${output}`);
    }
    return json || output === "json";
}
