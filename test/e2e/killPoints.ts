import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { SandboxNode } from "../../sandbox";

type Verb = "apply" | "remove";

/** The step functions of a transaction, in their order, read from the runner so that none is forgotten. */
export function steps(verb: Verb): string[] {
    const runner = readFileSync(join(__dirname, "..", "..", "host", "runner.sh"), "utf8");
    const body = new RegExp(`^${verb}_steps\\(\\) \\{\\n([^]*?)\\n\\}`, "m").exec(runner)![1]!;
    return [...body.matchAll(/^\s*step \w+ (.*)$/gm)].flatMap(([, functions]) => functions!.split(" "));
}

const DIRECTORY = "/root/kill-point";

/**
 * Stand before every command with which the runner changes something. They count themselves, and kill the runner
 * instead of the command whose turn it is. What the shell itself writes is found as it is by the next of them.
 */
const INSTALL = `
mkdir -p ${DIRECTORY}
for command in chmod chown cp ln mkdir mv rm rmdir sync systemctl touch; do
    cat >${DIRECTORY}/$command <<'END'
#!/bin/sh
PATH=\${PATH#*:}
case "\${0##*/} $1" in "systemctl show" | "systemctl is-"*) exec systemctl "$@" ;; esac
read -r count <${DIRECTORY}/count
count=$((count + 1))
echo "$count" >${DIRECTORY}/count
read -r due <${DIRECTORY}/due
if [ "$count" = "$due" ]; then
    echo "\${0##*/} $*" >${DIRECTORY}/reached
    kill -9 "$RUNNER"
    exit 137
fi
exec "\${0##*/}" "$@"
END
    chmod 755 ${DIRECTORY}/$command
done
`;

export function withKillPoints(script: string): string {
    const place = "\nunset http_proxy";
    assert.ok(script.includes(place));
    const altered = script.replace(
        place,
        () => `\ncase \${1:-} in apply | remove) export RUNNER=$$ PATH="${DIRECTORY}:$PATH" ;; esac${place}`,
    );
    // Waiting changes nothing and takes long; that it may be killed too is seen step by step.
    const impatient = altered
        .replace(" await_restart\n    step prove prove_event\n", "\n")
        .replace("        step restart begin_restart await_restart\n", "        step restart begin_restart\n");
    assert.notEqual(impatient, altered);
    return impatient;
}

/**
 * Says before which command the next transaction on a host is killed.
 *
 * @param isCounting - whether commands count from the beginning, or only from {@link COUNT_FROM_HERE} on
 */
export async function armKillPoint(node: SandboxNode, point: number, isCounting: boolean): Promise<void> {
    const count = isCounting ? 0 : -99_999;
    await node.check(`rm -f ${DIRECTORY}/reached; echo ${count} >${DIRECTORY}/count; echo ${point} >${DIRECTORY}/due`);
}

/** Shell of the runner: from here on commands count. */
export const COUNT_FROM_HERE = `echo 0 >${DIRECTORY}/count`;

/** On the host: how to put them there, and where they are. */
export const KILL_POINTS = { install: INSTALL, directory: DIRECTORY } as const;

/** Gives each subject the next of the cases as long as there are any; a failure lets the others end theirs. */
export async function share<S, T>(
    subjects: readonly S[],
    cases: Iterable<T>,
    work: (subject: S, one: T) => Promise<unknown>,
): Promise<void> {
    const iterator = cases[Symbol.iterator]();
    let over = false;
    const results = await Promise.allSettled(
        subjects.map(async (subject) => {
            for (let next = iterator.next(); !over && next.done !== true; next = iterator.next()) {
                try {
                    over = (await work(subject, next.value)) === false || over;
                } catch (error) {
                    over = true;
                    throw error;
                }
            }
        }),
    );
    const failed = results.find((result) => result.status === "rejected");
    if (failed !== undefined) {
        throw failed.reason;
    }
}

export function* naturals(): Generator<number> {
    for (let number = 1; ; number++) {
        yield number;
    }
}
