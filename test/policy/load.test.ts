import assert from "node:assert/strict";
import { loadPolicy } from "../../policy/load";
import type { PolicyRule } from "../../policy/types";

/** What k8s.io/apiserver v0.34.4 answered, for where there is no Go to ask. */
const version = 34;

const rule = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n";
const long = "a".repeat(1030);
const spaces = " ".repeat(600);
const header = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`;
const lenient = "Audit policy contains errors, falling back to lenient decoding: strict decoding error: ";

/** Texts that are not YAML, and what follows `yaml: ` in the error. */
const notYaml: [text: string, problem: string][] = [
    ["a: b: c", "mapping values are not allowed in this context"],
    ["- a\nb", "line 3: could not find expected ':'"],
    ["a:\n- b\n c: d", "line 3: mapping values are not allowed in this context"],
    ["a: 'b", "found unexpected end of stream"],
    ['a: "b\n---\n', "line 2: found unexpected document indicator"],
    ["a: &", "did not find expected alphabetic or numeric character"],
    ["a: *", "did not find expected alphabetic or numeric character"],
    ["a: &b.c d", "did not find expected alphabetic or numeric character"],
    ["a: @b", "found character that cannot start any token"],
    ["a: `b", "found character that cannot start any token"],
    ["%", "could not find expected directive name"],
    ["%FOO\n---\na", "found unknown directive name"],
    ["%YAML\n---\na", "did not find expected version number"],
    ["%YAML 1\n---\na", "did not find expected digit or '.' character"],
    ["%YAML 123.1\n---\na", "found extremely long version number"],
    ["%YAML 1.2\n---\na", "found incompatible YAML document"],
    ["%YAML 1.1\n%YAML 1.1\n---\na", "line 1: found duplicate %YAML directive"],
    ["%YAML 1.1 x\n---\na", "did not find expected comment or line break"],
    ["%YAML 1.1\na", "line 1: did not find expected <document start>"],
    ["%TAG a\n---\na", "did not find expected '!'"],
    ["%TAG !a b\n---\na", "did not find expected '!'"],
    ["%TAG !a!\n---\na", "did not find expected whitespace"],
    ["%TAG !a! b\n%TAG !a! b\n---\na", "line 1: found duplicate %TAG directive"],
    ["a: !<b", "did not find the expected '>'"],
    ["a: !b!c d", "found undefined tag handle"],
    ["a: !!\n", "did not find expected tag URI"],
    ["a: !%zz b", "did not find URI escaped octet"],
    ["a: !%ff b", "found an incorrect leading UTF-8 octet"],
    ["a: !%c3%41 b", "found an incorrect trailing UTF-8 octet"],
    ["a: !b{", "did not find expected whitespace or line break"],
    ["a: |0\n b", "found an indentation indicator equal to 0"],
    ["a: |x\n b", "did not find expected comment or line break"],
    ["a: |\n\tb", "line 2: found a tab character where an indentation space is expected"],
    ["a: b\n\tc", "line 2: found a tab character that violates indentation"],
    ["\ta: b", "found character that cannot start any token"],
    ['a: "\\q"', "found unknown escape character"],
    ['a: "\\x4g"', "did not find expected hexdecimal number"],
    ['a: "\\ud83d"', "found invalid Unicode character escape code"],
    ["? a\n- b\n", "line 1: did not find expected key"],
    ["a: - b", "block sequence entries are not allowed in this context"],
    ["a: ? b", "mapping keys are not allowed in this context"],
    [`${long}: b\n`, "mapping values are not allowed in this context"],
    [`c: d\n${long}: b\n`, "line 2: could not find expected ':'"],
    ["\u0007", "control characters are not allowed"],
    ["a\u0000", "control characters are not allowed"],
    ["\ufeff\ufeffa: b\nc: d", "line 1: did not find expected key"],
    ["a: b\n---\n\u0007", "control characters are not allowed"],
    ["[", "line 1: did not find expected node content"],
    ["[a", "line 1: did not find expected ',' or ']'"],
    ["[a b: c", "line 1: did not find expected ',' or ']'"],
    ["a: [b}", "did not find expected ',' or ']'"],
    ["]", "did not find expected node content"],
    ["a: ]", "did not find expected node content"],
    ["- a\n- ]", "line 1: did not find expected node content"],
    ["a: {b: c}}", "did not find expected key"],
    ["[?]", "line 1: did not find expected ',' or ']'"],
    ["[? , a]", "did not find expected ',' or ']'"],
    ["a: *b", "unknown anchor 'b' referenced"],
    ["a: &b [*b]", "anchor 'b' value contains itself"],
    ["a: &b c\n<<: *b", "map merge requires map or sequence of maps as the value"],
    ["<<: [a]", "map merge requires map or sequence of maps as the value"],
    ["<<: a", "map merge requires map or sequence of maps as the value"],
    ["? [a]\n: b", 'invalid map key: []interface {}{"a"}'],
    ["? {a: b}\n: c", 'invalid map key: map[interface {}]interface {}{"a":"b"}'],
    ["a: !!int b", "cannot decode !!str `b` as a !!int"],
    ["a: !!float x", "cannot decode !!str `x` as a !!float"],
    ["a: !!null b", "cannot decode !!str `b` as a !!null"],
    ["a: !!bool 1", "cannot decode !!int `1` as a !!bool"],
    ["a: !!timestamp b", "cannot decode !!str `b` as a !!timestamp"],
    ["a: !!binary b", "!!binary value contains invalid base64 data"],
];

/** Texts that begin like JSON, and what is said about them. */
const notJson: [text: string, problem: string][] = [
    ["{", "unexpected end of JSON input"],
    ["{a", "invalid character 'a' looking for beginning of object key string"],
    ["{a: b", "invalid character 'a' looking for beginning of object key string"],
    ["{a: b]", "invalid character 'a' looking for beginning of object key string"],
    ["{? , a: b}", "invalid character '?' looking for beginning of object key string"],
    ["{", "unexpected end of JSON input"],
    ["{]", "invalid character ']' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a": }', "invalid character '}' looking for beginning of value"],
    ['{"a": 1', "unexpected end of JSON input"],
    ['{"a": 1]', "invalid character ']' after object key:value pair"],
    ['{"a": 1} x', "invalid character 'x' after top-level value"],
    ['{"a": [1 2]}', "invalid character '2' after array element"],
    ['{"a": tru}', "invalid character '}' in literal true (expecting 'e')"],
    ['{"a": nul', "invalid character ' ' in literal null (expecting 'l')"],
    ['{"a": 01}', "invalid character '1' after object key:value pair"],
    ['{"a": -}', "invalid character '}' in numeric literal"],
    ['{"a": 1.}', "invalid character '}' after decimal point in numeric literal"],
    ['{"a": 1e}', "invalid character '}' in exponent of numeric literal"],
    ['{"a": "\t"}', "invalid character '\\t' in string literal"],
    ['{"a": "\\x"}', "invalid character 'x' in string escape code"],
    ['{"a": "\\u12g4"}', "invalid character 'g' in \\u hexadecimal character escape"],
    ["{'a': 1}", "invalid character '\\'' looking for beginning of object key string"],
    ['{"\u00e9": \u00e9}', "invalid character 'Ã' looking for beginning of value"],
    ["{a: 1}", "invalid character 'a' looking for beginning of object key string"],
    ['\u00a0{"a": 1}', "invalid character 'Â' looking for beginning of value"],
];

/** Texts that can be read but are no policies. */
const notPolicies: [text: string, error: string, log?: string][] = [
    [
        "a\n: b\nc",
        `failed decoding: couldn't get version/kind; json parse error: json: cannot unmarshal string into Go value of type ${header}`,
    ],
    [
        `a: b\n---\n${spaces}\x07`,
        "unknown group version field audit.k8s.io/__internal, Kind=Policy in policy",
        'unknown field "a"',
    ],
    [
        "[a: ]",
        `failed decoding: couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type ${header}`,
    ],
    [
        "a: &b\nc: *b",
        "unknown group version field audit.k8s.io/__internal, Kind=Policy in policy",
        'unknown field "a", unknown field "c"',
    ],
    ["~: a", 'failed decoding: unsupported map key of type: %!s(<nil>), key: <nil>, value: "a"'],
    [
        "18446744073709551615: [a, 1, 1.5, ~, true, {b: c}]",
        'failed decoding: unsupported map key of type: uint64, key: 0xffffffffffffffff, value: []interface {}{"a", 1, 1.5, interface {}(nil), true, map[interface {}]interface {}{"b":"c"}}',
    ],
    [".inf: a", "unknown group version field audit.k8s.io/__internal, Kind=Policy in policy", 'unknown field ".inf"'],
    ["a: .inf", "failed decoding: json: unsupported value: +Inf"],
    ["a: -.INF", "failed decoding: json: unsupported value: -Inf"],
    ["a: .nan", "failed decoding: json: unsupported value: NaN"],
    ["a: !!int '1'", "unknown group version field audit.k8s.io/__internal, Kind=Policy in policy", 'unknown field "a"'],
    ["", "unknown group version field audit.k8s.io/__internal, Kind=Policy in policy"],
    [
        "a",
        `failed decoding: couldn't get version/kind; json parse error: json: cannot unmarshal string into Go value of type ${header}`,
    ],
    [
        "- a",
        `failed decoding: couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type ${header}`,
    ],
    [
        "1",
        `failed decoding: couldn't get version/kind; json parse error: json: cannot unmarshal number into Go value of type ${header}`,
    ],
    [
        "yes",
        `failed decoding: couldn't get version/kind; json parse error: json: cannot unmarshal bool into Go value of type ${header}`,
    ],
    [
        "kind: 1\napiVersion: []",
        "failed decoding: couldn't get version/kind; json parse error: json: cannot unmarshal array into Go struct field .apiVersion of type string",
    ],
    [
        "KIND: Event\napiVersion: audit.k8s.io/v1",
        "failed decoding: converting (v1.Event) to (audit.Policy): unknown conversion",
    ],
    ["apiVersion: a/b/c", "failed decoding: unexpected GroupVersion string: a/b/c"],
    ["apiVersion: a/", "failed decoding: Object 'apiVersion' is missing in 'apiVersion: a/'"],
    ["apiVersion: v1", 'failed decoding: no kind "Policy" is registered for version "v1"'],
    [
        "apiVersion: X/__internal",
        'failed decoding: no kind "Policy" is registered for the internal version of group "X"',
    ],
    [
        "apiVersion: __internal\nkind: Pod",
        'failed decoding: no kind "Pod" is registered for the internal version of group ""',
    ],
    ["? [!!binary /w==]\n: b", 'failed decoding: yaml: invalid map key: []interface {}{"\\xff"}'],
    ["~: !!binary /w==", 'failed decoding: unsupported map key of type: %!s(<nil>), key: <nil>, value: "\\xff"'],
    ["apiVersion: /", "unknown group version field audit.k8s.io/__internal, Kind=Policy in policy"],
    [
        "apiVersion: audit.k8s.io/v1\nkind: Event",
        "failed decoding: converting (v1.Event) to (audit.Policy): unknown conversion",
    ],
    [
        "apiVersion: audit.k8s.io/v1\nkind: Pod",
        'failed decoding: no kind "Pod" is registered for version "audit.k8s.io/v1"',
    ],
    ["kind: Event", "failed decoding: converting (audit.Event) to (audit.Policy): unknown conversion"],
    ["kind: Pod", 'failed decoding: no kind "Pod" is registered for the internal version of group "audit.k8s.io"'],
    [
        "labels: 5",
        "failed decoding: json: cannot unmarshal number into Go struct field Policy.labels of type map[string]string",
    ],
    [
        "Rules: [{Users: a}]",
        "failed decoding: json: cannot unmarshal string into Go struct field PolicyRule.Rules.Users of type []string",
    ],
    [
        "a: 1\nrules: []",
        "unknown group version field audit.k8s.io/__internal, Kind=Policy in policy",
        'unknown field "a", unknown field "rules"',
    ],
    [
        `${rule}  users: [a, 1]\n`,
        "failed decoding: json: cannot unmarshal number into Go struct field PolicyRule.rules.users of type string",
    ],
    [
        `${rule}  omitManagedFields: "yes"\n`,
        "failed decoding: json: cannot unmarshal string into Go struct field PolicyRule.rules.omitManagedFields of type bool",
    ],
    [
        `${rule}metadata: {generation: 1.5}\n`,
        "failed decoding: json: cannot unmarshal number 1.5 into Go struct field ObjectMeta.metadata.generation of type int64",
    ],
    [
        `${rule}metadata: {creationTimestamp: 5}\n`,
        "failed decoding: json: cannot unmarshal number into Go struct field ObjectMeta.metadata.creationTimestamp of type string",
    ],
    [
        `${rule}metadata: {labels: {a: 1}}\n`,
        "failed decoding: json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string",
    ],
    [
        '\ufeff{"a": 1}',
        "unknown group version field audit.k8s.io/__internal, Kind=Policy in policy",
        'unknown field "a"',
    ],
];

/** Texts that are policies, what is logged about them, and the rules in them. */
const policies: [text: string, log: string | undefined, rules: PolicyRule[]][] = [
    [`${rule}  omitManagedFields: yes\n`, undefined, [{ level: "None", omitManagedFields: true }]],
    [
        `${rule}metadata: {labels: {1: a, 1.5: b, true: c, 1e30: d}, annotations: null}\n`,
        undefined,
        [{ level: "None" }],
    ],
    [
        `${rule}  level: Request\n  x: y\n1.50: z\n`,
        'yaml: unmarshal errors:\n  line 5: key "level" already set in map, unknown field "1.5", unknown field "rules[0].x"',
        [{ level: "Request" }],
    ],
    [
        `${rule}- <<: &a {level: Request, users: [a]}\n  level: Metadata\n- *a\n`,
        'yaml: unmarshal errors:\n  line 6: key "level" already set in map',
        [{ level: "None" }, { level: "Metadata", users: ["a"] }, { level: "Request", users: ["a"] }],
    ],
    [
        `${rule}? !!binary /w==\n: a\n? !!binary /w==\n: b\n? !!binary /g==\n: b\n`,
        'yaml: unmarshal errors:\n  line 8: key "\\xff" already set in map, unknown field "\ufffd"',
        [{ level: "None" }],
    ],
    [
        `${rule}metadata:\n  labels:\n    ? !!binary /w==\n    : a\n    ? !!binary /g==\n    : b\n`,
        'duplicate field "metadata.labels.\ufffd"',
        [{ level: "None" }],
    ],
    [`${rule}a: &a [1,2]\nb: [*a, *a]\n`, 'unknown field "a", unknown field "b"', [{ level: "None" }]],
    [`${rule}...\n[`, undefined, [{ level: "None" }]],
    [`${rule}--- [\n`, undefined, [{ level: "None" }]],
    [
        '{"apiVersion":"audit.k8s.io/v1","rules":[{"level":"None","users":["a"]},{"level":"None"}],"rules":[{"level":"Request"}],"rules":[{},{}]}',
        'duplicate field "rules"',
        [{ level: "Request", users: ["a"] }, { level: "None" }],
    ],
    [
        '{"apiVersion":"audit.k8s.io/v1","rules":[{"level":"None","users":["a","b"],"users":[],"users":[null]}],"Rules":1,"x":{"y":1},"x":2}',
        'duplicate field "rules[0].users", unknown field "Rules", unknown field "x"',
        [{ level: "None", users: [""] }],
    ],
    [
        '{"apiVersion":"audit.k8s.io/v1","rules":[{"level":"None","users":["\\ud83d\\ude00","\\ud83dx","\\/"]}]}',
        undefined,
        [{ level: "None", users: ["\ud83d\ude00", "\ufffdx", "/"] }],
    ],
];

function load(text: string): { error?: string; log?: string; rules?: unknown } {
    const { error, log, content } = loadPolicy(Buffer.from(text), version);
    return { ...(error !== undefined && { error }), ...(log !== undefined && { log }), rules: content?.rules };
}

describe("loadPolicy", () => {
    for (const [text, problem] of notYaml) {
        it(`finds the YAML of ${shown(text)} wrong`, () => {
            assert.deepEqual(load(text), { error: `failed decoding: yaml: ${problem}`, rules: undefined });
        });
    }

    for (const [text, problem] of notJson) {
        it(`finds the JSON of ${shown(text)} wrong`, () => {
            const error = `failed decoding: couldn't get version/kind; json parse error: ${problem}`;
            assert.deepEqual(load(text), { error, rules: undefined });
        });
    }

    for (const [text, error, log] of notPolicies) {
        it(`finds no policy in ${shown(text)}`, () => {
            assert.deepEqual(load(text), { error, ...logged(log), rules: undefined });
        });
    }

    for (const [text, log, rules] of policies) {
        it(`finds a policy in ${shown(text)}`, () => {
            assert.deepEqual(load(text), { ...logged(log), rules });
        });
    }

    it("reads UTF-16, and refuses what is neither that nor UTF-8", () => {
        const utf16 = Buffer.from(`\ufeff${rule}`, "utf16le");
        assert.deepEqual(loadPolicy(utf16, version).content?.rules, [{ level: "None" }]);
        assert.equal(loadPolicy(utf16.swap16(), version).error, undefined);
        const problems = [[0xff], [0xc3], [0xc3, 0x28], [0xc0, 0x80], [0xed, 0xa0, 0x80]].map(
            (bytes) => loadPolicy(Buffer.from(bytes), version).error,
        );
        assert.deepEqual(
            problems,
            [
                "invalid leading UTF-8 octet",
                "incomplete UTF-8 octet sequence",
                "invalid trailing UTF-8 octet",
                "invalid length of a UTF-8 sequence",
                "invalid Unicode character",
            ].map((problem) => `failed decoding: yaml: ${problem}`),
        );
    });

    it("refuses a text that consists of itself over and over, and one that is nested too deeply", () => {
        const lists = Array.from(
            { length: 12 },
            (_, i) => `l${i}: &l${i} [${`*l${i - 1}, `.repeat(i > 0 ? 10 : 0)}a]\n`,
        );
        assert.equal(
            loadPolicy(Buffer.from(rule + lists.join("")), version).error,
            "failed decoding: yaml: document contains excessive aliasing",
        );
        assert.match(loadPolicy(Buffer.from(`x: ${"[".repeat(20_000)}`), version).error ?? "", /depth|deeply/);
    });
});

function shown(text: string): string {
    return JSON.stringify(text.replace(rule, "… ")).slice(0, 80);
}

function logged(log: string | undefined): { log?: string } {
    return log === undefined ? {} : { log: lenient + log };
}
