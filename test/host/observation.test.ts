import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
    mkdirSync,
    mkdtempSync,
    readFileSync,
    rmSync,
    statSync,
    symlinkSync,
    utimesSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { ObservationError, parseObservation, type Observation, type ObservedFile } from "../../host/observation";
import { probeScript } from "../../host/script";
import { appliedHost, freshHost, KUBEADM_MANIFEST, POLICY, printed } from "./observedHost";

const SHORT = [
    "kube-apiserver-audit observation 1",
    "machine 00ff",
    "file 12 1700000002 1700000001 600 0 7 regular file|/etc/kubernetes/manifests/kube-apiserver.yaml",
    "text",
    "YTogMQo=",
    "end",
    "file 13 1700000003 1700000003 777 0 0 symbolic link|/etc/kubernetes/audit/policy-b.yaml",
    "file 14 1700000004 1700000004 2750 0 4 directory|/var/log/kubernetes/audit",
    "file 15 1700000005 1700000005 600 0 0 regular empty file|/etc/kubernetes/manifests/a b|c.yaml",
    "text",
    "end",
    "file 16 1700000006 1700000006 644 0 0 fifo|/etc/kubernetes/audit/policy-c.yaml",
    "clock 1700000500 400.25",
    "process 17 10050",
    "text",
    "a3ViZS1hcGlzZXJ2ZXIALS12PTIA",
    "end",
    "process 18 20000",
    "text",
    "end",
    "done",
    "",
].join("\n");

const SHORT_OBSERVATION: Observation = {
    machineId: "00ff",
    files: new Map<string, ObservedFile>(
        [
            {
                path: "/etc/kubernetes/manifests/kube-apiserver.yaml",
                inode: "12",
                changed: 1700000002,
                modified: 1700000001,
                mode: "600",
                owner: "0:7",
                kind: "file" as const,
                text: "a: 1\n",
            },
            {
                path: "/etc/kubernetes/audit/policy-b.yaml",
                inode: "13",
                changed: 1700000003,
                modified: 1700000003,
                mode: "777",
                owner: "0:0",
                kind: "link" as const,
            },
            {
                path: "/var/log/kubernetes/audit",
                inode: "14",
                changed: 1700000004,
                modified: 1700000004,
                mode: "2750",
                owner: "0:4",
                kind: "directory" as const,
            },
            {
                path: "/etc/kubernetes/manifests/a b|c.yaml",
                inode: "15",
                changed: 1700000005,
                modified: 1700000005,
                mode: "600",
                owner: "0:0",
                kind: "file" as const,
                text: "",
            },
            {
                path: "/etc/kubernetes/audit/policy-c.yaml",
                inode: "16",
                changed: 1700000006,
                modified: 1700000006,
                mode: "644",
                owner: "0:0",
                kind: "other" as const,
            },
        ].map((file) => [file.path, file]),
    ),
    // Process 18 has no command line: it has ended. The boot was 400.25 s before 1700000500.
    processes: [{ pid: 17, started: 1700000200, commandLine: ["kube-apiserver", "--v=2"] }],
};

describe("parseObservation", () => {
    it("reads every section", () => {
        assert.deepEqual(parseObservation(SHORT), SHORT_OBSERVATION);
    });

    it("passes over what a login shell prints before and after", () => {
        for (const banner of ["Welcome to cp-1\n", "\n\n", "text\nend\ndone\nmachine x\n"]) {
            assert.deepEqual(parseObservation(banner + SHORT + "Bye\nmachine x\n"), SHORT_OBSERVATION);
        }
    });

    it("gives back whatever was printed", () => {
        fc.assert(
            fc.property(observations(), (observation) => {
                assert.deepEqual(parseObservation(printed(observation)), observation);
            }),
        );
        for (const observation of [freshHost(), appliedHost()]) {
            assert.deepEqual(parseObservation(printed(observation)), observation);
        }
    });

    it("refuses a text that was cut anywhere", () => {
        const whole = SHORT.trimEnd();
        for (let length = 0; length < whole.length; length++) {
            assert.throws(() => parseObservation(whole.slice(0, length)), ObservationError, `cut at ${length}`);
        }
        assert.deepEqual(parseObservation(whole), SHORT_OBSERVATION);
    });

    const refusals: [string, string, string][] = [
        ["nothing", "", "the host answered something else: (nothing)"],
        ["blank lines", " \n\n", "the host answered something else: (nothing)"],
        [
            "a refusal",
            "This account is currently not available.\n",
            'the host answered something else: "This account is currently not available."',
        ],
        [
            "a banner that does not end its line",
            `Welcome!${SHORT.slice(0, 40)}`,
            'the host answered something else: "Welcome!kube-apiserver-audit observation 1\\nmachi"',
        ],
        ["a long text", "x".repeat(201), `the host answered something else: "${"x".repeat(200)}"`],
        [
            "another version",
            SHORT.replace("observation 1", "observation 2").slice(0, 34),
            'the host answered something else: "kube-apiserver-audit observation 2"',
        ],
        [
            "a file's line that is cut",
            "kube-apiserver-audit observation 1\nfile 12 17",
            'the host answered something else: "file 12 17"',
        ],
        [
            "half of the text",
            SHORT.split("\n").slice(0, 5).join("\n"),
            "the host's answer ended too early, after 5 lines",
        ],
    ];
    for (const [what, output, message] of refusals) {
        it(`refuses ${what}`, () => {
            assert.throws(() => parseObservation(output), new ObservationError(message));
        });
    }
});

describe("probe.sh", () => {
    let root: string;

    beforeEach(() => (root = mkdtempSync(join(tmpdir(), "probe-"))));
    afterEach(() => {
        rmSync(root, { recursive: true });
    });

    /** The script, its paths under another root, and what it printed, with the paths that it has on a host. */
    const run = (shell: readonly string[], script = probeScript()): string => {
        const rooted = script.replace(/(?<![\w/])\/(?=etc\/|var\/|proc\/)/g, `${root}/`);
        const [program, ...options] = shell;
        return execFileSync(program!, [...options, "-s"], {
            input: rooted,
            encoding: "utf8",
            stdio: "pipe",
        }).replaceAll(root, "");
    };

    const write = (path: string, content: string | Buffer) => {
        mkdirSync(join(root, dirname(path)), { recursive: true });
        writeFileSync(join(root, path), content);
    };

    const process = (pid: number, name: string, start: number, commandLine: readonly string[]) => {
        write(`/proc/${pid}/comm`, `${name}\n`);
        const zeros = Array.from({ length: 18 }, () => "0").join(" ");
        write(`/proc/${pid}/stat`, `${pid} (${name}) S ${zeros} ${start} 99 98\n`);
        write(`/proc/${pid}/cmdline`, commandLine.map((word) => `${word}\0`).join(""));
    };

    /** What a file is on this machine, in the words of an observation. */
    const onDisk = (path: string, kind: ObservedFile["kind"], text?: string): [string, ObservedFile] => {
        const { ino, mtimeMs, ctimeMs, mode, uid, gid } = statSync(join(root, path));
        return [
            path,
            {
                path,
                inode: String(ino),
                modified: Math.floor(mtimeMs / 1000),
                changed: Math.floor(ctimeMs / 1000),
                mode: (mode & 0o7777).toString(8),
                owner: `${uid}:${gid}`,
                kind,
                ...(text !== undefined && { text }),
            },
        ];
    };

    const bare = () => {
        write("/proc/uptime", "5000.25 1.00\n");
        write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
    };

    for (const shell of [["dash"], ["busybox", "sh"]]) {
        describe(`under ${shell.join(" ")}`, () => {
            it("prints everything that is looked at", () => {
                bare();
                const receipt = '{\n    "directory": "/var/log/kubernetes/audit",\n    "x": 1\n}\n';
                const manifests = "/etc/kubernetes/manifests";
                write(`${manifests}/kube-apiserver.yaml`, KUBEADM_MANIFEST);
                write(`${manifests}/a b|c 'd'.bak`, "kube-apiserver\r\n\0ä");
                write(`${manifests}/etcd.yaml`, "etcd\n");
                write(`${manifests}/.hidden`, "kube-apiserver\n");
                write(`${manifests}/directory/kube-apiserver.yaml`, "kube-apiserver\n");
                write("/var/lib/kube-apiserver-audit/receipt.json", receipt.replace("/var/log", `${root}/var/log`));
                write("/var/lib/kube-apiserver-audit/policy.yaml", POLICY);
                write("/etc/kubernetes/audit/policy-0123456789ab.yaml", "");
                write("/etc/kubernetes/audit/other.yaml", "theirs\n");
                symlinkSync("policy-0123456789ab.yaml", join(root, "/etc/kubernetes/audit/policy.yaml"));
                write("/var/log/kubernetes/audit/audit.log", "{}\n");
                utimesSync(join(root, manifests, "kube-apiserver.yaml"), 1_600_000_000, 1_600_000_000);
                process(11, "kube-apiserver", 400_025, ["kube-apiserver", "--a=b c", "--d=\né"]);
                process(12, "kube-apiserver", 400_026, []);
                process(13, "etcd", 400_027, ["etcd"]);
                write("/proc/14/stat", "no name\n");

                const before = Math.floor(Date.now() / 1000);
                const { processes, ...observed } = parseObservation(run(shell));
                const after = Math.floor(Date.now() / 1000);

                assert.deepEqual(observed, {
                    machineId: "0123456789abcdef0123456789abcdef",
                    files: new Map([
                        onDisk(`${manifests}/kube-apiserver.yaml`, "file", KUBEADM_MANIFEST),
                        onDisk(`${manifests}/a b|c 'd'.bak`, "file", "kube-apiserver\r\n\0ä"),
                        onDisk(
                            "/var/lib/kube-apiserver-audit/receipt.json",
                            "file",
                            receipt.replace("/var/log", `${root}/var/log`),
                        ),
                        onDisk("/var/lib/kube-apiserver-audit/policy.yaml", "file", POLICY),
                        onDisk("/etc/kubernetes/audit", "directory"),
                        onDisk("/etc/kubernetes/audit/policy-0123456789ab.yaml", "file", ""),
                        onDisk("/var/log/kubernetes/audit", "directory"),
                    ]),
                });
                assert.equal(processes.length, 1);
                const [{ started, ...others }] = processes as [(typeof processes)[number]];
                assert.deepEqual(others, { pid: 11, commandLine: ["kube-apiserver", "--a=b c", "--d=\né"] });
                // It started 4000.25 s after the boot, which was 5000.25 s ago.
                assert.ok(started >= before - 1000 && started <= after - 1000, `${started} is not 1000 s ago`);
            });

            it("prints a host that has nothing", () => {
                bare();
                const output = run(shell);
                assert.match(
                    output,
                    /^kube-apiserver-audit observation 1\nmachine \w{32}\nclock \d+ 5000\.25\ndone\n$/,
                );
            });

            it("prints a link as a link, without what is behind it", () => {
                bare();
                write("/elsewhere.yaml", KUBEADM_MANIFEST);
                mkdirSync(join(root, "/etc/kubernetes/manifests"), { recursive: true });
                symlinkSync(join(root, "elsewhere.yaml"), join(root, "/etc/kubernetes/manifests/kube-apiserver.yaml"));
                const file = parseObservation(run(shell)).files.get("/etc/kubernetes/manifests/kube-apiserver.yaml");
                assert.deepEqual([file?.kind, file?.mode, file?.text], ["link", "777", undefined]);
            });

            it("prints what the kubelet reads through a link beside the manifest", () => {
                bare();
                write("/elsewhere.yaml", KUBEADM_MANIFEST);
                mkdirSync(join(root, "/etc/kubernetes/manifests"), { recursive: true });
                symlinkSync(join(root, "elsewhere.yaml"), join(root, "/etc/kubernetes/manifests/old.yaml"));
                const file = parseObservation(run(shell)).files.get("/etc/kubernetes/manifests/old.yaml");
                assert.deepEqual([file?.kind, file?.text], ["link", KUBEADM_MANIFEST]);
            });

            it("has lines far shorter than 64 KiB whatever a file has", () => {
                bare();
                write("/etc/kubernetes/manifests/kube-apiserver.yaml", `# ${"x".repeat(200_000)}\n`);
                const lines = run(shell).split("\n");
                const text = lines.slice(lines.indexOf("text") + 1, lines.indexOf("end"));
                assert.deepEqual(new Set(text.slice(0, -1).map(({ length }) => length)), new Set([76]));
                assert.equal(Buffer.from(text.join(""), "base64").length, 200_003);
            });

            it("prints nothing when it was cut short", () => {
                bare();
                const whole = probeScript().trimEnd();
                const cuts = [whole.length - 1, whole.length - " complete".length, whole.lastIndexOf("\n"), 900, 1500];
                for (const length of cuts) {
                    assert.equal(
                        outputOf(() => run(shell, whole.slice(0, length))),
                        "",
                        `cut at ${length}`,
                    );
                }
            });
        });
    }

    it("is the same script for dash and busybox as the one in the package", () => {
        const source = readFileSync(join(__dirname, "../../host/probe.sh"), "utf8");
        assert.equal(probeScript(), `${source}\nmain 'auto' 'kube-apiserver.service' complete\n`);
    });
});

/** What a command printed, also when it failed. */
function outputOf(command: () => string): string {
    try {
        return command();
    } catch (error) {
        return (error as { stdout: string }).stdout;
    }
}

const ODD_CHARACTERS = "aZ0 |:'\"\\$`\t\n\r\0\u0001\u007f\u0085\u2028\u2029äß\ufeff\ufffd😀";

/** Observations with file names and texts of all kinds; a name is what stands in one line. */
function observations(): fc.Arbitrary<Observation> {
    const unit = fc.constantFrom(...Array.from(ODD_CHARACTERS));
    const seconds = fc.integer({ min: 1_600_000_000, max: 1_800_000_000 });
    const file = fc
        .record({
            path: fc.string({ unit }).map((name) => `/etc/kubernetes/manifests/${name.replace(/\n/g, "")}`),
            inode: fc.nat().map(String),
            modified: seconds,
            changed: seconds,
            mode: fc.constantFrom("600", "2750", "0"),
            owner: fc.tuple(fc.nat(), fc.nat()).map(([uid, gid]) => `${uid}:${gid}`),
            kind: fc.constantFrom("file", "directory", "link", "other"),
            text: fc.string({ unit, maxLength: 60 }),
        })
        .map(({ text, ...rest }): ObservedFile => (rest.kind === "file" ? { ...rest, kind: "file", text } : rest));
    const word = fc.string({ unit }).map((text) => text.replace(/\0/g, ""));
    const process = fc.record(
        { pid: fc.nat(), started: seconds, commandLine: fc.array(word, { minLength: 1 }) },
        { noNullPrototype: true },
    );
    return fc.record(
        {
            machineId: fc.stringMatching(/^[0-9a-f]{0,32}$/),
            files: fc.array(file, { maxLength: 4 }).map((files) => new Map(files.map((each) => [each.path, each]))),
            processes: fc.array(process, { maxLength: 3 }),
        },
        { noNullPrototype: true },
    );
}
