import { stringify } from "yaml";
import { renderPolicy } from "../../policy/render";
import { generatePolicy } from "./policies";
import type { Random } from "./random";

/** A policy as a person or a program writes it down. */
export function writePolicy(random: Random, policy: object): string {
    const writers = [
        () => stringify(policy, { version: "1.1", indent: random.pick([1, 2, 4]), lineWidth: 0 }),
        () => stringify(policy, { version: "1.1", indentSeq: false, lineWidth: 40 }),
        () => stringify(policy, { collectionStyle: random.pick(["flow", "any"]), version: "1.1" }),
        () => stringify(policy, { defaultStringType: random.pick(["QUOTE_DOUBLE", "QUOTE_SINGLE"]), version: "1.1" }),
        () => stringify(policy, { defaultStringType: random.pick(["BLOCK_LITERAL", "BLOCK_FOLDED"]), version: "1.1" }),
        () => JSON.stringify(policy),
        () => JSON.stringify(policy, undefined, random.pick([2, "\t"])),
        ...Array.from({ length: 4 }, () => () => renderPolicy(policy as Parameters<typeof renderPolicy>[0])),
    ];
    return random.pick(writers)();
}

/** What a policy file holds that somebody's editor, or somebody's malice, has been at. */
export function writeBadly(random: Random): Uint8Array {
    const policy = generatePolicy(random, { odd: random.pick([0, 0, 10]) });
    let text = random.percent(12) ? writeNonsense(random) : writePolicy(random, policy);
    const slips = random.below(4);
    for (let i = 0; i < slips; i++) {
        text = random.pick(slipKinds)(random, text);
    }
    return encode(random, text);
}

function encode(random: Random, text: string): Uint8Array {
    if (random.percent(1)) {
        const units = Buffer.from(`\ufeff${text}`, "utf16le");
        return random.percent(50) ? units : units.subarray(0, units.length & ~1).swap16();
    }
    const bytes = Buffer.from(text, "utf8");
    if (bytes.length > 0 && random.percent(3)) {
        bytes[random.below(bytes.length)] = random.pick([0x80, 0xc3, 0xe2, 0xf0, 0xff, 0xfe, 0xed, 0xc0, 0x00, 0x85]);
    }
    return bytes;
}

type Slip = (random: Random, text: string) => string;

const misspelt: readonly [RegExp, string][] = [
    [/verbs/, "verb"],
    [/resources/, "resource"],
    [/users/, "Users"],
    [/userGroups/, "groups"],
    [/nonResourceURLs/, "nonResourceUrls"],
    [/omitStages/, "omitStage"],
    [/omitStages/, "omitManagedFields"],
    [/rules/, "rule"],
    [/level/, "Level"],
    [/group/, "apiGroups"],
    [/apiVersion/, "apiversion"],
    [/kind/, "Kind"],
    [/kind/, "\u212aind"],
    [/kind: Policy/, "kind: Policy\nKIND: Event"],
    [/audit\.k8s\.io\/v1/, "audit.k8s.io/v1beta1"],
    [/audit\.k8s\.io\/v1/, "audit.k8s.io/v1alpha1"],
    [/audit\.k8s\.io\/v1/, "audit.k8s.io/__internal"],
    [/audit\.k8s\.io\/v1/, "X/__internal"],
    [/audit\.k8s\.io\/v1/, "__internal"],
    [/audit\.k8s\.io\/v1/, "audit.k8s.io/"],
    [/audit\.k8s\.io\/v1/, "/v1"],
    [/audit\.k8s\.io\/v1/, "a/"],
    [/audit\.k8s\.io\/v1/, "v1"],
    [/audit\.k8s\.io\/v1/, "/"],
    [/audit\.k8s\.io\/v1/, "a/b/c"],
    [/Policy/, "policy"],
    [/Policy/, "Event"],
    [/Policy/, "EventList"],
    [/Policy/, "PolicyList"],
    [/Policy/, '""'],
    [/apiVersion.*\n/, ""],
    [/apiVersion.*\n/, "Rules: [{Level: x, omitStages: [], Users: a}]\nlabels: {a: b}\n"],
    [/apiVersion.*\n/, "Rules: [{Level: x, Resources: [{Group: x, group: y}]}]\nlabels: 5\nmetadata: {}\n"],
    [/kind.*\n/, ""],
    [/rules:/, "rules: []\nmetadata:"],
    [/rules:/, "metadata: {name: audit}\nrules:"],
    [/rules:/, "metadata: {name: 1}\nrules:"],
    [/rules:/, "metadata: {labels: {a: b, c: 1}, annotations: {1.5: x, true: y}}\nrules:"],
    [/rules:/, "metadata: {generation: 1.5, uid: 5}\nrules:"],
    [/rules:/, "metadata: {generation: 7, finalizers: [a], ownerReferences: [{controller: yes}]}\nrules:"],
    [/rules:/, "metadata: {creationTimestamp: 2001-02-30T00:00:00Z}\nrules:"],
    [/rules:/, "metadata: {creationTimestamp: null, deletionTimestamp: 2001-02-03T04:05:06+24:60}\nrules:"],
    [/rules:/, "metadata: {managedFields: [{fieldsV1: {a: 1}, time: 5}], clusterName: x}\nrules:"],
    [/rules:/, "metadata: []\nrules:"],
    [/rules:/, "metadata: {labels: {? !!binary /w== : a, ? !!binary 4Q== : b, \ufffd: c}}\nrules:"],
    [/rules:/, "rules: &a\n- &b {level: None, users: &c [x]}\n- {<<: *b, users: *c}\n- *b\nextra:"],
    [
        /rules:/,
        "base: &base {level: Request, verbs: [get]}\nrules:\n- <<: *base\n  level: None\n- <<: [*base, {users: [a]}]\nx:",
    ],
    [
        /"rules":/,
        '"rules":[{"level":"None","users":["a","b"],"resources":[{"group":"apps"}]},{"level":"Request"}],"rules":',
    ],
    [/"rules":/, '"rules":null,"Rules":1,"rules":'],
    [/"level":/, '"level":"None","level":'],
    [/"level":/, '"omitManagedFields":true,"omitManagedFields":null,"level":'],
    [/"level":/, '"users":["a","b"],"users":[],"users":[null],"level":'],
    [/"level":/, '"users":["a","b"],"users":["c"],"users":[null,null,null],"level":'],
];

const scalars = [
    ..."yes no on off y n Yes NO true null ~ Null 1 -1 +1 0x1F 0o17 017 089 0b101 0b+1 -0b1 1_000 1e3 1.5 .5 .5_0 ._5 .inf -.Inf .NaN 1:30".split(
        " ",
    ),
    ..."1e400 18446744073709551615 18446744073709551616 -9223372036854775808 0x8000000000000000 -0 +.5 1. .e1 0_7 _1 1__0".split(
        " ",
    ),
    ...'2001-01-01 2001-1-1T1:2:3Z << = - ? : foo: \'foo\' "foo" "\\x41" "\\u0041" "\\ud83d\\ude00" "\\U0001F600" \'it\'\'s\' @foo `foo %foo'.split(
        " ",
    ),
    ...'"\\q" "\\x4" "\\N\\_\\L\\P\\e\\a\\0" "a\\\n "'.split(" "),
    ..."!!str !!str,yes !!int,1 !!int,a !!float,1 !!float,x !!bool,yes !!null, !!null,x !!timestamp,2001-01-01 !!timestamp,x !foo,bar !,1".split(
        " ",
    ),
    ..."!!binary,aGk= !!binary,/w== !!binary,a !!map,{} !!seq,[] !!set,{a} !<tag:yaml.org,2002:str>,1 !<x,1 !a!b,c !%41,x !!%zz,1 !!".split(
        " ",
    ),
    ..."&a,b *a &é,x &a.b,x [] {} [a,b] {a:,b} {a} [a:,b] [?,a,:,b] [?] {?} {:} [:] [,] {,} [a,,b] {a:b} [a,]".split(
        " ",
    ),
    ..."| > |- >+ |2 |0 |+1- # foo#bar foo:bar a,b a? ?a -a :a a:".split(" "),
].map((scalar) => (/^[!&*[{]/.test(scalar) ? scalar.replace(/,(?!2002)/, " ") : scalar));

const snippets = [
    ..."\t \n : - , # & * ! | > % @ ` ' \" { } [ ] ? \\ / ~ < = \r \u0085 \u00a0 \u2028 \u2029 \ufeff \u0007 \u0000 \u007f é \u{1f600} \ufffe".split(
        " ",
    ),
    " ",
    "  ",
    ": ",
    "- ",
    "? ",
    " #",
    "\n---\n",
    "\n...\n",
    "\n\n",
    "\r\n",
    "\n\t",
    "&a ",
    "*a ",
    "<<: *a\n",
    "!!str ",
    "!x ",
    '""',
    "{}",
    "\n- ",
    "\n? a\n: b\n",
    "a: |\n  b\n",
    "\n%YAML 1.1\n",
];

const starts = [
    ..."\ufeff \ufeff\ufeff ---\n # %FOO\n---\n \n\n { } [ ] \u2003{ \u0085{ \ufeff{ - ? :".split(" "),
    "# a policy\n",
    "%YAML 1.1\n---\n",
    "%YAML 1.2\n---\n",
    "%YAML 1.1 # x\n%YAML 1.1\n---\n",
    "%YAML 1\n---\n",
    "%YAML 111.1\n---\n",
    "%TAG ! tag:yaml.org,2002:\n---\n",
    "%TAG !a! tag:yaml.org,2002:\n%TAG !a! x\n---\n",
    "%TAG !a\n---\n",
    "%YAML 1.1\n",
    "--- # x\n",
    "--- |\n",
    "--- !!map\n",
    "---\n---\n",
    "...\n",
    " ",
    "\t",
    "\n\n\n",
];

const ends = [
    ..."---\n ...\n # } ] \ufeff \u0000 {".split(" "),
    "---\nfoo: bar\n",
    "...\nfoo: [\n",
    "\n---\n\u0007",
    `\n---\n${" ".repeat(1200)}\u0007`,
    `\n# ${"x".repeat(1200)}\n\u0007`,
    "# end",
    "\n\n",
    "\n  foo: bar",
    "\nfoo: bar",
    "\n- foo",
    "\nfoo: &x [*x]\n",
    "\nfoo: *nothing\n",
    "\n? [a]\n: b\n",
    "\n~: b\n",
    "\n~: !!binary /w==\n",
    "\n? !!binary /w==\n: b\n? !!binary /w==\n: b\n? !!binary 4Q==\n: b\n",
    "\n? [!!binary gOk=]\n: b\n",
    "\n18446744073709551615: b\n",
    "\n.inf: b\n",
    "\nb: .inf\n",
    `\n${"a".repeat(1030)}: b\n`,
    `\n? ${"a".repeat(1030)}\n: b\n`,
    `\nfoo: ${"[".repeat(40)}`,
    `\nfoo: ${"{a: ".repeat(30)}1${"}".repeat(30)}\n`,
    "\nfoo: >\n  a\n\n   b\n  c\n",
    "\nfoo: |+\n\n  a\n\n\nbar: 'x\n\n  y'\n",
];

const slipKinds: readonly Slip[] = [
    (random, text) => text.replace(...random.pick(misspelt)),
    (random, text) => text.replace(...random.pick(misspelt)),
    (random, text) => replaceScalar(random, text),
    (random, text) => replaceScalar(random, text),
    (random, text) => splice(text, random.below(text.length + 1), 0, random.pick(snippets)),
    (random, text) => splice(text, random.below(text.length + 1), 1 + random.below(3), ""),
    onLines((lines, i) => lines.splice(i, 1)),
    onLines((lines, i) => lines.splice(i, 0, lines[i]!)),
    onLines((lines, i, random) => lines.push(...lines.splice(i, 1 + random.below(3)))),
    onLines((lines, i, random) => (lines[i] = `${" ".repeat(1 + random.below(3))}${lines[i]!}`)),
    onLines((lines, i) => (lines[i] = lines[i]!.replace(/^ /, ""))),
    onLines((lines, i) => (lines[i] = lines[i]!.replace(/^ +/, "\t"))),
    onLines((lines, i) => (lines[i] = lines[i]!.replace(/ /, "\t"))),
    onLines((lines, i) => (lines[i] = `${lines[i]!} # ${lines[i]!}`)),
    onLines((lines, i) => lines.splice(i + 1, 0, "")),
    onLines((lines, i) => (lines[i] = lines[i]!.replace(/:.*/, ":"))),
    onLines((lines, i) => (lines[i] = lines[i]!.replace(/(: ?)(.*)/, "$1&a $2"))),
    onLines((lines, i) => (lines[i] = lines[i]!.replace(/: .*/, ": *a"))),
    (random, text) => text.replaceAll("\n", random.pick(["\r\n", "\r", "\u0085", "\u2028"])),
    (random, text) => random.pick(starts) + text,
    (random, text) => text + random.pick(ends),
    (random, text) => text.slice(0, random.below(text.length + 1)),
];

function onLines(change: (lines: string[], index: number, random: Random) => void): Slip {
    return (random, text) => {
        const lines = text.split("\n");
        change(lines, random.below(lines.length), random);
        return lines.join("\n");
    };
}

function splice(text: string, at: number, removed: number, added: string): string {
    return text.slice(0, at) + added + text.slice(at + removed);
}

function replaceScalar(random: Random, text: string): string {
    const matches = [...text.matchAll(/(?<=(?:: |- |\[ ?|, |:|,))[^\s,[\]{}#]+/g)];
    if (matches.length === 0) {
        return text;
    }
    const match = random.pick(matches);
    return splice(text, match.index, match[0].length, random.pick(scalars));
}

const words = [..."a b level rules None apiVersion kind 1 yes x:y".split(" "), "'q'", '"d"', ...scalars, ...snippets];

/** Words and punctuation in no order, sometimes as a part of a policy. */
function writeNonsense(random: Random): string {
    const nonsense = Array.from(
        { length: 1 + random.below(25) },
        () => random.pick(words) + random.pick(["", "", " ", "\n", ": ", "\n  ", ", ", "\n- "]),
    ).join("");
    const head = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n";
    return random.pick([
        nonsense,
        `${head}${nonsense}`,
        `${head}  x: ${nonsense}`,
        `${head}  x: [${nonsense}]\n`,
        `{${nonsense}}`,
    ]);
}
