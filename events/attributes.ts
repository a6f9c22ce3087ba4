import type { Attributes } from "../policy/evaluate";
import { resolveRequest } from "../policy/requestInfo";
import type { AuditEvent } from "./event";

/** What an event needs to have, to say what its request was about. */
export type EventRequest = Pick<AuditEvent, "requestURI" | "verb" | "user" | "objectRef">;

/** The method behind a verb of requests about resources, as far as the verb tells it. */
const methods: Readonly<Record<string, string>> = {
    get: "GET",
    list: "GET",
    watch: "GET",
    proxy: "GET",
    create: "POST",
    update: "PUT",
    patch: "PATCH",
    delete: "DELETE",
    deletecollection: "DELETE",
    "": "OPTIONS",
};

/**
 * What the API server knew of a recorded request when it looked for the rule that matches.
 *
 * The user is the one who authenticated, whomever they impersonated. The object is taken from the URL: in `objectRef` the
 * API server also writes what it learns later, such as the name in the body of a `create`, which no rule is matched with.
 * Where the URL does not lead to the event's verb, the event's own words are taken.
 */
export function attributesOf(event: EventRequest): Attributes {
    const { username, groups = [] } = event.user;
    const who = username ? { user: username, groups } : {};
    const resolved = resolve(event);
    return { ...who, ...(resolved?.verb === event.verb ? resolved : fromWords(event)) };
}

function resolve({ requestURI, verb }: EventRequest): Attributes | undefined {
    try {
        return resolveRequest({ method: methods[verb] ?? verb.toUpperCase(), url: requestURI });
    } catch {
        // The API server has served it, so it read the URL in another way than we do.
        return undefined;
    }
}

function fromWords({ requestURI, verb, objectRef }: EventRequest): Attributes {
    const path = requestURI.split("?", 1)[0] ?? "";
    if (objectRef === undefined) {
        return { verb, path, isResource: false };
    }
    const { namespace = "", apiGroup = "", resource = "", subresource = "", name = "" } = objectRef;
    const nameless = (verb === "create" && subresource === "") || verb === "deletecollection";
    return { verb, namespace, apiGroup, resource, subresource, name: nameless ? "" : name, path, isResource: true };
}
