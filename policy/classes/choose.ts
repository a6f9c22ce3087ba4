import type { RuleSet } from "./dimension";

/**
 * Chooses a set from each list so that no unwanted rule is in all of the chosen.
 *
 * @returns the chosen sets' indices; `undefined` when there is no such choice
 */
export function chooseAvoiding(lists: readonly (readonly RuleSet[])[], unwanted: RuleSet): number[] | undefined {
    return search(
        lists.map((list) => smallestSets(list, unwanted)),
        unwanted,
    )?.map(({ index }) => index);
}

/** Choices from lists as {@link chooseAvoiding} makes them, with one list at a time replaced by a single set. */
export class Choices {
    private readonly lists: readonly (readonly Candidate[])[];
    /** For each list, what the sets chosen from the others have in common, in choices made so far. */
    private readonly others: RuleSet[][];
    private readonly impossible: Set<RuleSet>[];

    constructor(
        lists: readonly (readonly RuleSet[])[],
        private readonly unwanted: RuleSet,
    ) {
        this.lists = lists.map((list) => smallestSets(list, unwanted));
        this.others = lists.map(() => []);
        this.impossible = lists.map(() => new Set());
    }

    /** Whether there is a choice in which a set stands for one of the lists. */
    isPossible(list: number, set: RuleSet): boolean {
        const rules = set & this.unwanted;
        if (this.others[list]!.some((others) => (others & rules) === 0n)) {
            return true;
        }
        if (this.impossible[list]!.has(rules)) {
            return false;
        }
        const chosen = search(this.lists.with(list, [{ rules, index: 0 }]), this.unwanted);
        if (!chosen) {
            this.impossible[list]!.add(rules);
            return false;
        }
        for (const [position, others] of this.others.entries()) {
            others.push(
                chosen.reduce((common, { rules: own }, i) => (i === position ? common : common & own), this.unwanted),
            );
        }
        return true;
    }
}

interface Candidate {
    rules: RuleSet;
    /** Its index in the list it comes from. */
    index: number;
}

/** The sets that contain no other one, as far as unwanted rules go; the others are never needed. */
function smallestSets(list: readonly RuleSet[], unwanted: RuleSet): Candidate[] {
    let smallest: Candidate[] = [];
    for (const [index, whole] of list.entries()) {
        const rules = whole & unwanted;
        if (rules === 0n) {
            return [{ rules, index }];
        }
        if (!smallest.some((other) => (other.rules & rules) === other.rules)) {
            smallest = smallest.filter((other) => (other.rules & rules) !== rules);
            smallest.push({ rules, index });
        }
    }
    return smallest;
}

function search(lists: readonly (readonly Candidate[])[], unwanted: RuleSet): Candidate[] | undefined {
    const shortestFirst = [...lists.keys()].sort((a, b) => lists[a]!.length - lists[b]!.length);
    const chosen: Candidate[] = [];
    const found = new Search(
        shortestFirst.map((index) => lists[index]!),
        chosen,
    ).from(0, unwanted);
    return found ? lists.map((_, index) => chosen[shortestFirst.indexOf(index)]!) : undefined;
}

class Search {
    /** The rules that every choice from a list on leaves in. */
    private readonly unavoidable: RuleSet[] = [];
    private readonly failed: Set<RuleSet>[];

    constructor(
        private readonly lists: readonly (readonly Candidate[])[],
        private readonly chosen: Candidate[],
    ) {
        this.failed = lists.map(() => new Set());
        let unavoidable = -1n;
        for (const list of lists.toReversed()) {
            unavoidable &= list.reduce((common, { rules }) => common & rules, -1n);
            this.unavoidable.unshift(unavoidable);
        }
    }

    /** Chooses from a list and those after it so that none of the rules remains. */
    from(position: number, remaining: RuleSet): boolean {
        const list = this.lists[position];
        if (!list) {
            return remaining === 0n;
        }
        const failed = this.failed[position]!;
        if ((this.unavoidable[position]! & remaining) !== 0n || failed.has(remaining)) {
            return false;
        }
        for (const candidate of list) {
            if (this.from(position + 1, remaining & candidate.rules)) {
                this.chosen[position] = candidate;
                return true;
            }
        }
        failed.add(remaining);
        return false;
    }
}
