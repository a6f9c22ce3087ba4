import { error, type Remark } from "./finding";
import { goQuote } from "./goText";

/** The API group of policies. */
export const group = "audit.k8s.io";

/** The only version there is. */
export const apiVersion = `${group}/v1` as const;

/** The file's kind. */
export const kind = "Policy";

const otherKinds = ["Event", "EventList", "PolicyList"];

interface Header {
    apiVersion: string | undefined;
    kind: string | undefined;
}

/**
 * Checks what a file says it is, as the API server's loader does. A missing kind is fine, a missing version is not.
 *
 * @param offsets - where things are, by path
 */
export function checkHeader(header: Header, offsets: ReadonlyMap<string, number>): Remark[] {
    const version = header.apiVersion ?? "";
    const given = header.kind === undefined || header.kind === "" ? kind : header.kind;
    const versionOffset = offsets.get("apiVersion") ?? offsets.get("");
    if (version.split("/").length > 2) {
        return [
            error("api-version", "apiVersion", `failed decoding: unexpected GroupVersion string: ${version}`, {
                offset: versionOffset,
                fix: `Write apiVersion: ${apiVersion}.`,
            }),
        ];
    }
    if (["", "/", `${group}/`, `${group}/__internal`].includes(version)) {
        return [missingVersion(given, versionOffset)];
    }
    if (version === apiVersion && given !== kind) {
        return [wrongKind(given, version, offsets.get("kind"))];
    }
    return version === apiVersion ? [] : [wrongVersion(given, version, versionOffset)];
}

function missingVersion(given: string, offset: number | undefined): Remark {
    return error("api-version", "apiVersion", missingVersionMessage(given), {
        offset,
        reason: "The policy does not say which version of the audit API it is written in.",
        fix: `Begin the file with apiVersion: ${apiVersion} and kind: ${kind}.`,
    });
}

function missingVersionMessage(given: string): string {
    if (given === kind) {
        return "unknown group version field audit.k8s.io/__internal, Kind=Policy in policy";
    }
    return otherKinds.includes(given)
        ? `failed decoding: converting (audit.${given}) to (audit.Policy): unknown conversion`
        : notRegistered(given, `${group}/__internal`);
}

function wrongVersion(given: string, version: string, offset: number | undefined): Remark {
    const removed = /^audit\.k8s\.io\/v1(alpha|beta)1$/.test(version);
    return error("api-version", "apiVersion", notRegistered(given, version), {
        offset,
        ...(removed && { reason: `${version} was removed in Kubernetes 1.24.` }),
        fix: `Write apiVersion: ${apiVersion}${removed ? "; the fields are the same" : ""}.`,
    });
}

function wrongKind(given: string, version: string, offset: number | undefined): Remark {
    const message = otherKinds.includes(given)
        ? `failed decoding: converting (v1.${given}) to (audit.Policy): unknown conversion`
        : notRegistered(given, version);
    return error("kind", "kind", message, { offset, fix: `Write kind: ${kind}.` });
}

function notRegistered(given: string, version: string): string {
    const internal = /^(?:([^/]*)\/)?__internal$/.exec(version);
    const where = internal
        ? `the internal version of group ${goQuote(internal[1] ?? "")}`
        : `version ${goQuote(version.replace(/^\//, ""))}`;
    return `failed decoding: no kind ${goQuote(given)} is registered for ${where}`;
}
