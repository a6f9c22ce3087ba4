/** Told one line for each step, as it goes. */
export type Progress = (line: string) => void;

/** A step that takes longer than this is announced before it ends. */
const ANNOUNCE_AFTER_MS = 1500;

/**
 * Carries out one step and tells how long it took.
 *
 * @param label - what is being done, for people: "Booting cp-1"
 */
export async function step<T>(progress: Progress, label: string, work: () => Promise<T>): Promise<T> {
    const started = Date.now();
    const announce = setTimeout(() => {
        progress(`${label} …`);
    }, ANNOUNCE_AFTER_MS);
    try {
        const result = await work();
        progress(`${label}: ${seconds(started)}`);
        return result;
    } catch (error) {
        progress(`${label}: failed after ${seconds(started)}`);
        throw error;
    } finally {
        clearTimeout(announce);
    }
}

function seconds(started: number): string {
    return `${((Date.now() - started) / 1000).toFixed(1)} s`;
}

/** Where nobody listens. */
export const silent: Progress = () => undefined;
