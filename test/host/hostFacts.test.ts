import assert from "node:assert/strict";
import { assess } from "../../host/assess";
import { largestLog } from "../../host/hostFacts";
import type { HostFacts, Observation, ObservedMount } from "../../host/observation";
import type { LogSettings } from "../../host/settings";
import type { WishArgs } from "../../host/wish";
import { appliedHost, freshHost, KUBEADM_MANIFEST, LOG_DIRECTORY, refusalOf, wishOf } from "./observedHost";
import { freshUnitHost } from "./unitHost";

const MIB = 1024 * 1024;
const mount = (point: string, device = "8:1", readOnly = false): ObservedMount => ({ point, device, readOnly });

const FACTS: HostFacts = {
    clock: 0,
    mounts: [mount("/")],
    space: { total: 20_000 * MIB, available: 5_000 * MIB },
    contexts: new Map(),
    labels: new Map(),
};

const withFacts = (facts: Partial<HostFacts>, host: Observation = freshHost()): Observation => ({
    ...host,
    facts: { ...FACTS, ...facts },
});

describe("largestLog", () => {
    const cases: [LogSettings, number][] = [
        [{}, 1100],
        [{ maxSize: 10, maxBackup: 3 }, 40],
        [{ maxSize: 10, maxBackup: 5, compress: true }, 30],
        [{ maxBackup: 0 }, Infinity],
        [{ maxBackup: 0, compress: true }, Infinity],
    ];
    for (const [log, expected] of cases) {
        it(`is ${expected} MiB for ${JSON.stringify(log)}`, () => {
            assert.equal(largestLog(log) / MIB, expected);
        });
    }
});

describe("what a host has", () => {
    const warnings = (host: Observation, args: Partial<WishArgs> = {}) => assess(host, wishOf(args)).warnings ?? [];
    const little = { total: 2_000 * MIB, available: 1_099.9 * MIB };
    const tooLittle = (what: string, then: string, how = "") =>
        `the log settings allow 1100 MiB in ${LOG_DIRECTORY} (log.maxSize × (log.maxBackup + 1)${how}), but its file ` +
        `system ${what}. When it is full, ${then}. Make room there, or set log.maxSize and log.maxBackup lower.`;
    const etcd = "etcd, whose data are on it too, stops, and with it the API";

    const rooms: [string, Observation, Partial<WishArgs>, string[]][] = [
        ["enough room", withFacts({}), {}, []],
        ["just enough room", withFacts({ space: { ...little, available: 1_100 * MIB } }), {}, []],
        [
            "too little room beside etcd",
            withFacts({ space: little }),
            {},
            [tooLittle("/ has 1099 MiB free of 2000 MiB", etcd)],
        ],
        [
            "too little room on a small file system of the log's own",
            withFacts({ space: little, mounts: [mount("/"), mount("/var/log", "8:2")] }),
            {},
            [tooLittle("/var/log has 1099 MiB free of 2000 MiB", "audit events are lost")],
        ],
        ["room enough for compressed logs", withFacts({ space: little }), { log: { compress: true } }, []],
        [
            "too little room for compressed logs",
            withFacts({ space: little }),
            { log: { compress: true, maxSize: 275 } },
            [tooLittle("/ has 1099 MiB free of 2000 MiB", etcd, ", rotated ones compressed to a fifth")],
        ],
        ["no limit of the log, which was asked for", withFacts({ space: little }), { log: { maxBackup: 0 } }, []],
        ["a log on standard output", withFacts({ space: little }), { log: { path: "-" } }, []],
        ["room that our own logs take up", withFacts({ space: little }, appliedHost()), { log: { maxAge: 1 } }, []],
        [
            "a file system that our logs can fill",
            withFacts({ space: { total: 1000 * MIB, available: 10 * MIB } }, appliedHost()),
            { log: { maxAge: 1 } },
            [tooLittle("/ has 10 MiB free of 1000 MiB", etcd)],
        ],
        [
            "too little room where nothing is to be done",
            withFacts({ space: { total: 1, available: 1 } }, appliedHost()),
            {},
            [],
        ],
        ["nothing that is known", freshHost(), {}, []],
    ];
    for (const [what, host, args, expected] of rooms) {
        it(`gives ${expected.length === 0 ? "no warning" : "a warning"}: ${what}`, () => {
            assert.deepEqual(warnings(host, args), expected);
        });
    }

    const confined = new Map([[1234, "system_u:system_r:container_t:s0:c1,c2"]]);
    const labelled = (label: string) => `system_u:object_r:${label}:s0`;
    const labels: [string, Partial<HostFacts>, string[]][] = [
        ["an API server that SELinux leaves alone", { contexts: new Map([[1234, "system_u:system_r:spc_t:s0"]]) }, []],
        [
            "directories without the label",
            { contexts: confined, labels: new Map([["/etc/kubernetes/audit", labelled("etc_t")]]) },
            [
                "SELinux is enforcing and confines the API server (container_t), which may therefore not be allowed to use " +
                    `/etc/kubernetes/audit (etc_t) and ${LOG_DIRECTORY} (not there yet). Label them first: mkdir -p -m 700 ` +
                    `/etc/kubernetes/audit ${LOG_DIRECTORY}; semanage fcontext -a -t container_file_t '/etc/kubernetes/audit(/.*)?'; ` +
                    `semanage fcontext -a -t container_file_t '${LOG_DIRECTORY}(/.*)?'; restorecon -RF /etc/kubernetes/audit ` +
                    `${LOG_DIRECTORY}. An API server that cannot use them gets its old settings back.`,
            ],
        ],
        [
            "directories with the label",
            {
                contexts: confined,
                labels: new Map([
                    ["/etc/kubernetes/audit", labelled("container_file_t")],
                    [LOG_DIRECTORY, labelled("container_file_t")],
                ]),
            },
            [],
        ],
    ];
    for (const [what, facts, expected] of labels) {
        it(`gives ${expected.length === 0 ? "no warning" : "a warning"}: ${what}`, () => {
            assert.deepEqual(warnings(withFacts(facts)), expected);
        });
    }

    const places: [string, Observation, Partial<WishArgs>, ObservedMount[], string, string][] = [
        ["/etc", freshHost(), {}, [mount("/etc", "8:2", true)], "/etc", "/etc/kubernetes/manifests"],
        ["everything", freshHost(), {}, [mount("/", "8:1", true)], "/", "/etc/kubernetes/manifests"],
        [
            "the policies' directory",
            freshHost(),
            {},
            [mount("/etc/kubernetes/audit", "8:2", true)],
            "/etc/kubernetes/audit",
            "/etc/kubernetes/audit",
        ],
        [
            "the unit's directory",
            freshUnitHost(),
            {},
            [mount("/etc/systemd", "8:2", true)],
            "/etc/systemd",
            "/etc/systemd/system/kube-apiserver.service.d",
        ],
        [
            "the log's place",
            freshHost(),
            { log: { path: "/srv/a/a.log" } },
            [mount("/srv", "8:2", true)],
            "/srv",
            "/srv/a",
        ],
    ];
    for (const [what, host, args, mounts, point, place] of places) {
        it(`refuses a host on which ${what} cannot be written to`, () => {
            assert.equal(
                refusalOf(() => assess(withFacts({ mounts: [mount("/"), ...mounts] }, host), wishOf(args))),
                `${point} is mounted read-only, so nothing can be written to ${place}. Mount it writable (mount -o ` +
                    `remount,rw ${point}), then run the update again.`,
            );
        });
    }

    it("does not mind a read-only file system that is none of ours, or was mounted over, or where nothing is to be done", () => {
        const mounts = [
            mount("/", "8:1", true),
            mount("/", "8:2"),
            mount("/etcetera", "8:3", true),
            mount("/usr", "8:4", true),
        ];
        assert.deepEqual(assess(withFacts({ mounts }), wishOf()).drifts, []);
        assert.deepEqual(assess(withFacts({ mounts: [mount("/", "8:1", true)] }, appliedHost()), wishOf()).drifts, []);
    });

    describe("another tool's audit flags", () => {
        const flagged = (...flags: string[]) =>
            freshHost(
                KUBEADM_MANIFEST.replace("    env:\n", `${flags.map((flag) => `    - ${flag}\n`).join("")}    env:\n`),
            );
        const refused = (...flags: string[]) => refusalOf(() => assess(flagged(...flags), wishOf()));

        it("are refused, with what was found", () => {
            assert.equal(
                refused("--audit-policy-file=/etc/p.yaml", "--audit-log-maxage", "'7'"),
                "its API server has audit settings already, which something else gave it: --audit-policy-file=/etc/p.yaml " +
                    "--audit-log-maxage=7. Take them out there, or set adopt: true here; then ours take their place, and " +
                    "theirs come back when ours are removed.",
            );
        });

        it("are taken over where that is asked for, are let be where they are what is wanted, or no business of ours", () => {
            const restarts = (host: Observation, args: Partial<WishArgs> = {}) => assess(host, wishOf(args)).restarts;
            const on = ["audit logging is turned on"];
            assert.deepEqual(restarts(flagged("--audit-log-path=/x"), { adopt: true }), on);
            assert.deepEqual(restarts(flagged("--audit-log-maxage=30")), on);
            assert.deepEqual(restarts(flagged("--audit-webhook-config-file=/x")), on);
        });

        it("are ours where kubeadm has written them for a policy of this package", () => {
            const ours = flagged(
                "--audit-policy-file=/etc/kubernetes/audit/policy-0123456789ab.yaml",
                "--audit-log-maxage=7",
            );
            assert.deepEqual(assess(ours, wishOf()).restarts, ["audit logging is turned on"]);
        });
    });
});
