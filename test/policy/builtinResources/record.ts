/**
 * Writes policy/builtinResourcesTable.ts anew, from the API descriptions that each Kubernetes release publishes in its Go
 * module:
 *
 *     npx tsx test/policy/builtinResources/record.ts [GOMODCACHE]
 *
 * Releases that the module cache does not have are downloaded into it; without one, into a temporary directory.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { usualVerbs } from "../../../policy/builtinResources";
import { newestMinor, oldestMinor } from "../../../policy/kubernetes";

interface Swagger {
    paths: Record<string, Record<string, Operation> | undefined>;
}

interface Operation {
    "x-kubernetes-action"?: string;
    "x-kubernetes-group-version-kind"?: { kind: string };
}

interface Discovered {
    shortNames?: string[];
}

/** One resource or subresource, over all releases. */
interface Row {
    group: string;
    resource: string;
    subresource: string;
    kind: string;
    namespaced: boolean;
    verbs: Set<string>;
    minors: Set<number>;
}

const cache = process.argv[2] ?? mkdtempSync(join(tmpdir(), "kubernetes-modules-"));
const rows = new Map<string, Row>();
for (let minor = oldestMinor; minor <= newestMinor; minor++) {
    readMinor(minor);
}
const shortNames = readShortNames();
const lines = [...rows.values()].sort(inOrder).map((row) => `    ${JSON.stringify(write(row))},\n`);
writeFileSync(
    join(__dirname, "../../../policy/builtinResourcesTable.ts"),
    `/**
 * The resources that Kubernetes 1.${oldestMinor} to 1.${newestMinor} serve, recorded by test/policy/builtinResources/record.ts from the API
 * descriptions of the releases. Each line: group (- is core), resource, kind, scope, verbs, minor versions, short names.
 * The verbs * are ${usualVerbs}.
 */
export const builtinResourcesTable: readonly string[] = [
${lines.join("")}];
`,
);

function moduleDirectory(minor: number): string {
    const directory = join(cache, `k8s.io/kubernetes@v1.${minor}.0`);
    if (!existsSync(directory)) {
        const environment = { ...process.env, GOMODCACHE: cache };
        execFileSync("go", ["mod", "download", `k8s.io/kubernetes@v1.${minor}.0`], { cwd: tmpdir(), env: environment });
    }
    return directory;
}

function readMinor(minor: number): void {
    const file = join(moduleDirectory(minor), "api/openapi-spec/swagger.json");
    const { paths } = JSON.parse(readFileSync(file, "utf8")) as Swagger;
    for (const [path, operations] of Object.entries(paths)) {
        for (const [method, operation] of Object.entries(operations ?? {})) {
            readOperation(path, method, operation, minor);
        }
    }
}

function readOperation(path: string, method: string, operation: Operation, minor: number): void {
    const match =
        /^\/(?:api|apis\/([^/]+))\/v\w+\/(watch\/)?(?:(namespaces\/\{namespace\})\/)?([^/{}]+)(?:\/\{name\}(?:\/([^/{}]+))?(?:\/\{path\})?)?$/.exec(
            path,
        );
    const verb = match && verbOf(operation["x-kubernetes-action"], method);
    if (!match || !verb) {
        return;
    }
    const [, group = "", , namespaced, resource = "", subresource = ""] = match;
    const key = [group, resource, subresource].join("/");
    const row: Row = rows.get(key) ?? {
        group,
        resource,
        subresource,
        kind: "",
        namespaced: false,
        verbs: new Set(),
        minors: new Set(),
    };
    row.kind ||= operation["x-kubernetes-group-version-kind"]?.kind ?? "";
    row.namespaced ||= namespaced !== undefined;
    row.verbs.add(verb);
    row.minors.add(minor);
    rows.set(key, row);
}

function verbOf(action: string | undefined, method: string): string | undefined {
    const ofMethod: Record<string, string> = {
        get: "get",
        post: "create",
        put: "update",
        patch: "patch",
        delete: "delete",
    };
    switch (action) {
        case undefined:
            return undefined;
        case "connect":
            return ofMethod[method];
        case "watchlist":
            return "watch";
        default:
            return ofMethod[action] ?? action;
    }
}

function readShortNames(): Map<string, string[]> {
    const directory = join(moduleDirectory(newestMinor), "api/discovery");
    const core = JSON.parse(readFileSync(join(directory, "api__v1.json"), "utf8")) as {
        resources: (Discovered & { name: string })[];
    };
    const groups = JSON.parse(readFileSync(join(directory, "aggregated_v2.json"), "utf8")) as {
        items: { metadata: { name: string }; versions: { resources: (Discovered & { resource: string })[] }[] }[];
    };
    const ofGroups = groups.items.flatMap(({ metadata, versions }) =>
        versions.flatMap(({ resources }) =>
            resources.map(({ resource, shortNames = [] }): [string, string[]] => [
                `${metadata.name}/${resource}/`,
                shortNames,
            ]),
        ),
    );
    return new Map([
        ...core.resources.map(({ name, shortNames = [] }): [string, string[]] => [`/${name}/`, shortNames]),
        ...ofGroups,
    ]);
}

function inOrder(a: Row, b: Row): number {
    const [left, right] = [a, b].map(({ group, resource, subresource }) => [group, resource, subresource].join(" "));
    return left! < right! ? -1 : 1;
}

function write({ group, resource, subresource, kind, namespaced, verbs, minors }: Row): string {
    return [
        group || "-",
        subresource === "" ? resource : `${resource}/${subresource}`,
        kind,
        namespaced ? "Namespaced" : "Cluster",
        [...verbs]
            .sort()
            .join(",")
            .replace(new RegExp(`^${usualVerbs}$`), "*"),
        ranges([...minors].sort((a, b) => a - b)),
        ...(shortNames.get([group, resource, subresource].join("/")) ?? []),
    ].join(" ");
}

/** `24-31,34` for the minors 24 to 31 and 34. */
function ranges(minors: readonly number[]): string {
    const runs: [number, number][] = [];
    for (const minor of minors) {
        const last = runs.at(-1);
        if (last && last[1] === minor - 1) {
            last[1] = minor;
        } else {
            runs.push([minor, minor]);
        }
    }
    return runs.map(([from, to]) => `${from}-${to}`).join(",");
}
