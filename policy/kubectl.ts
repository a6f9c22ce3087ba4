import type { Attributes } from "./evaluate";
import { resolveRequest } from "./requestInfo";

/** A kind of object, as far as requests about it are concerned. */
export interface ResourceType {
    /** `""` for the core group. */
    group: string;
    /** The plural name. */
    resource: string;
    namespaced: boolean;
}

/** Finds a kind by any name that kubectl takes: `pods`, `pod`, `po`, `Pod`, `deployments.apps`. */
export type FindResource = (name: string) => ResourceType | undefined;

/** A request without the one who makes it. */
export type Request = Omit<Attributes, "user" | "groups">;

/** A kubectl command that no requests can be told of. The message says why. */
export class KubectlError extends Error {}

/**
 * Tells the requests with which kubectl does what a command asks for, in their order. Discovery, retries and the
 * waiting after a deletion are left out.
 *
 * @param words - the command, `kubectl` itself in front or not
 * @throws KubectlError where it is not known what the command is about
 */
export function kubectlRequests(words: readonly string[], findResource: FindResource): Request[] {
    const { positionals, flags } = split(words[0] === "kubectl" ? words.slice(1) : words);
    const [verb = "", ...operands] = positionals;
    const command = COMMANDS[verb];
    if (!Object.hasOwn(COMMANDS, verb) || command === undefined) {
        const known = Object.keys(COMMANDS).sort().join(", ");
        throw new KubectlError(`there is nothing known of kubectl ${verb || "alone"}; known are ${known}`);
    }
    return command({ operands, flags, findResource, name: verb });
}

interface Invocation {
    name: string;
    operands: string[];
    flags: Flags;
    findResource: FindResource;
}

/** Flags by their long names; a flag without a value has `"true"`. */
type Flags = ReadonlyMap<string, string>;

const SHORT: Readonly<Record<string, string>> = {
    A: "all-namespaces",
    n: "namespace",
    w: "watch",
    l: "selector",
    f: "filename",
    c: "container",
    o: "output",
    k: "kustomize",
    p: "patch",
};

/** Flags that stand alone, so that the word behind them is none of theirs. */
const ALONE = [
    ...["all", "all-namespaces", "follow", "force", "ignore-not-found", "no-headers", "now", "overwrite", "previous"],
    ...["show-labels", "stdin", "timestamps", "tty", "wait", "watch", "watch-only"],
];

function split(words: readonly string[]): { positionals: string[]; flags: Flags } {
    const positionals: string[] = [];
    const flags = new Map<string, string>();
    const rest = words.slice(0, words.includes("--") ? words.indexOf("--") : words.length);
    for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
        if (!/^-./.test(word)) {
            positionals.push(word);
        } else if (/^-[it]+$/.test(word) || (word === "-f" && positionals[0] === "logs")) {
            // They stand alone, and no request is another with them.
        } else {
            const { name, value } = readFlag(word);
            const takesNext = value === undefined && !ALONE.includes(name) && /^[^-]/.test(rest[0] ?? "");
            flags.set(name, value ?? (takesNext ? rest.shift()! : "true"));
        }
    }
    return { positionals, flags };
}

/** `--name`, `--name=value`, `-n`, `-nvalue` or `-n=value`. */
function readFlag(word: string): { name: string; value: string | undefined } {
    const long = /^--([^=]+)(?:=(.*))?$/s.exec(word);
    if (long) {
        return { name: long[1]!, value: long[2] };
    }
    const letter = word.charAt(1);
    return { name: SHORT[letter] ?? letter, value: word.length > 2 ? word.slice(2).replace(/^=/, "") : undefined };
}

interface Target extends ResourceType {
    /** `""` where the command names no object. */
    name: string;
}

function targets({ operands: given, findResource, name }: Invocation): Target[] {
    const operands = given.filter((operand) => !/[=]|.-$/.test(operand)); // without the labels, images and taints
    if (operands.length === 0) {
        throw new KubectlError(`kubectl ${name} says nothing of what it is about, or only in a file; name a kind`);
    }
    if (operands[0]!.includes("/")) {
        return operands.map((operand) => {
            const [kind, object] = operand.split("/", 2) as [string, string];
            return { ...find(kind, findResource), name: object };
        });
    }
    const [kinds, ...names] = operands as [string, ...string[]];
    const types = kinds.split(",").map((kind) => find(kind, findResource));
    return types.flatMap((type) => (names.length === 0 ? [""] : names).map((object) => ({ ...type, name: object })));
}

function find(kind: string, findResource: FindResource): ResourceType {
    const found = findResource(kind);
    if (found === undefined) {
        throw new KubectlError(
            `there is no built-in resource ${kind}; describe the request with --verb and --resource`,
        );
    }
    return found;
}

function about(verb: string, target: Target, flags: Flags, subresource = ""): Request {
    const everywhere = flags.get("all-namespaces") === "true" && target.name === "";
    return {
        verb,
        namespace: target.namespaced && !everywhere ? (flags.get("namespace") ?? "default") : namespaceItself(target),
        apiGroup: target.group,
        resource: target.resource,
        subresource,
        name: target.name,
        isResource: true,
    };
}

/** A request about a namespace is one in that namespace. */
function namespaceItself({ group, resource, name }: Target): string {
    return group === "" && resource === "namespaces" ? name : "";
}

/** Each target with the same verbs. */
function each(...verbs: readonly string[]): (invocation: Invocation) => Request[] {
    return (invocation) => {
        const found = targets(invocation);
        const unnamed = found.find(({ name }) => name === "");
        if (unnamed !== undefined) {
            throw new KubectlError(
                `kubectl ${invocation.name} makes a request for each object; name one of ${unnamed.resource}`,
            );
        }
        return found.flatMap((target) => verbs.map((verb) => about(verb, target, invocation.flags)));
    };
}

function get(invocation: Invocation): Request[] {
    const { flags } = invocation;
    const raw = flags.get("raw");
    if (raw !== undefined) {
        return [resolveRequest({ method: "GET", url: raw })];
    }
    const selected = /(?:^|,)metadata\.name==?([^,]+)/.exec(flags.get("field-selector") ?? "")?.[1] ?? "";
    const watching = flags.get("watch") === "true" || flags.get("watch-only") === "true";
    return targets(invocation).flatMap((target) => {
        const list = { ...about("list", target, flags), ...(target.name === "" && { name: selected }) };
        const first = target.name === "" ? list : about("get", target, flags);
        return watching ? [first, { ...list, verb: "watch" }] : [first];
    });
}

/** A request that creates names no object: the name is in its body. */
function creation(invocation: Invocation): Request[] {
    const { operands, flags, findResource, name } = invocation;
    const [kind, object] = operands;
    if (kind === "token" && object !== undefined) {
        return [about("create", { ...find("serviceaccounts", findResource), name: object }, flags, "token")];
    }
    const [target] = targets({ operands: operands.slice(0, 1), flags, findResource, name });
    return [about("create", target!, flags)];
}

/** What is done with a running pod, whose name may stand alone. */
function inPod(subresource: string, ...verbs: readonly string[]): (invocation: Invocation) => Request[] {
    return ({ operands, flags, findResource, name }) => {
        const [pod] = operands;
        if (pod === undefined) {
            throw new KubectlError(`kubectl ${name} needs the name of a pod`);
        }
        const target = { ...find("pods", findResource), name: pod.replace(/^pods?\//, "") };
        if (target.name.includes("/")) {
            throw new KubectlError(`kubectl ${name} ${pod} asks for the pods behind it first; name a pod`);
        }
        return [about("get", target, flags), ...verbs.map((verb) => about(verb, target, flags, subresource))];
    };
}

/** What goes over a connection of its own: with WebSockets it is a GET, with SPDY, before kubectl 1.31, a POST. */
const CONNECT = ["get", "create"] as const;

function onNode(...verbs: readonly string[]): (invocation: Invocation) => Request[] {
    return ({ operands, ...rest }) => each(...verbs)({ ...rest, operands: ["nodes", ...operands] });
}

function second(work: (invocation: Invocation) => Request[]): (invocation: Invocation) => Request[] {
    return (invocation) => work({ ...invocation, operands: invocation.operands.slice(1) });
}

function rollout(invocation: Invocation): Request[] {
    const changes = ["pause", "restart", "resume", "undo"].includes(invocation.operands[0] ?? "");
    return second(changes ? each("get", "patch") : each("get"))(invocation);
}

function review(group: string, resource: string): () => Request[] {
    return () => [about("create", { group, resource, namespaced: false, name: "" }, new Map())];
}

function authorization(invocation: Invocation): Request[] {
    switch (invocation.operands[0]) {
        case "can-i":
            return review("authorization.k8s.io", "selfsubjectaccessreviews")();
        case "whoami":
            return review("authentication.k8s.io", "selfsubjectreviews")();
        default:
            throw new KubectlError("of kubectl auth, only can-i and whoami are known");
    }
}

function scaling(invocation: Invocation): Request[] {
    return targets(invocation).map((target) => about("patch", target, invocation.flags, "scale"));
}

function certificate({ operands, flags, findResource }: Invocation): Request[] {
    const [, ...names] = operands;
    const type = find("certificatesigningrequests", findResource);
    return names.flatMap((name) => [
        about("get", { ...type, name }, flags),
        about("update", { ...type, name }, flags, "approval"),
    ]);
}

function paths(...found: readonly string[]): () => Request[] {
    return () => found.map((path) => ({ verb: "get", path, isResource: false }));
}

const COMMANDS: Readonly<Record<string, (invocation: Invocation) => Request[]>> = {
    annotate: each("get", "patch"),
    "api-resources": paths("/api", "/apis"),
    "api-versions": paths("/api", "/apis"),
    attach: inPod("attach", ...CONNECT),
    auth: authorization,
    certificate,
    cordon: onNode("get", "patch"),
    create: creation,
    delete: each("delete"),
    describe: get,
    edit: each("get", "patch"),
    exec: inPod("exec", ...CONNECT),
    get,
    label: each("get", "patch"),
    logs: inPod("log", "get"),
    patch: each("patch"),
    "port-forward": inPod("portforward", ...CONNECT),
    replace: each("get", "update"),
    rollout,
    run: (invocation) => creation({ ...invocation, operands: ["pods"] }),
    scale: scaling,
    set: second(each("get", "patch")),
    taint: each("get", "patch"),
    uncordon: onNode("get", "patch"),
    version: paths("/version"),
};
