import { isAscii } from "node:buffer";
import { ControlCharacters } from "./controlCharacters";
import type { AuditEvent, ObjectReference, ResponseStatus, UserInfo } from "./event";

/** How every line begins that the API server writes to its log: Go's `encoding/json` of `audit.k8s.io/v1`, no space. */
const BEGINNING = '{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"';
const BEGINNING_BYTES = Buffer.from(BEGINNING);
/** The end of {@link BEGINNING}, as for {@link END_OF_OBJECT}. */
const END_OF_BEGINNING = BEGINNING.slice(BEGINNING.indexOf("Event"));
const END_OF_BEGINNING_BYTES = Buffer.from(END_OF_BEGINNING);

/** What is behind the bodies. */
const BEHIND_BODIES = ',"requestReceivedTimestamp":"';
const BEHIND_BODIES_BYTES = Buffer.from(BEHIND_BODIES);
/** The end of {@link BEHIND_BODIES}, as for {@link END_OF_OBJECT}. */
const END_OF_BEHIND = 'Timestamp":"';

const VERB = ',"verb":"';
const USER = Buffer.from(',"user":{"username":"');
const OBJECT = ',"objectRef":{';
const OBJECT_BYTES = Buffer.from(OBJECT);
/** The end of {@link OBJECT}, with a letter that few texts have: V8 looks for a text's first letter, and then at the others. */
const END_OF_OBJECT = 'Ref":{';
const METADATA = Buffer.from("Metadata");
const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const CLOSE = 0x7d;
const FOUR_DIGITS = /^[0-9A-Fa-f]{4}$/;

/** How much of a long line's two ends is searched for what is before and behind the bodies: usually the first is enough. */
const WINDOWS = [1536, 4096] as const;
const [FIRST_WINDOW] = WINDOWS;

/** How much of a line's end is searched first for what is behind the bodies: times, and the usual annotations. */
const TAIL = 640;

/** The length of a time in Go's `metav1.MicroTime`, which always has six digits and Z. */
const TIME = "2006-01-02T15:04:05.000000Z".length;
const STAGE_TIME = Buffer.from('","stageTimestamp":"');
const ANNOTATIONS = Buffer.from('","annotations":{"');

/** The members of `objectRef`, all of them texts, in the order in which Go writes them. */
const OBJECT_MEMBERS = [
    "resource",
    "namespace",
    "name",
    "uid",
    "apiGroup",
    "apiVersion",
    "resourceVersion",
    "subresource",
] as const;
const OBJECT_ANCHORS = OBJECT_MEMBERS.map((member) => Buffer.from(`"${member}":"`));

/**
 * An event in the API server's own form, read without making values before they are asked for. One object serves line after
 * line: it is valid until the next {@link read}, the texts that it gave out stay.
 *
 * Go writes the members in the order of the struct and escapes every quote inside a text, so `,"verb":"` can only be the
 * member itself: texts would have backslashes, and the maps with free keys (`extra`, `annotations`) have lists as values or
 * come last. What a line could hide from that is looked for: NULs, a cut end, a second event written into it.
 */
export class CompactLine implements AuditEvent {
    readonly kind = "Event";
    readonly apiVersion = "audit.k8s.io/v1";
    readonly user: UserInfo = new User(this);
    readonly #object = new ObjectRef(this);
    readonly #response = new Response(this);
    readonly #controls = new ControlCharacters();
    #block: Buffer = Buffer.alloc(0);
    #isAscii = true;
    /** Where the next NUL is known to be; Infinity where there is none. */
    #nul = -1;
    /** Where the line is in the block. */
    #start = 0;
    /** The line up to its bodies; one character is one byte. */
    #text = "";
    /** What has everything behind the bodies, from `#behind` on. */
    #tail = "";
    #behind = 0;
    #verb = -1;
    #endOfVerb = -1;
    #objectRef = -1;
    /** Whether the text has a backslash. */
    #hasEscapes = false;

    /** Announces a block; it may be one that was there before, with other bytes. */
    begin(block: Buffer, hasOnlyAscii = isAscii(block)): void {
        this.#block = block;
        this.#controls.begin(block);
        this.#isAscii = hasOnlyAscii;
        this.#nul = -1;
    }

    /**
     * Reads the line from start to end, without its newline. The lines of a block have to come in their order.
     *
     * @returns false where the line is of another form or damaged: read it as any JSON then
     */
    read(start: number, end: number): boolean {
        const block = this.#block;
        if (!hasAt(block, start, BEGINNING_BYTES) || block[end - 1] !== CLOSE || this.#hasNul(start, end)) {
            return false;
        }
        this.#start = start;
        if (end - start > FIRST_WINDOW ? !this.#readEnds(start, end) : !this.#readAll(start, end)) {
            return false;
        }
        this.#endOfVerb = -1;
        this.#objectRef = -1;
        return this.#isSound(start, end);
    }

    /** Whether every backslash begins an escape of JSON and, where there is one, no control character stands for itself. */
    #isSound(start: number, end: number): boolean {
        const backslash = this.#text.indexOf("\\");
        this.#hasEscapes = backslash >= 0;
        const behind = this.#tail.indexOf("\\", this.#behind);
        return (
            (backslash < 0 && behind < 0) ||
            (!this.#controls.areIn(start, start + this.#text.length) &&
                !this.#controls.areIn(end - (this.#tail.length - this.#behind), end) &&
                hasSoundEscapes(this.#text, backslash) &&
                hasSoundEscapes(this.#tail, behind))
        );
    }

    /** A line of which one look has everything. */
    #readAll(start: number, end: number): boolean {
        const line = this.#block.toString("latin1", start, end);
        const behind = line.includes(END_OF_BEGINNING, BEGINNING.length) ? -1 : this.#findTimes(line, start);
        if (behind < 0) {
            return false;
        }
        const body = this.#startOfBodies(line, start);
        this.#text = line.slice(0, body < 0 ? behind : body);
        this.#tail = line;
        this.#behind = behind;
        return true;
    }

    /** A line of which the bodies in its middle are left out. */
    #readEnds(start: number, end: number): boolean {
        const another = this.#block.indexOf(END_OF_BEGINNING_BYTES, start + BEGINNING.length);
        if (another >= 0 && another < end) {
            return false;
        }
        const tail = this.#findTail(start, end);
        const head = tail === undefined ? undefined : this.#findHead(start, end, tail.length - this.#behind);
        if (head === undefined || tail === undefined) {
            return false;
        }
        this.#text = head;
        this.#tail = tail;
        return true;
    }

    #findTail(start: number, end: number): string | undefined {
        for (const window of WINDOWS) {
            const from = Math.max(start, end - window);
            const tail = this.#block.toString("latin1", from, end);
            this.#behind = this.#findTimes(tail, from);
            if (this.#behind >= 0) {
                return tail;
            }
        }
        return undefined;
    }

    /** @param rest - how long the line is from the times on */
    #findHead(start: number, end: number, rest: number): string | undefined {
        for (const window of WINDOWS) {
            const head = this.#block.toString("latin1", start, Math.min(end, start + window));
            const body = this.#startOfBodies(head, start);
            if (body >= 0) {
                return head.slice(0, body);
            }
            if (end - start <= window) {
                return head.slice(0, head.length - rest);
            }
        }
        return undefined;
    }

    /**
     * Where the two times are, with nothing but the annotations behind them; -1 where they are not. The same words could stand
     * in the annotations, but then not with what has to follow.
     *
     * @param line - the end of the line, which is at `from` in the block
     */
    #findTimes(line: string, from: number): number {
        const before = BEHIND_BODIES.length - END_OF_BEHIND.length;
        let end = line.indexOf(END_OF_BEHIND, line.length - TAIL);
        for (; end >= 0; end = line.indexOf(END_OF_BEHIND, end + 1)) {
            if (this.#areTimes(from + end - before, from + line.length)) {
                return end - before;
            }
        }
        let at = line.lastIndexOf(BEHIND_BODIES);
        while (at >= 0 && !this.#areTimes(from + at, from + line.length)) {
            at = at === 0 ? -1 : line.lastIndexOf(BEHIND_BODIES, at - 1);
        }
        return at;
    }

    #areTimes(at: number, end: number): boolean {
        const block = this.#block;
        const stage = at + BEHIND_BODIES.length + TIME;
        const behind = stage + STAGE_TIME.length + TIME;
        if (!hasAt(block, at, BEHIND_BODIES_BYTES) || !hasAt(block, stage, STAGE_TIME)) {
            return false;
        }
        return behind + 2 === end
            ? block[behind] === QUOTE
            : hasAt(block, behind, ANNOTATIONS) && block[end - 3] === QUOTE && block[end - 2] === CLOSE;
    }

    #hasNul(start: number, end: number): boolean {
        if (this.#nul < start) {
            const nul = this.#block.indexOf(0, start);
            this.#nul = nul < 0 ? Infinity : nul;
        }
        return this.#nul < end;
    }

    /** @param head - the beginning of the line, which is at `start` in the block */
    #startOfBodies(head: string, start: number): number {
        if (hasAt(this.#block, start + BEGINNING.length, METADATA)) {
            return -1;
        }
        const request = head.indexOf(',"requestObject":');
        return request >= 0 ? request : head.indexOf(',"responseObject":');
    }

    /** The event without its bodies, to be kept; undefined where the line is no JSON. */
    head(): AuditEvent | undefined {
        try {
            return JSON.parse(this.#decode(this.#text + this.#tail.slice(this.#behind))) as AuditEvent;
        } catch {
            return undefined;
        }
    }

    get level() {
        return this.textBehind(BEGINNING, 0) as AuditEvent["level"];
    }
    get auditID() {
        return this.textBehind(',"auditID":"', BEGINNING.length)!;
    }
    get stage() {
        return this.textBehind(',"stage":"', BEGINNING.length) as AuditEvent["stage"];
    }
    get requestURI() {
        return this.textBehind(',"requestURI":"', BEGINNING.length)!;
    }
    get verb() {
        const end = this.#afterVerb();
        return this.#decodeText(this.#text.slice(this.#verb, end - 1));
    }
    /** @internal */
    get username() {
        const at = this.#afterVerb();
        return hasAt(this.#block, this.#start + at, USER) ? this.#value(at + USER.length) : undefined;
    }
    get userAgent() {
        return this.textBehind(',"userAgent":"', this.#afterVerb());
    }
    get objectRef(): ObjectReference | undefined {
        const from = this.#afterVerb();
        const at = this.#text.indexOf(END_OF_OBJECT, from) - (OBJECT.length - END_OF_OBJECT.length);
        this.#objectRef =
            at < 0 || hasAt(this.#block, this.#start + at, OBJECT_BYTES) ? at : this.#text.indexOf(OBJECT, from);
        return this.#objectRef < 0 ? undefined : this.#object;
    }
    get responseStatus(): ResponseStatus | undefined {
        return this.#text.includes(',"responseStatus":{', this.#afterVerb()) ? this.#response : undefined;
    }
    /** @internal */
    get code(): number | undefined {
        const status = this.#text.indexOf(',"responseStatus":{', this.#afterVerb());
        const at = this.#text.indexOf('"code":', status) + '"code":'.length;
        const digits = /^[0-9]+(?=\})/.exec(this.#text.slice(at, at + 12))?.[0];
        return status < 0 || digits === undefined ? undefined : Number(digits);
    }
    get requestReceivedTimestamp() {
        return this.#timeAt(this.#behind + BEHIND_BODIES.length);
    }
    get stageTimestamp() {
        return this.#timeAt(this.#behind + BEHIND_BODIES.length + TIME + STAGE_TIME.length);
    }

    /** @internal */
    objectMember(wanted: number): string | undefined {
        let at = this.#objectRef + OBJECT.length;
        for (let member = 0; member <= wanted; member++) {
            if (hasAt(this.#block, this.#start + at, OBJECT_ANCHORS[member]!)) {
                at += OBJECT_ANCHORS[member]!.length;
                if (member === wanted) {
                    return this.#value(at);
                }
                at = this.#closingQuote(at) + 2; // Behind the comma, too.
            }
        }
        return undefined;
    }

    /** @internal */
    textBehind(anchor: string, from: number): string | undefined {
        const at = this.#text.indexOf(anchor, from);
        return at < 0 ? undefined : this.#value(at + anchor.length);
    }

    #timeAt(from: number): string {
        return this.#decodeText(this.#tail.slice(from, from + TIME));
    }

    #afterVerb(): number {
        if (this.#endOfVerb < 0) {
            this.#verb = this.#text.indexOf(VERB, BEGINNING.length) + VERB.length;
            this.#endOfVerb = this.#closingQuote(this.#verb) + 1;
        }
        return this.#endOfVerb;
    }

    #closingQuote(from: number): number {
        let at = this.#text.indexOf('"', from);
        while (this.#text.charCodeAt(at - 1) === BACKSLASH && backslashesBefore(this.#text, at) % 2 === 1) {
            at = this.#text.indexOf('"', at + 1);
        }
        return at;
    }

    #value(from: number): string {
        return this.#decodeText(this.#text.slice(from, this.#closingQuote(from)));
    }

    #decodeText(raw: string): string {
        return this.#hasEscapes && raw.includes("\\")
            ? (JSON.parse(`"${this.#decode(raw)}"`) as string)
            : this.#decode(raw);
    }

    #decode(raw: string): string {
        return this.#isAscii ? raw : Buffer.from(raw, "latin1").toString("utf8");
    }
}

class User implements UserInfo {
    constructor(private readonly line: CompactLine) {}

    get username() {
        return this.line.username;
    }
}

class ObjectRef implements ObjectReference {
    constructor(private readonly line: CompactLine) {}

    get resource() {
        return this.line.objectMember(0);
    }
    get namespace() {
        return this.line.objectMember(1);
    }
    get name() {
        return this.line.objectMember(2);
    }
    get apiGroup() {
        return this.line.objectMember(4);
    }
    get apiVersion() {
        return this.line.objectMember(5);
    }
    get subresource() {
        return this.line.objectMember(7);
    }
}

class Response implements ResponseStatus {
    constructor(private readonly line: CompactLine) {}

    get code() {
        return this.line.code;
    }
}

/** V8's `startsWith` takes several times as long. */
function hasAt(block: Buffer, at: number, text: Buffer): boolean {
    for (let i = 0; i < text.length; i++) {
        if (block[at + i] !== text[i]) {
            return false;
        }
    }
    return true;
}

/**
 * Whether every escape is one of JSON, and the last one before the end of a text.
 *
 * @param first - where the first backslash is; negative where there is none
 */
function hasSoundEscapes(line: string, first: number): boolean {
    for (let at = first; at >= 0;) {
        const behind = endOfEscape(line, at);
        if (behind < 0) {
            return false;
        }
        at = line.indexOf("\\", behind);
        if (at < 0 && line.indexOf('"', behind) < 0) {
            return false;
        }
    }
    return true;
}

/** @returns what is behind an escape, -1 where it is none of JSON */
function endOfEscape(line: string, at: number): number {
    if (line.charCodeAt(at + 1) === QUOTE) {
        return at + 2;
    }
    const letter = line[at + 1] ?? "";
    if (letter === "u") {
        return FOUR_DIGITS.test(line.slice(at + 2, at + 6)) ? at + 6 : -1;
    }
    return letter !== "" && "\\/bfnrt".includes(letter) ? at + 2 : -1;
}

function backslashesBefore(text: string, at: number): number {
    let count = 0;
    while (text[at - 1 - count] === "\\") {
        count++;
    }
    return count;
}
