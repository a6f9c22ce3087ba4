import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseObservation } from "../../host/observation";
import { probeScript } from "../../host/script";
import { joinUnitFiles } from "../../host/unitFile";
import { SHELLS } from "./transaction";

const UNIT = "kube-apiserver.service";
const SOURCE = { flavour: "auto", unit: UNIT } as const;

for (const [name, [program, ...options]] of Object.entries(SHELLS)) {
    describe(`a unit, read under ${name}`, () => {
        let root: string;
        beforeEach(() => {
            root = mkdtempSync(join(tmpdir(), "probe-unit-"));
            write("/proc/uptime", "5000.25 1.00\n");
            write("/proc/self/mountinfo", "");
        });
        afterEach(() => {
            rmSync(root, { recursive: true });
        });

        const write = (path: string, text: string) => {
            mkdirSync(join(root, dirname(path)), { recursive: true });
            writeFileSync(join(root, path), text);
        };

        /** A systemctl that says this of every unit. */
        const systemctl = (lines: readonly string[]) => {
            write("/bin/systemctl", `#!/bin/sh\ncat <<'END'\n${lines.join("\n")}\nEND\n`);
            chmodSync(join(root, "/bin/systemctl"), 0o755);
        };

        const run = (script: string): string => {
            const { stdout, stderr } = spawnSync(program, [...options], {
                input: script.replace(/(?<![\w/])\/(?=etc\/|var\/|proc\/|sys\/)/g, `${root}/`),
                env: { PATH: `${root}/bin:${process.env.PATH!}` },
                encoding: "utf8",
            });
            assert.equal(stderr, "");
            return stdout.replaceAll(root, "");
        };

        it("prints its state, its files, also behind links, its environment, and its program's version", () => {
            write("/usr/kube-apiserver.service", "[Service]\n");
            mkdirSync(join(root, "/etc/systemd/system"), { recursive: true });
            symlinkSync(
                join(root, "/usr/kube-apiserver.service"),
                join(root, "/etc/systemd/system/kube-apiserver.service"),
            );
            write("/etc/a.conf", "a");
            write("/etc/default/api", "A=1\n");
            write("/etc/default/api-2", "A=2\n");
            write("/bin/kube-apiserver", "#!/bin/sh\necho 'Kubernetes v1.34.4'\n");
            chmodSync(join(root, "/bin/kube-apiserver"), 0o755);
            write("/etc/pki/c.crt", "certificate\n");
            write("/proc/41/cmdline", `kube-apiserver\0--kubelet-client-certificate=${root}/etc/pki/c.crt\0`);
            symlinkSync(join(root, "/bin/kube-apiserver (deleted)"), join(root, "/proc/41/exe"));
            systemctl([
                "MainPID=41",
                `EnvironmentFiles=${root}/etc/default/api* (ignore_errors=yes)`,
                `EnvironmentFiles=${root}/etc/default/none (ignore_errors=yes)`,
                "LoadState=loaded",
                "ActiveState=active",
                `FragmentPath=${root}/etc/systemd/system/kube-apiserver.service`,
                `DropInPaths=${root}/etc/a.conf ${root}/etc/b.conf`,
                "NeedDaemonReload=no",
            ]);
            const { unit, files } = parseObservation(run(probeScript(SOURCE)));
            assert.deepEqual(unit, {
                name: UNIT,
                loadState: "loaded",
                activeState: "active",
                mainPid: 41,
                needsReload: false,
                files: ["/etc/systemd/system/kube-apiserver.service", "/etc/a.conf", "/etc/b.conf"],
                environmentFiles: ["/etc/default/api", "/etc/default/api-2"],
                version: "Kubernetes v1.34.4",
            });
            assert.deepEqual(
                [...files.values()].map(({ path, text }) => [path, text]),
                [
                    ["/etc/systemd/system/kube-apiserver.service", "[Service]\n"],
                    ["/etc/a.conf", "a"],
                    ["/etc/default/api", "A=1\n"],
                    ["/etc/default/api-2", "A=2\n"],
                    ["/etc/pki/c.crt", "certificate\n"],
                ],
            );
        });

        it("is not looked for where kubeadm's manifest is there, unless that is asked for, nor where there is none", () => {
            systemctl(["LoadState=loaded", "ActiveState=inactive", "MainPID=0", "FragmentPath=", "DropInPaths="]);
            const unitIn = (script: string) => parseObservation(run(script)).unit;
            assert.ok(unitIn(probeScript(SOURCE)));
            assert.equal(unitIn(probeScript({ flavour: "kubeadm", unit: UNIT })), undefined);
            write("/etc/kubernetes/manifests/kube-apiserver.yaml", "");
            assert.equal(unitIn(probeScript(SOURCE)), undefined);
            assert.ok(unitIn(probeScript({ flavour: "systemd", unit: UNIT })));
            systemctl(["LoadState=not-found", "MainPID=0"]);
            assert.equal(unitIn(probeScript({ flavour: "systemd", unit: UNIT })), undefined);
            rmSync(join(root, "/bin/systemctl"));
            write("/bin/systemctl", "");
            assert.equal(unitIn(probeScript({ flavour: "systemd", unit: UNIT })), undefined);
        });

        it("prints the host's facts where a log directory is asked about", () => {
            write(
                "/proc/self/mountinfo",
                [
                    `21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw`,
                    `22 21 8:2 / ${root}/etc ro,noatime - ext4 /dev/sdb rw,x`,
                    `23 21 8:3 / ${root}/var\\040x rw - ext4 /dev/sdc rw`,
                    `24 21 8:4 / ${root}/var/log rw master:1 shared:2 - xfs /dev/sdd ro,y`,
                    `25 21 0:5 / /run/x rw - tmpfs tmpfs rw`,
                    "",
                ].join("\n"),
            );
            write("/sys/fs/selinux/enforce", "1");
            write("/proc/7/comm", "kube-apiserver\n");
            write("/proc/7/attr/current", "system_u:system_r:container_t:s0:c1,c2\0");
            mkdirSync(join(root, "/var/log"), { recursive: true });
            const { facts } = parseObservation(run(probeScript(SOURCE, "/var/log/kubernetes/audit")));
            const { space, clock, ...rest } = facts!;
            assert.deepEqual(rest, {
                mounts: [
                    { device: "8:1", readOnly: false, point: "/" },
                    { device: "8:2", readOnly: true, point: "/etc" },
                    { device: "8:4", readOnly: true, point: "/var/log" },
                ],
                contexts: new Map([[7, "system_u:system_r:container_t:s0:c1,c2"]]),
                labels: new Map(),
            });
            assert.ok(space!.total > space!.available && space!.available > 0);
            assert.ok(Math.abs(clock - Date.now() / 1000) < 60);
            assert.equal(parseObservation(run(probeScript(SOURCE))).facts, undefined);
            assert.equal(parseObservation(run(probeScript(SOURCE, ""))).facts!.space, undefined);
        });

        it("has a base that is the same text in the transaction as in the program", () => {
            const files = ["[Service]\nA=ä\n", "no line end", ""].map((text, index) => ({
                path: `/etc/${index} `.trim(),
                text,
            }));
            for (const { path, text } of files) {
                write(path, text);
            }
            write("/etc/ours", "ours\n");
            systemctl([`DropInPaths=${root}/etc/1 ${root}/etc/ours ${root}/etc/2`, `FragmentPath=${root}/etc/0`]);
            const functions = readFileSync(join(__dirname, "../../host/unit.sh"), "utf8");
            assert.equal(run(`${functions}show_base x ${root}/etc/ours\n`), joinUnitFiles(files));
        });
    });
}
