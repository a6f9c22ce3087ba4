/** A place in a text; all count from 0. */
export interface Mark {
    /** In characters. */
    index: number;
    /** In UTF-16 units, after a byte order mark. */
    offset: number;
    line: number;
    column: number;
}

/** The kinds of {@link Token}. */
export type TokenKind =
    | "stream-start"
    | "stream-end"
    | "version-directive"
    | "tag-directive"
    | "document-start"
    | "document-end"
    | "block-sequence-start"
    | "block-mapping-start"
    | "block-end"
    | "flow-sequence-start"
    | "flow-sequence-end"
    | "flow-mapping-start"
    | "flow-mapping-end"
    | "block-entry"
    | "flow-entry"
    | "key"
    | "value"
    | "alias"
    | "anchor"
    | "tag"
    | "scalar";

/** What a YAML text is made of. */
export interface Token {
    kind: TokenKind;
    start: Mark;
    end: Mark;
    /** A scalar's text; an anchor's or alias's name; a tag's or tag directive's handle; `1.1` for a version. */
    value?: string;
    /** What follows a tag's handle, or what a tag directive makes of it. */
    suffix?: string;
    /** Whether a scalar is without quotes and not in a block. */
    plain?: boolean;
}
