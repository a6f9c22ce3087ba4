/** Texts that came before, so that nobody has to make them again. */

/** How many texts are kept, those of as many hashes. */
const SLOTS: usize = 8192;
/** The bytes of a slot: eight for the length of its text and one more, 0 before there is one, and then the text. */
const SLOT: usize = 64;

/** {@link SLOTS} of them. */
const slots = memory.data(524288, 16);

/**
 * Keeps a text of up to 56 bytes, instead of the one before it with the same hash.
 *
 * @returns the number of its slot, 0 to 8191, where that has had this text already; otherwise the number's complement
 */
export function keepText(start: usize, end: usize): i32 {
    const length = end - start;
    let hash: u64 = 0;
    for (let i: usize = 0; i < length; i += 8) {
        hash = (hash ^ wordAt(start + i, length - i)) * 0x9e3779b97f4a7c15; // 2^64 by the golden ratio, as Knuth hashes.
        hash ^= hash >> 32;
    }
    const slot = <usize>((hash * 0x9e3779b97f4a7c15) >> 51); // Its highest 13 bits.
    const kept = slots + slot * SLOT;
    let difference: u64 = load<u64>(kept) ^ (length + 1);
    for (let i: usize = 0; i < length; i += 8) {
        difference |= load<u64>(kept + i, 8) ^ wordAt(start + i, length - i);
    }
    if (difference == 0) {
        return <i32>slot;
    }
    store<u64>(kept, length + 1);
    for (let i: usize = 0; i < length; i += 8) {
        store<u64>(kept + i, wordAt(start + i, length - i), 8);
    }
    return ~(<i32>slot);
}

/** @returns up to eight bytes, zeros for those that are beyond the length */
function wordAt(at: usize, length: usize): u64 {
    const word = load<u64>(at);
    return length >= 8 ? word : word & (((<u64>1) << (8 * <u64>length)) - 1);
}
