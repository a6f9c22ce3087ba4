import assert from "node:assert/strict";
import { attributesOf, type EventRequest } from "../../events/attributes";

const alice = { user: "alice", groups: ["dev"] };
const byAlice = { username: "alice", groups: ["dev"] };
const pods = { namespace: "shop", apiGroup: "", resource: "pods", subresource: "", name: "", isResource: true };
const path = "/api/v1/namespaces/shop/pods";

const cases: [what: string, event: EventRequest, attributes: object][] = [
    [
        "a create has no name, whatever its body was called",
        {
            verb: "create",
            requestURI: path,
            user: byAlice,
            objectRef: { resource: "pods", namespace: "shop", name: "web" },
        },
        { ...alice, ...pods, verb: "create", path },
    ],
    [
        "a create of a subresource has one",
        { verb: "create", requestURI: `${path}/web/exec?command=ls`, user: byAlice, objectRef: { resource: "pods" } },
        { ...alice, ...pods, verb: "create", name: "web", subresource: "exec", path: `${path}/web/exec` },
    ],
    [
        "a list has the name that its field selector asks for",
        {
            verb: "list",
            requestURI: `${path}?fieldSelector=metadata.name%3Dweb`,
            user: byAlice,
            objectRef: { resource: "pods" },
        },
        { ...alice, ...pods, verb: "list", name: "web", path },
    ],
    [
        "a watch",
        { verb: "watch", requestURI: `${path}?watch=true`, user: byAlice },
        { ...alice, ...pods, verb: "watch", path },
    ],
    [
        "a deletion of many has no name",
        { verb: "deletecollection", requestURI: `${path}?fieldSelector=metadata.name%3Dweb`, user: byAlice },
        { ...alice, ...pods, verb: "deletecollection", path },
    ],
    [
        "a namespace is in itself",
        {
            verb: "get",
            requestURI: "/api/v1/namespaces/shop",
            user: byAlice,
            objectRef: { resource: "namespaces", name: "shop" },
        },
        { ...alice, ...pods, verb: "get", resource: "namespaces", name: "shop", path: "/api/v1/namespaces/shop" },
    ],
    [
        "a path with the method as its verb",
        { verb: "post", requestURI: "/healthz?verbose", user: byAlice },
        {
            ...alice,
            verb: "post",
            namespace: "",
            apiGroup: "",
            resource: "",
            subresource: "",
            name: "",
            path: "/healthz",
            isResource: false,
        },
    ],
    [
        "a failed authentication has no user and no groups",
        {
            verb: "get",
            requestURI: `${path}/web`,
            user: {},
            objectRef: { resource: "pods", namespace: "shop", name: "web" },
        },
        { ...pods, verb: "get", name: "web", path: `${path}/web` },
    ],
    [
        "a HEAD of an object is a get",
        { verb: "get", requestURI: `${path}/web`, user: byAlice },
        { ...alice, ...pods, verb: "get", name: "web", path: `${path}/web` },
    ],
    [
        "another method has no verb",
        { verb: "", requestURI: `${path}/web`, user: byAlice },
        { ...alice, ...pods, verb: "", name: "web", path: `${path}/web` },
    ],
    [
        "the event's words where the URL leads elsewhere",
        {
            verb: "list",
            requestURI: "/odd",
            user: byAlice,
            objectRef: { resource: "pods", namespace: "shop", apiGroup: "" },
        },
        { ...alice, ...pods, verb: "list", path: "/odd" },
    ],
    [
        "the event's words, but for the name of what is created",
        {
            verb: "create",
            requestURI: "%",
            user: byAlice,
            objectRef: { resource: "pods", namespace: "shop", name: "web" },
        },
        { ...alice, ...pods, verb: "create", path: "%" },
    ],
];

describe("attributesOf", () => {
    for (const [what, event, attributes] of cases) {
        it(`finds in an event: ${what}`, () => {
            assert.deepEqual(attributesOf(event), attributes);
        });
    }
});
