import { HeavyHitters } from "../heavyHitters";
import type { LocatedEvent } from "../readEvents";
import { evidenceOf, mostEvidence, type Evidence, type Figure } from "./evidence";

/** So many different labels are counted exactly. */
const capacity = 500;

interface Kept {
    readonly labels: readonly string[];
    readonly evidence: Evidence[];
}

/** Counts requests by labels, and keeps the first requests of each. */
export class Figures {
    private readonly hitters = new HeavyHitters<Kept>(capacity);
    /** How many requests were counted. */
    total = 0;

    add(labels: readonly string[], located: LocatedEvent): void {
        this.total++;
        const { evidence } = this.hitters.add(JSON.stringify(labels), { labels, evidence: [] }, 1);
        if (evidence.length < mostEvidence) {
            evidence.push(evidenceOf(located));
        }
    }

    /** The most frequent first. */
    top(count: number): Figure[] {
        return this.hitters
            .top(count)
            .map(({ key: { labels, evidence }, value, surplus }) => ({ labels, count: value, surplus, evidence }));
    }
}
