import { fail, pass, type Audited, type Judgement } from "./framework";

/**
 * The flags of a command line, as verdicts take them. Only `--name=value` is read, as by those that check: most split
 * at the `=`. Of a flag that is repeated the last value counts, as for the API server.
 *
 * @param commandLine - such as `["kube-apiserver", "--audit-log-maxage=30"]`
 */
export function readFlags(commandLine: readonly string[]): Record<string, string> {
    const flags: Record<string, string> = {};
    for (const argument of commandLine) {
        const [, name, value] = /^--?([a-z][a-z0-9-]*)=(.*)$/s.exec(argument) ?? [];
        if (name !== undefined && value !== undefined) {
            flags[name] = value;
        }
    }
    return flags;
}

/** The flag is there and says something. */
export function isSet(name: string): (audited: Audited) => Judgement {
    return ({ flags }) => {
        const value = flags[name];
        if (value === undefined) {
            return fail(`--${name} is not set.`);
        }
        return value === "" ? fail(`--${name} is empty.`) : pass(`--${name}=${value}`);
    };
}

/** The flag is there and a number of at least `minimum`. What the API server assumes without it does not count. */
export function isAtLeast(name: string, minimum: number): (audited: Audited) => Judgement {
    return ({ flags }) => {
        const value = flags[name];
        if (value === undefined) {
            return fail(
                `--${name} is not set; it has to be at least ${minimum}, and said, whatever the API server's own default.`,
            );
        }
        if (!/^-?\d+$/.test(value)) {
            return fail(`--${name}=${value} is no number.`);
        }
        if (Number(value) >= minimum) {
            return pass(`--${name}=${value}`);
        }
        const unlimited = value === "0" ? ", although 0 is no limit" : "";
        return fail(`--${name}=${value} is less than ${minimum}${unlimited}.`);
    };
}
