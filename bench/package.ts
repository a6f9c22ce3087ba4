import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { check, run } from "../sandbox/process";
import { measured, type Sample } from "./measure";
import type { Order } from "./sample";

export const ROOT = dirname(__dirname);

/** The built package, as `require` finds it. */
export const PACKAGE = join(ROOT, "dist", "index.js");

/** Builds the package, so that what is measured is what is shipped. */
export async function buildPackage(): Promise<void> {
    await check("npm", ["run", "build"], { cwd: ROOT });
}

/** Compiles `sample.ts`, which runs without a TypeScript loader, and returns how to have it carry out an order. */
export async function compileSampler(): Promise<(order: Order) => Promise<Sample>> {
    // Beside the packages that it requires.
    const program = join(ROOT, "node_modules", ".cache", "kube-apiserver-audit-bench", "sample.js");
    await mkdir(dirname(program), { recursive: true });
    await build({
        entryPoints: [join(__dirname, "sample.ts")],
        outfile: program,
        bundle: true,
        packages: "external",
        platform: "node",
        target: "node20",
        logLevel: "error",
    });
    return async (order) => {
        const { result, seconds, cpuSeconds } = await measured(() =>
            run(process.execPath, [program], { stdin: JSON.stringify(order) }),
        );
        const { code, stdout, stderr } = result;
        if (code !== 0) {
            throw new Error(`The ${order.kind} failed:\n${stdout}\n${stderr}`);
        }
        return order.kind === "exchange" ? (JSON.parse(stdout) as Sample) : { seconds, cpuSeconds };
    };
}
