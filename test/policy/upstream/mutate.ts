import fc from "fast-check";

type Mutation = fc.Arbitrary<(text: string) => string>;

const misspelt: [RegExp, string][] = [
    [/verbs/, "verb"],
    [/resources/, "resource"],
    [/users/, "Users"],
    [/userGroups/, "groups"],
    [/nonResourceURLs/, "nonResourceUrls"],
    [/omitStages/, "omitStage"],
    [/rules/, "rule"],
    [/level/, "Level"],
    [/group/, "apiGroups"],
    [/apiVersion/, "apiversion"],
    [/kind/, "Kind"],
    [/audit\.k8s\.io\/v1/, "audit.k8s.io/v1beta1"],
    [/audit\.k8s\.io\/v1/, "v1"],
    [/audit\.k8s\.io\/v1/, "a/b/c"],
    [/Policy/, "policy"],
    [/Policy/, "Event"],
    [/apiVersion.*\n/, ""],
    [/kind.*\n/, ""],
    [/rules:/, "rules: []\nmetadata:"],
    [/rules:/, "metadata: {name: audit}\nrules:"],
    [/rules:/, "metadata: {name: 1}\nrules:"],
];

const scalars = [
    ..."yes no on off y n Yes NO true null ~ Null 1 -1 +1 0x1F 0o17 017 089 0b101 1_000 1e3 1.5 .5 .inf .NaN 1:30".split(
        " ",
    ),
    ...'2001-01-01 << = - ? : foo: \'foo\' "foo" "\\x41" "\\u0041" "\\ud83d\\ude00" \'it\'\'s\' @foo `foo %foo'.split(
        " ",
    ),
    ..."!!str !!str,yes !!int,1 !foo,bar !!binary,aGk= &a,b *a [] {} [a,b] {a:,b} | > |- # foo#bar foo:bar a,b".split(
        " ",
    ),
].map((scalar) => (scalar.startsWith("!") || scalar.startsWith("&") ? scalar.replace(",", " ") : scalar));

const snippets = [
    ..."\t \n : - , # & * ! | > % @ ` ' \" { } [ ] ? \\ / ~ < = \r \u0085 \u00a0 \u2028 \ufeff \u0007 \u0000 \u007f é \u{1f600}".split(
        " ",
    ),
    " ",
    "  ",
    ": ",
    "- ",
    " #",
    "\n---\n",
    "\n...\n",
    "\n\n",
    "\r\n",
    "&a ",
    "*a ",
    "? ",
    "<<: *a\n",
    "!!str ",
    '""',
    "{}",
];

function at(place: number, length: number): number {
    return Math.floor(place * (length + 1));
}

const places = fc.double({ min: 0, max: 0.999, noNaN: true });

function onLines(change: (lines: string[], index: number) => void): Mutation {
    return places.map((place) => (text) => {
        const lines = text.split("\n");
        change(lines, at(place, lines.length - 1));
        return lines.join("\n");
    });
}

const mutations: Mutation[] = [
    fc.constantFrom(...misspelt).map(
        ([pattern, replacement]) =>
            (text) =>
                text.replace(pattern, replacement),
    ),
    fc.tuple(fc.constantFrom(...scalars), places).map(
        ([scalar, place]) =>
            (text) =>
                replaceScalar(text, scalar, place),
    ),
    fc.tuple(fc.constantFrom(...snippets), places).map(([snippet, place]) => (text) => {
        const offset = at(place, text.length);
        return text.slice(0, offset) + snippet + text.slice(offset);
    }),
    fc.tuple(places, fc.integer({ min: 1, max: 3 })).map(([place, count]) => (text) => {
        const offset = at(place, text.length);
        return text.slice(0, offset) + text.slice(offset + count);
    }),
    onLines((lines, i) => lines.splice(i, 1)),
    onLines((lines, i) => lines.splice(i, 0, lines[i]!)),
    onLines((lines, i) => (lines[i] = ` ${lines[i]!}`)),
    onLines((lines, i) => (lines[i] = lines[i]!.replace(/^ /, ""))),
    onLines((lines, i) => (lines[i] = lines[i]!.replace(/^ +/, "\t"))),
    onLines((lines, i) => (lines[i] = `${lines[i]!} # ${lines[i]!}`)),
    onLines((lines, i) => lines.splice(i + 1, 0, "")),
    onLines((lines, i) => (lines[i] = lines[i]!.replace(/:.*/, ":"))),
    fc.constant((text) => text.replaceAll("\n", "\r\n")),
    fc
        .constantFrom(
            "\ufeff",
            "---\n",
            "# a policy\n",
            "%YAML 1.1\n---\n",
            "%YAML 1.2\n---\n",
            "%FOO\n---\n",
            "\n\n",
            " ",
        )
        .map((start) => (text) => start + text),
    fc
        .constantFrom("---\n", "...\n", "---\nfoo: bar\n", "# end", "\n\n", "}", "\n  foo: bar")
        .map((end) => (text) => text + end),
];

function replaceScalar(text: string, scalar: string, place: number): string {
    const matches = [...text.matchAll(/(?<=(: |- |\[ ?|, ))[^\s,[\]{}#]+/g)];
    const match = matches[at(place, matches.length - 1)];
    return match ? text.slice(0, match.index) + scalar + text.slice(match.index + match[0].length) : text;
}

/** A text after one to three slips. */
export function mutatedTexts(text: string): fc.Arbitrary<string> {
    return fc
        .array(fc.oneof(...mutations), { minLength: 1, maxLength: 3 })
        .map((changes) => changes.reduce((changed, change) => change(changed), text));
}
