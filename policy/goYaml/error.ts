/** What the API server's YAML reader refuses a text with. */
export class GoYamlError extends Error {
    override name = "GoYamlError";

    /**
     * @param problem - without the leading `yaml: `
     * @param offset - where in the text it is, in UTF-16 units
     */
    constructor(
        problem: string,
        readonly offset: number,
    ) {
        super(`yaml: ${problem}`);
    }
}
