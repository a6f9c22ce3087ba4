/** What a document over several lines holds: as much as a string can have, and more than anybody exports at once. */
const LONGEST = 256 << 20;

/**
 * Puts JSON together that goes over several lines: exports of the clouds, the output of jq. The members of a list at the
 * top are documents of their own, so that a long export is never in memory as a whole.
 */
export class PrettyDocument {
    #lines: string[] = [];
    #length = 0;
    #depth = 0;
    /** The depth at which the documents are: 1 inside of a list. */
    #base = 0;
    #inText = false;

    /** Whether a file's first line begins a document over several lines. */
    static begins(line: string): boolean {
        return /^\s*(\{|\[|\[\s*\{)\s*$/.test(line);
    }

    /** Whether a document has begun and not ended. */
    get isOpen(): boolean {
        return this.#length > 0;
    }

    /**
     * @param line - without its newline
     * @returns the documents that end in this line
     */
    push(line: string): string[] {
        const documents: string[] = [];
        let start = this.isOpen ? 0 : -1;
        for (let at = 0; at < line.length; at++) {
            const character = line[at]!;
            if (this.#inText) {
                if (character === "\\") {
                    at++;
                } else if (character === '"') {
                    this.#inText = false;
                }
            } else if (character === '"') {
                this.#inText = true;
            } else if (character === "[" && this.#depth === 0 && start < 0) {
                this.#base = this.#depth = 1;
            } else if (character === "{" || character === "[") {
                start = start < 0 ? at : start;
                this.#depth++;
            } else if (character === "}" || character === "]") {
                this.#depth--;
                if (this.#depth === this.#base && start >= 0) {
                    documents.push([...this.#lines, line.slice(start, at + 1)].join("\n"));
                    this.#clear();
                    start = -1;
                } else if (this.#depth < this.#base) {
                    this.#base = this.#depth = 0;
                }
            }
        }
        if (start >= 0) {
            this.#lines.push(line.slice(start));
            this.#length += line.length - start + 1;
        }
        if (this.#length > LONGEST) {
            this.#clear();
            this.#depth = this.#base = 0;
        }
        return documents;
    }

    #clear(): void {
        this.#lines = [];
        this.#length = 0;
        this.#inText = false;
    }
}
