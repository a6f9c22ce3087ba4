import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { LoggedRequest } from "../../host/loggedRequests";
import { verificationScript } from "../../host/script";
import { parseVerification, verifyScript } from "../../host/verification";
import { sha256 } from "../../host/wish";
import { SHELLS } from "./awks";

const POLICY = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n";
const REQUESTS: readonly LoggedRequest[] = [{ client: "kubectl", levels: ["Metadata"], path: "/version" }];

/** What the API server writes of a request. `$url` is the shell's. */
const event = (level = "Metadata") =>
    `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"${level}","stage":"ResponseComplete","requestURI":"'"$url"'"}`;

/** A kubectl that is asked for `get --raw $url`, and what the API server does then with $log. */
const kubectl = (work: string) => `#!/bin/sh\nfor url; do :; done\n${work}\n`;
const writes = (line: string, file = "$log") => `printf '%s\\n' '${line}' >>"${file}"`;

/** A machine with an API server, as far as the script looks at it. */
class Machine {
    readonly directory = mkdtempSync(join(tmpdir(), "verify-"));
    readonly log = join(this.directory, "log/audit.log");
    readonly policy = join(this.directory, "policy.yaml");
    flags = [`--audit-policy-file=${this.policy}`, "--audit-log-path", this.log, "--advertise-address=192.0.2.7"];
    kubectl = kubectl(writes(event()));

    constructor() {
        for (const name of ["proc/41/fd", "proc/sys/kernel/random", "log", "bin", "run", "etc"]) {
            mkdirSync(join(this.directory, name), { recursive: true });
        }
        symlinkSync("/proc/uptime", join(this.directory, "proc/uptime"));
        symlinkSync("/proc/sys/kernel/random/uuid", join(this.directory, "proc/sys/kernel/random/uuid"));
        symlinkSync("/", join(this.directory, "proc/41/root"));
        writeFileSync(join(this.directory, "proc/41/comm"), "kube-apiserver\n");
        writeFileSync(this.policy, POLICY);
        writeFileSync(join(this.directory, "etc/admin.conf"), "");
        writeFileSync(this.log, "");
        this.started("99999999999");
    }

    /** When, in hundredths of a second since boot. */
    started(start: string): void {
        const fields = ["S", ...Array.from({ length: 18 }, () => "0"), start];
        writeFileSync(join(this.directory, "proc/41/stat"), `41 (kube-apiserver) ${fields.join(" ")}\n`);
    }

    run(shell: string, script: string) {
        const { directory } = this;
        writeFileSync(join(directory, "proc/41/cmdline"), ["kube-apiserver", ...this.flags, ""].join("\0"));
        writeFileSync(join(directory, "bin/kubectl"), this.kubectl.replaceAll("$log", this.log));
        chmodSync(join(directory, "bin/kubectl"), 0o755);
        const moved = script
            .replaceAll("/proc/", `${directory}/proc/`)
            .replace(/^run=.*$/m, `run=${directory}/run`)
            .replace(/^admin_kubeconfig=.*$/m, `admin_kubeconfig=${directory}/etc/admin.conf`)
            .replace(/^manifest=.*$/m, `manifest=${directory}/etc/manifest.yaml`);
        const [program, ...words] = shell.split(" ");
        const { status, stdout, stderr } = spawnSync(program!, [...words, "-s"], {
            input: moved,
            encoding: "utf8",
            env: { PATH: `${directory}/bin:/usr/bin:/bin` },
        });
        return { status, stdout, stderr: stderr.replaceAll(directory, "DIR") };
    }

    verify(shell: string, more: { policySha256?: string; requests?: readonly LoggedRequest[] } = {}) {
        const target = { host: "cp-1", logPath: this.log, policySha256: sha256(POLICY), requests: REQUESTS };
        return this.run(shell, verifyScript({ ...target, timeoutSeconds: 1, ...more }));
    }

    remove(): void {
        rmSync(this.directory, { recursive: true });
    }
}

const refused = (what: string) => ({ status: 1, stdout: "", stderr: `cp-1: ${what}\n` });

for (const shell of SHELLS) {
    describe(`verify.sh under ${shell}`, () => {
        let machine: Machine;

        beforeEach(() => {
            machine = new Machine();
        });
        afterEach(() => {
            machine.remove();
        });

        const passes = (level = "Metadata", path = "/version") => {
            const requests: readonly LoggedRequest[] = [{ client: "kubectl", levels: ["Metadata", "Request"], path }];
            const { status, stdout, stderr } = machine.verify(shell, { requests });
            assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
            const { seconds, ...rest } = parseVerification("cp-1", stdout);
            assert.ok(seconds >= 0);
            assert.deepEqual(rest, {
                host: "cp-1",
                request: path,
                client: "kubectl",
                server: "https://192.0.2.7:6443",
                level,
            });
        };

        it("finds the event, and says how it was asked for", () => {
            passes();
        });

        it("tells its own request from all others, also with a query", () => {
            machine.kubectl = kubectl(
                `case $url in *\\?limit=1\\&kube-audit-verify=*) ${writes(event("Request"))} ;; esac`,
            );
            passes("Request", "/api/v1/pods?limit=1");
        });

        it("leaves nothing behind", () => {
            passes();
            assert.equal(spawnSync("ls", ["-A", join(machine.directory, "run")], { encoding: "utf8" }).stdout, "");
        });

        for (const [name, rotate] of [
            ["a rotated file", ""],
            ["a compressed one", "gzip '$rotated'"],
        ]) {
            it(`finds an event that was moved into ${name} meanwhile`, () => {
                const rotated = machine.log.replace(/\.log$/, "-2026-03-02T09-30-00.000.log");
                writeFileSync(rotated.replace("2026", "2025"), "{}\n");
                writeFileSync(`${rotated.replace("2026", "2024")}.gz`, gzipSync("{}\n"));
                machine.kubectl = kubectl(
                    `${writes(event())}\nmv '$log' '${rotated}'\n${writes("{}")}\n${rotate!.replace("$rotated", rotated)}`,
                );
                passes();
            });
        }

        it("is content with an answer that there is no such object, and with no other failure", () => {
            machine.kubectl = kubectl(`${writes(event())}\necho 'Error from server (NotFound): none' >&2; exit 1`);
            passes();
            machine.kubectl = kubectl("echo 'Unable to connect to the server: EOF' >&2; exit 1");
            assert.deepEqual(
                machine.verify(shell),
                refused(
                    "GET /version through https://192.0.2.7:6443 failed: Unable to connect to the server: EOF. See the API " +
                        "server's own log for what it says of its audit log, and log.mode: a batch may be held back longer " +
                        "(log.batch.maxWait).",
                ),
            );
        });

        it("refuses an event with another level, and says where the policy was changed since the start", () => {
            machine.kubectl = kubectl(writes(event("RequestResponse")));
            const what =
                "The event of GET /version has the level RequestResponse, where the policy (DIR/policy.yaml) says Metadata.";
            assert.deepEqual(machine.verify(shell), refused(what));
            machine.started("1");
            assert.deepEqual(
                machine.verify(shell),
                refused(
                    `${what} That file was changed after the API server had started, which reads it only then: it has to be ` +
                        "restarted (pulumi up).",
                ),
            );
        });

        it("takes no event that was cut, or has another behind it, for a whole one", () => {
            for (const line of [
                event().slice(0, -1),
                `${event().slice(0, -1)}${event().replace('"\'"$url"\'"', '"/other"')}`,
            ]) {
                machine.kubectl = kubectl(writes(line));
                const { status, stderr } = machine.verify(shell);
                assert.equal(status, 1);
                assert.match(
                    stderr,
                    /^cp-1: No event of GET \/version arrived in DIR\/log\/audit\.log within 1 s\. It arrived/,
                );
            }
        });

        it("says where there is no such file", () => {
            machine.kubectl = kubectl("rm -f '$log'");
            assert.deepEqual(
                machine.verify(shell),
                refused(
                    "No event of GET /version arrived in DIR/log/audit.log within 1 s. There is no such file. See the API " +
                        "server's own log for what it says of it, and the volumes of its pod.",
                ),
            );
        });

        it("refuses another policy than the one that is expected", () => {
            assert.deepEqual(
                machine.verify(shell, { policySha256: sha256("") }),
                refused(
                    "The API server runs with another policy than was expected (DIR/policy.yaml). Roll out the wanted one " +
                        "(pulumi up), then try again.",
                ),
            );
        });

        it("says which clients there are where the policy drops what they can ask", () => {
            assert.match(
                machine.verify(shell, { requests: [] }).stderr,
                /^cp-1: The policy \(DIR\/policy\.yaml\) drops every harmless request that this host can make \(as kubectl.*\)\. Name/,
            );
        });

        const flagCases: readonly [string, (flags: string[]) => string[], string][] = [
            [
                "no policy",
                ([, ...rest]) => rest,
                "The API server runs without --audit-policy-file: auditing is off. Turn it on.",
            ],
            [
                "no log",
                ([policy]) => [policy!],
                "The API server runs without --audit-log-path: it writes no log. Set log.path.",
            ],
            [
                "its standard output",
                ([policy]) => [policy!, "--audit-log-path=-"],
                "The API server writes its log to standard output (--audit-log-path=-), which is not looked at. Give it a file " +
                    "(log.path).",
            ],
            [
                "another log",
                (flags) => [...flags, "--audit-log-path=/other.log"],
                "The API server writes to /other.log, and not to DIR/log/audit.log. Set log.path to that.",
            ],
            [
                "a policy that is gone",
                (flags) => [...flags, "--audit-policy-file=/gone.yaml"],
                "/gone.yaml, which the API server was started with, is not there any more: its next start will fail. Put it back " +
                    "(pulumi up).",
            ],
        ];
        for (const [name, change, what] of flagCases) {
            it(`refuses an API server that was started with ${name}`, () => {
                machine.flags = change(machine.flags);
                assert.deepEqual(machine.verify(shell), refused(what));
            });
        }

        it("refuses a host without an API server", () => {
            writeFileSync(join(machine.directory, "proc/41/comm"), "etcd\n");
            assert.match(machine.verify(shell).stderr, /^cp-1: No kube-apiserver is running here\./);
        });

        it("does nothing where its text was cut short", () => {
            const script = verifyScript({
                host: "cp-1",
                logPath: machine.log,
                policySha256: "",
                requests: [],
                timeoutSeconds: 1,
            });
            const cut = script.slice(0, script.lastIndexOf(" complete"));
            assert.deepEqual(machine.run(shell, cut), { status: 2, stdout: "", stderr: "" });
        });

        it("shows how the API server was started", () => {
            const { status, stdout } = machine.run(shell, verificationScript("look", [["log", machine.log]]));
            assert.deepEqual(
                { status, stdout },
                {
                    status: 0,
                    stdout: `policy-file ${machine.policy}\npolicy\n${readFileSync(machine.policy).toString("base64").replace(/.{76}/g, "$&\n")}\nend\n`,
                },
            );
        });
    });
}
