import type { AuditEvent, ObjectReference, ResponseStatus, UserInfo } from "./event";
import { Found, LineMemory, Text } from "./lineMemory";

/** One serves all lines of a thread. */
let memory: LineMemory | undefined;
/** The block that is in the memory. */
let loaded: Buffer | undefined;

function lineMemory(): LineMemory {
    return (memory ??= new LineMemory());
}

/**
 * An event in the API server's own form, read without making values before they are asked for. One object serves line after
 * line: it is valid until a line is read the next time, by whichever object; the texts that it gave out stay.
 *
 * A line is left to `JSON.parse` where something of it is not as Go's `encoding/json` writes it: the members with texts up to
 * the user's name one after the other, the times at the end, no control character, no escape that JSON does not know. So is
 * one that is cut, or that another event was written into.
 */
export class CompactLine implements AuditEvent {
    readonly kind = "Event";
    readonly apiVersion = "audit.k8s.io/v1";
    readonly user: UserInfo = new User();
    readonly #object: ObjectReference = new ObjectRef();
    readonly #response: ResponseStatus = new Response();
    #block: Buffer = Buffer.alloc(0);
    #start = 0;
    #end = 0;

    /** Where the next block is best put. It is there until any other block is read. */
    room(length: number): Buffer {
        return lineMemory().room(length);
    }

    /** Announces a block; it may be one that was there before, with other bytes. */
    begin(block: Buffer): void {
        this.#block = block;
        loaded = undefined;
    }

    /**
     * Reads the line from start to end, without its newline.
     *
     * @returns false where the line is of another form or damaged: read it as any JSON then
     */
    read(start: number, end: number): boolean {
        if (loaded !== this.#block) {
            lineMemory().load(this.#block);
            loaded = this.#block;
        }
        this.#start = start;
        this.#end = end;
        return memory!.readLine(start, end);
    }

    /** The event without its bodies, to be kept; undefined where the line is no JSON. */
    head(): AuditEvent | undefined {
        const head = this.#block.toString("utf8", this.#start, memory!.place(Found.endOfHead));
        const rest = this.#block.toString("utf8", memory!.place(Found.times), this.#end);
        try {
            return JSON.parse(head + rest) as AuditEvent;
        } catch {
            return undefined;
        }
    }

    get level() {
        return memory!.repeatedText(Text.level) as AuditEvent["level"];
    }
    get auditID() {
        return memory!.text(Text.auditID)!;
    }
    get stage() {
        return memory!.repeatedText(Text.stage) as AuditEvent["stage"];
    }
    get requestURI() {
        return memory!.text(Text.requestURI)!;
    }
    get verb() {
        return memory!.repeatedText(Text.verb)!;
    }
    get userAgent() {
        return memory!.repeatedText(Text.userAgent);
    }
    get objectRef() {
        return memory!.number(Found.objectRef) === 0 ? undefined : this.#object;
    }
    get responseStatus() {
        return memory!.number(Found.responseStatus) === 0 ? undefined : this.#response;
    }
    get requestReceivedTimestamp() {
        return memory!.text(Text.requestReceivedTimestamp)!;
    }
    get stageTimestamp() {
        return memory!.text(Text.stageTimestamp)!;
    }
}

class User implements UserInfo {
    get username() {
        return memory!.repeatedText(Text.username);
    }
}

class ObjectRef implements ObjectReference {
    get resource() {
        return memory!.repeatedText(Text.resource);
    }
    get namespace() {
        return memory!.repeatedText(Text.namespace);
    }
    get name() {
        return memory!.text(Text.name);
    }
    get apiGroup() {
        return memory!.repeatedText(Text.apiGroup);
    }
    get apiVersion() {
        return memory!.repeatedText(Text.apiVersion);
    }
    get subresource() {
        return memory!.repeatedText(Text.subresource);
    }
}

class Response implements ResponseStatus {
    get code() {
        const code = memory!.number(Found.code);
        return code < 0 ? undefined : code;
    }
}
