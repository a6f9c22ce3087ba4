import { createRequire } from "node:module";
import { deletionEvents, type DeletionEvent } from "./demoEvents";
import { createEngine, type Engine } from "./engine";
import { startWebapp, upSandbox, type SandboxNode } from "./index";
import { step } from "./progress";

const MANIFEST = "/etc/kubernetes/manifests/kube-apiserver.yaml";
const PROJECT = "pod-deletions";
const load = createRequire(__filename);
const EXAMPLE = load.resolve("../examples/pod-deletions/index.ts");

const started = Date.now();
const stages: [name: string, seconds: number][] = [];

/** Runs one stage of the demo, and remembers how long it took. */
async function stage<T>(name: string, work: () => Promise<T>): Promise<T> {
    say(`\n== ${name}`);
    const begin = Date.now();
    const result = await work();
    stages.push([name, (Date.now() - begin) / 1000]);
    return result;
}

function say(line: string): void {
    console.log(line);
}

function check(holds: boolean, what: string): void {
    if (!holds) {
        throw new Error(`This does not hold: ${what}`);
    }
    say(`   ok: ${what}`);
}

async function demo(keep: boolean): Promise<void> {
    const sandbox = await stage("Boot a control plane", () => upSandbox({ name: "demo", onProgress: indented }));
    const node = sandbox.nodes[0]!;
    const engine = await stage("Get the Pulumi engine", () => createEngine({ project: PROJECT, onProgress: indented }));
    say(`   The command plugin is the ${engine.pluginKind} one.`);
    try {
        await show(node, engine, sandbox.credentials.privateKey);
    } finally {
        if (!keep) {
            await step(indented, "Removing the control plane", () => sandbox.down());
            engine.close();
        }
    }
    summarise();
    if (keep) {
        say(`\nThe control plane is still there: npm run sandbox -- ssh cp-1 --name demo`);
        say(`Remove it with: npm run sandbox -- down --name demo`);
    }
}

async function show(node: SandboxNode, engine: Engine, privateKey: string): Promise<void> {
    const before = await sha256(node);
    say(`   ${MANIFEST} has the SHA-256 ${before}`);
    const stack = await engine.stack("demo", () => {
        // The example as a user has it: run anew each time, as the engine's own language host would.
        Reflect.deleteProperty(load.cache, EXAMPLE);
        return Promise.resolve(load(EXAMPLE) as Record<string, unknown>);
    });
    await stack.setAllConfig({
        [`${PROJECT}:host`]: { value: node.address },
        [`${PROJECT}:hostKey`]: { value: node.hostKey },
        [`${PROJECT}:user`]: { value: node.users.admin },
        [`${PROJECT}:privateKey`]: { value: privateKey, secret: true },
    });
    await stage("pulumi up: turn audit logging on", () =>
        stack.up({ onOutput: quote, onError: quote, suppressOutputs: true }),
    );
    await stage("Use the cluster: create, get, list and delete two pods", () => useCluster(node));
    await stage("Read the audit log", async () => {
        const events = await deletionEvents(node);
        events.forEach(showEvent);
        check(events.length > 0, "the log has events");
        check(
            events.every(
                ({ verb, level, resource, namespace, name, request, response }) =>
                    `${verb} ${level} ${resource} ${namespace}/${name}` ===
                        "delete RequestResponse pods prod-namespace/webapp-pod" &&
                    request &&
                    response,
            ),
            "every event is a delete of webapp-pod at RequestResponse, with request and response objects",
        );
    });
    await stage("Remove a flag by hand", async () => {
        const edited = MANIFEST.replace("kube-apiserver.yaml", ".edited");
        await node.check(`sed '/--audit-log-maxage=/d' ${MANIFEST} >${edited} && mv ${edited} ${MANIFEST}`);
        say("   --audit-log-maxage is gone from the manifest.");
    });
    await stage("pulumi preview: find it", async () => {
        const preview = await stack.preview({ onOutput: quote, onError: quote, diff: true });
        check((preview.changeSummary.update ?? 0) > 0, "the preview wants to change something");
        check(
            `${preview.stdout}${preview.stderr}`.includes("the flag --audit-log-maxage was removed"),
            "the preview says that --audit-log-maxage was removed",
        );
    });
    await stage("pulumi up: repair it", async () => {
        await node.waitHealthy();
        await stack.up({ onOutput: quote, onError: quote, suppressOutputs: true });
        await stack.preview({ expectNoChanges: true });
        say("   ok: a preview has nothing more to change");
    });
    await stage("pulumi destroy: remove everything", () => stack.destroy({ onOutput: quote, onError: quote }));
    const after = await sha256(node);
    say(`   ${MANIFEST} has the SHA-256 ${after}`);
    check(after === before, "the manifest is byte for byte what it was");
}

async function useCluster(node: SandboxNode): Promise<void> {
    const kubectl = async (...args: string[]): Promise<void> => {
        const { code, stdout, stderr } = await node.kubectl(args);
        const said = (stdout + stderr).trim().split("\n");
        quote(`$ kubectl ${args.join(" ")}\n${said.slice(0, 6).join("\n")}\n`);
        if (code !== 0) {
            throw new Error(`kubectl ended with ${code}.`);
        }
    };
    const namespace = "prod-namespace";
    await startWebapp(node);
    say("   webapp-pod runs in prod-namespace.");
    await kubectl("-n", namespace, "run", "other-pod", "--image=registry.k8s.io/pause:3.10.1", "--restart=Never");
    for (const pod of ["webapp-pod", "other-pod"]) {
        await node.waitForPod(namespace, pod);
        await kubectl("-n", namespace, "get", "pod", pod);
    }
    await kubectl("-n", namespace, "get", "pods");
    for (const pod of ["webapp-pod", "other-pod"]) {
        await kubectl("-n", namespace, "delete", "pod", pod);
    }
}

function showEvent(event: DeletionEvent): void {
    const { time, level, stage, verb, resource, namespace, name, user, code } = event;
    say(`   ${time} ${level} ${stage} ${verb} ${resource} ${namespace}/${name} by ${user}: ${code}`);
}

async function sha256(node: SandboxNode): Promise<string> {
    return (await node.check(`sha256sum ${MANIFEST}`)).slice(0, 64);
}

function indented(line: string): void {
    say(`   ${line}`);
}

let lineBegins = true;

/** Shows what another program says, as it comes: a chunk need not be a whole line. */
function quote(text: string): void {
    for (const part of text.split(/(?<=\n)/)) {
        process.stdout.write(lineBegins && part !== "\n" ? `   | ${part}` : part);
        lineBegins = part.endsWith("\n");
    }
}

function summarise(): void {
    say("\n== Seconds per stage");
    for (const [name, seconds] of [...stages, ["All together", (Date.now() - started) / 1000] as const]) {
        say(`${seconds.toFixed(1).padStart(8)}  ${name}`);
    }
}

const unknown = process.argv.slice(2).filter((argument) => argument !== "--keep");
if (unknown.length > 0) {
    console.error(`Usage: npm run demo [-- --keep]\nThis is not known: ${unknown.join(" ")}`);
    process.exitCode = 2;
} else {
    demo(process.argv.includes("--keep")).catch((error: unknown) => {
        console.error(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
        process.exitCode = 1;
    });
}
