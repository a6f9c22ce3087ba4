import { cisBenchmarkFor, cisBenchmarks } from "./frameworks/cis";
import { falco } from "./frameworks/falco";
import type { Audited, Framework, VerdictResult } from "./frameworks/framework";
import { checkov, kics, kubescape, trivy } from "./frameworks/scanners";
import { stig } from "./frameworks/stig";
import { newestMinor, type KubernetesMinor } from "./kubernetes";

export type { Audited, VerdictResult };
export { readFlags } from "./frameworks/flags";

/** What one framework says of one of its demands. */
export interface Verdict {
    /** Such as `cis-1.12`. */
    framework: string;
    /** The framework's own identifier, such as `1.2.17`; of a Falco rule its name. */
    id: string;
    /** What is demanded, in our words. */
    title: string;
    result: VerdictResult;
    /** Why: the flag or the request that decided. */
    reason: string;
    /** Those among these verdicts that demand the opposite, as `framework id`. */
    contradicts: string[];
}

/** What {@link judge} can be told. */
export interface JudgeOptions {
    /**
     * Names of {@link frameworkNames}, or `cis` for the benchmark that is made for the version. Default: that and all
     * others, in the order of the names.
     */
    frameworks?: readonly string[];
    /** The API server's minor version. Default: the newest known. */
    kubernetes?: KubernetesMinor;
}

/**
 * Says what each framework has to say of a policy and of the API server's flags. There is no sum of it: the frameworks
 * contradict each other.
 *
 * @throws Error when a framework is none that is known
 */
export function judge(audited: Audited, options: JudgeOptions = {}): Verdict[] {
    const { kubernetes = newestMinor } = options;
    const chosen = chooseFrameworks(
        options.frameworks ?? ["cis", ...otherFrameworks().map(({ name }) => name)],
        kubernetes,
    );
    const verdicts = chosen.flatMap(({ name, controls }) =>
        controls.map((control) => ({
            framework: name,
            id: control.id,
            title: control.title,
            ...control.judge(audited, kubernetes),
        })),
    );
    return verdicts.map((verdict) => ({
        ...verdict,
        contradicts: verdicts
            .filter((other) => contradict(verdict, other))
            .map(({ framework, id }) => `${framework} ${id}`),
    }));
}

/** The frameworks that {@link judge} knows: `cis-1.5` … `cis-1.12`, `stig`, `falco`, `trivy`, `kubescape`, `checkov`, `kics`. */
export function frameworkNames(): string[] {
    return [...cisBenchmarks(), ...otherFrameworks()].map(({ name }) => name);
}

function otherFrameworks(): Framework[] {
    return [stig(), falco(), trivy(), kubescape(), checkov(), kics()];
}

function chooseFrameworks(names: readonly string[], kubernetes: KubernetesMinor): Framework[] {
    const known = [...cisBenchmarks(), ...otherFrameworks()];
    return names.map((name) => {
        const wanted = name === "cis" ? cisBenchmarkFor(kubernetes) : name;
        const found = known.find((framework) => framework.name === wanted);
        if (!found) {
            throw new Error(`"${name}" is no framework; there are cis and ${frameworkNames().join(", ")}.`);
        }
        return found;
    });
}

/**
 * Pairs of demands that are opposite: whether bodies of Secrets and tokens are recorded always or never, and whether
 * those of ConfigMaps are. `cis` is every benchmark.
 */
const opposites: readonly (readonly [string, string])[] = [
    ["cis 3.2.2", "stig V-242403"],
    ["kubescape C-0161", "stig V-242403"],
    ["kics 1828a670-5957-4bc5-9974-47da228f75e2", "stig V-242403"],
    ["cis 3.2.2", "falco Create/Modify Configmap With Private Credentials"],
    ["kubescape C-0161", "falco Create/Modify Configmap With Private Credentials"],
];

function contradict(one: Pick<Verdict, "framework" | "id">, other: Pick<Verdict, "framework" | "id">): boolean {
    const key = ({ framework, id }: typeof one) => `${framework.replace(/^cis-.*/, "cis")} ${id}`;
    return opposites.some((pair) => pair.includes(key(one)) && pair.includes(key(other)) && key(one) !== key(other));
}
