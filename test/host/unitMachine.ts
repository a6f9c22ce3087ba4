/** A directory that looks like a machine whose API server is a unit: enough of systemd and Kubernetes for the runner. */

import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { carriedFiles } from "./transaction";
import { UNIT, UNIT_FILE } from "./unitHost";

/** A systemd that knows one unit, without any quoting in its command line. */
const SYSTEMCTL = `#!/bin/sh
cd ROOT
show() {
    pid=0
    read -r pid 2>/dev/null <state/pid
    [ -d "/proc/$pid" ] || pid=0
    echo "LoadState=loaded"
    if [ "$pid" = 0 ]; then echo "ActiveState=failed"; else echo "ActiveState=active"; fi
    echo "Result=exit-code"
    echo "MainPID=$pid"
    if cmp -s state/loaded state/now; then echo "NeedDaemonReload=no"; else echo "NeedDaemonReload=yes"; fi
    echo "NRestarts=0"
    echo "FragmentPath=ROOT${UNIT_FILE}"
    echo "DropInPaths=$(cat state/drop-ins)"
}
reload() {
    ls ROOT${UNIT_FILE}.d/*.conf 2>/dev/null | tr '\\n' ' ' | sed 's/ $//' >state/drop-ins
    # shellcheck disable=SC2046
    cat ROOT${UNIT_FILE} $(cat state/drop-ins) >state/loaded
}
now() {
    # shellcheck disable=SC2046
    cat ROOT${UNIT_FILE} $(cat state/drop-ins) >state/now 2>/dev/null
}
case $1 in
show)
    now
    property=\${2#--property=}
    show | grep -E "^($(echo "$property" | tr , '|'))="
    ;;
daemon-reload) reload ;;
restart)
    read -r pid 2>/dev/null <state/pid && kill -9 "$pid"
    # shellcheck disable=SC2046
    set -- $(awk '/\\\\$/ && !/^#/ { sub(/\\\\$/, ""); printf "%s", $0; next } { print }' state/loaded | sed -n 's/^ExecStart=//p' | tail -n 1)
    setsid "$@" >/dev/null 2>&1 </dev/null &
    echo "$!" >state/pid
    ;;
is-system-running) echo running ;;
esac
exit 0
`;

/** An API server that does not start with a policy while there is a file "fault". */
const API_SERVER = `#!/bin/sh
case "$*" in *--audit-policy-file=*) [ ! -e ROOT/state/fault ] || exit 1 ;; esac
while :; do sleep 1; done
`;

const KUBECTL = `#!/bin/sh
for path; do :; done
read -r pid <ROOT/state/pid && [ -d "/proc/$pid" ] || { echo "connection refused" >&2; exit 1; }
case $path in
/version*) echo "$path" >>"ROOT/var/log/kubernetes/audit/audit.log" ;;
esac
`;

/** What a transaction said. */
export interface Said {
    readonly code: number;
    readonly stdout: string;
    readonly stderr: string;
}

export class UnitMachine {
    private readonly root = mkdtempSync(join(tmpdir(), "unit-machine-"));

    constructor(private readonly shell: string) {
        this.write(UNIT_FILE, `[Service]\nExecStart=${this.root}/bin/kube-apiserver \\\n  --a=1\n`);
        this.write("/etc/kubernetes/admin.conf", "");
        this.write("/state/drop-ins", "");
        mkdirSync(this.path("/var/lib"), { recursive: true });
        for (const [name, text] of Object.entries({
            systemctl: SYSTEMCTL,
            "kube-apiserver": API_SERVER,
            kubectl: KUBECTL,
            journalctl: "#!/bin/sh\necho 'Nov 25 12:00:00 cp-1 kube-apiserver[99999999]: Error: it was told to fail'\n",
            sync: "#!/bin/sh\n",
        })) {
            this.write(`/bin/${name}`, text.replaceAll("ROOT", this.root));
            chmodSync(join(this.root, "bin", name), 0o755);
        }
        this.systemctl("daemon-reload");
        this.systemctl("restart");
    }

    /** The unit's own text. */
    get unit(): string {
        return this.read(UNIT_FILE)!;
    }

    /** Where things really are. */
    path(path: string): string {
        return this.root + path;
    }

    read(path: string): string | undefined {
        const real = this.path(path);
        return existsSync(real) ? readFileSync(real, "utf8") : undefined;
    }

    write(path: string, text: string): void {
        mkdirSync(dirname(this.path(path)), { recursive: true });
        writeFileSync(this.path(path), text);
    }

    remove(path: string): void {
        rmSync(this.path(path), { recursive: true, force: true });
    }

    /** Every file and directory that there is of what we may write, with its mode. */
    state(): string {
        const { stdout } = spawnSync(
            "sh",
            [
                "-c",
                "cd $0 && find etc var/lib -printf '%p %y %m %l\\n' -type f -exec sha256sum {} \\; 2>/dev/null | sort",
                this.root,
            ],
            { encoding: "utf8" },
        );
        return stdout;
    }

    /** The API server's words after its name; none where it does not run. */
    flags(): string[] {
        const commandLine = `/proc/${this.read("/state/pid")!.trim()}/cmdline`;
        return existsSync(commandLine) ? readFileSync(commandLine, "utf8").split("\0").slice(2, -1) : [];
    }

    systemctl(...words: string[]): void {
        spawnSync(join(this.root, "bin/systemctl"), words);
    }

    /** Runs the runner of a transaction, its paths in this machine, once or several times with other verbs. */
    run(script: string, ...verbs: readonly string[]): Said {
        const directory = "/run/kube-apiserver-audit/transaction.x";
        const files = [...carriedFiles(script)].map(([name, text]): [string, string] => [
            name,
            name === "runner.sh" ? this.rooted(text) : text,
        ]);
        for (const [name, text] of files) {
            this.write(`${directory}/${name}`, text);
        }
        const [program, ...options] = this.shell.split(" ") as [string, ...string[]];
        for (const verb of verbs) {
            spawnSync(program, [...options, this.path(`${directory}/runner.sh`), verb, this.path(directory)], {
                env: { PATH: `${this.root}/bin:${process.env.PATH!}` },
            });
        }
        const said = (name: string) => (this.read(`${directory}/${name}`) ?? "").replaceAll(this.root, "");
        const result = { code: Number(said("exit") || "-1"), stdout: said("stdout"), stderr: said("stderr") };
        this.remove(directory);
        return result;
    }

    /** What the boot's unit does, from the journal that a transaction has left. */
    boot(): void {
        const journal = this.path("/var/lib/kube-apiserver-audit/transaction");
        const [program, ...options] = this.shell.split(" ") as [string, ...string[]];
        spawnSync(program, [...options, `${journal}/runner.sh`, "boot", journal], {
            env: { PATH: `${this.root}/bin:${process.env.PATH!}` },
        });
    }

    /** Paths of this machine, but for what the kernel shows of every machine. */
    private rooted(runner: string): string {
        return runner.replace(/(?<![\w/$}])\/(?=etc\/|var\/|run\/)/g, `${this.root}/`);
    }

    stop(): void {
        const pid = Number(this.read("/state/pid"));
        if (existsSync(`/proc/${pid}`)) {
            process.kill(pid, "SIGKILL");
        }
        rmSync(this.root, { recursive: true });
    }
}

export { UNIT };
