/** What the API server's YAML reader refuses a text with. */
export class GoYamlError extends Error {
    /** @param problem - without the leading `yaml: ` */
    constructor(problem: string) {
        super(`yaml: ${problem}`);
        this.name = "GoYamlError";
    }
}
