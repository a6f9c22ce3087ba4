import type { Attributes } from "./evaluate";
import type { GroupResources } from "./types";

/** The `resources` of a block of rules: which of them a request satisfies. */
export class ResourceTable {
    private readonly anywhere: number;
    private readonly groups = new Map<string, GroupTable>();
    private readonly otherGroups: GroupTable;

    /** @param rules - the entries of each rule; none are satisfied by every request, `"none"` by no request */
    constructor(rules: readonly (readonly GroupResources[] | "none")[], starIsAnyGroup: boolean) {
        const entries = rules.flatMap((list, i) =>
            list === "none" ? [] : list.map((entry) => ({ ...entry, group: entry.group ?? "", rule: 1 << i })),
        );
        const ofGroup = (name?: string) =>
            new GroupTable(entries.filter(({ group }) => group === name || (group === "*" && starIsAnyGroup)));
        this.anywhere = rules.reduce((set, list, i) => (list.length === 0 ? set | (1 << i) : set), 0);
        this.otherGroups = ofGroup();
        for (const name of new Set(entries.map(({ group }) => group))) {
            this.groups.set(name, ofGroup(name));
        }
    }

    match({ apiGroup = "", resource = "", subresource = "", name = "" }: Attributes): number {
        if (this.groups.size === 0) {
            return this.anywhere;
        }
        const group = this.groups.get(apiGroup) ?? this.otherGroups;
        return this.anywhere | group.match(resource, subresource, name);
    }
}

/** Entries of one API group. */
class GroupTable {
    private readonly everything = new NameTable();
    private readonly resources = new Map<string, ResourceRow>();
    private readonly subresourcesOfAll = new Map<string, NameTable>();

    constructor(entries: readonly (GroupResources & { rule: number })[]) {
        for (const { resources = [], resourceNames = [], rule } of entries) {
            if (resources.length === 0) {
                this.everything.add(rule, []);
            }
            for (const pattern of resources) {
                for (const table of this.tablesFor(pattern)) {
                    table.add(rule, resourceNames);
                }
            }
        }
    }

    match(resource: string, subresource: string, name: string): number {
        const row = this.resources.get(resource);
        let rules = this.everything.match(name);
        if (row !== undefined) {
            rules |= row.match(subresource, name);
        }
        if (subresource !== "" && this.subresourcesOfAll.size > 0) {
            rules |= this.subresourcesOfAll.get(subresource)?.match(name) ?? 0;
        }
        return rules;
    }

    /** Every way in which a pattern can be met; a slash can be anywhere in what a request calls its resource. */
    private *tablesFor(pattern: string): Iterable<NameTable> {
        if (pattern === "*") {
            yield this.everything;
        }
        yield tableAt(this.row(pattern).bySubresource, "");
        for (let slash = pattern.indexOf("/"); slash !== -1; slash = pattern.indexOf("/", slash + 1)) {
            const resource = pattern.slice(0, slash);
            const subresource = pattern.slice(slash + 1);
            if (subresource !== "") {
                yield tableAt(this.row(resource).bySubresource, subresource);
            }
        }
        if (pattern.startsWith("*/") && pattern !== "*/") {
            yield tableAt(this.subresourcesOfAll, pattern.slice(2));
        }
        if (pattern.endsWith("/*")) {
            yield this.row(pattern.slice(0, -2)).all;
        }
    }

    private row(resource: string): ResourceRow {
        const row = this.resources.get(resource) ?? new ResourceRow();
        this.resources.set(resource, row);
        return row;
    }
}

/** Entries of one resource, whose subresource `""` is itself. */
class ResourceRow {
    readonly all = new NameTable();
    readonly bySubresource = new Map<string, NameTable>();

    match(subresource: string, name: string): number {
        const table = this.bySubresource.get(subresource);
        const rules = this.all.match(name);
        return table === undefined ? rules : rules | table.match(name);
    }
}

/** Entries that differ in their `resourceNames` alone. */
class NameTable {
    private anyName = 0;
    private named: Map<string, number> | undefined;

    add(rule: number, names: readonly string[]): void {
        if (names.length === 0) {
            this.anyName |= rule;
            return;
        }
        this.named ??= new Map();
        for (const name of names) {
            this.named.set(name, (this.named.get(name) ?? 0) | rule);
        }
    }

    match(name: string): number {
        return this.named === undefined ? this.anyName : this.anyName | (this.named.get(name) ?? 0);
    }
}

function tableAt(tables: Map<string, NameTable>, key: string): NameTable {
    const table = tables.get(key) ?? new NameTable();
    tables.set(key, table);
    return table;
}
