/** A question that cannot be understood. Says what was found and what is possible. */
export class QueryError extends Error {
    override name = "QueryError";
}
