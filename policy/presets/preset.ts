import { policy, type PolicySettings, type RuleSentence } from "../builder";
import { renderPolicy } from "../render";
import type { OneOrMore } from "../requests";
import type { Policy } from "../types";

/** A policy that is ready to be used. */
export interface Preset<Values extends readonly string[] = readonly string[]> {
    /** What the command line calls it. */
    readonly name: string;
    /** What it records, in a sentence or a few. */
    readonly description: string;
    /** What has to be given to `policy` and `render`, in this order; most presets need nothing. */
    readonly parameters: { readonly [Index in keyof Values]: string };
    /** The policy itself. */
    policy(...values: Values): Policy;
    /** Why each of the policy's rules is there, by its index. */
    reasons(...values: Values): string[];
    /**
     * The policy as the text of a file. The description and every rule's reason are comments, and so is what silences
     * the linter where a rule does on purpose what it finds.
     */
    render(...values: Values): string;
}

/**
 * A rule, after the reason why it is there; and for what the linter finds in it, by code, why it is so on purpose.
 */
export type ReasonedRule = readonly [reason: string, rule: RuleSentence, exceptions?: Readonly<Record<string, string>>];

/** What a preset is made of. */
interface PresetDefinition<Values extends readonly string[]> {
    name: string;
    description: string;
    parameters: { readonly [Index in keyof Values]: string };
    settings?: PolicySettings;
    rules(...values: Values): OneOrMore<ReasonedRule>;
}

/** Makes a preset; nothing is computed before it is used. */
export function definePreset<Values extends readonly string[] = []>(
    definition: PresetDefinition<Values>,
): Preset<Values> {
    const { name, description, parameters, settings = {} } = definition;
    const preset: Preset<Values> = {
        name,
        description,
        parameters,
        policy(...values) {
            const [[, first], ...others] = definition.rules(...values);
            return policy(settings, first, ...others.map(([, rule]) => rule));
        },
        reasons(...values) {
            return definition.rules(...values).map(([reason]) => reason);
        },
        render(...values) {
            const comments = definition.rules(...values).map(([reason, , exceptions = {}]) => {
                const silences = Object.entries(exceptions).map(
                    ([code, why]) => `kube-audit: ignore ${code} -- ${why}`,
                );
                return [reason, ...silences].join("\n");
            });
            return renderPolicy(preset.policy(...values), { head: description, rules: comments });
        },
    };
    return preset;
}
