import type { AuditEvent } from "../event";
import { isRecord } from "../record";

/**
 * What the API server made of a request: a unified diff from the body that was sent to the one that was answered, both as
 * YAML, without `managedFields`. For an update it shows the defaults and what admission changed; of a patch, which is no whole
 * object, the two stand below each other.
 *
 * @returns undefined where there are not both bodies
 */
export async function diffBodies({ requestObject, responseObject, verb }: AuditEvent): Promise<string | undefined> {
    if (requestObject === undefined || responseObject === undefined) {
        return undefined;
    }
    const [{ stringify }, { createTwoFilesPatch }] = await Promise.all([import("yaml"), import("diff")]);
    const [sent, answered] = [requestObject, responseObject].map((body) =>
        stringify(sorted(body), { lineWidth: 0, aliasDuplicateObjects: false }),
    ) as [string, string];
    if (verb === "patch") {
        return `--- patch\n${indent(sent)}+++ response\n${indent(answered)}`;
    }
    const patch = createTwoFilesPatch("request", "response", sent, answered, undefined, undefined, { context: 2 });
    return patch.slice(patch.indexOf("--- "));
}

/** Keys in one order, since that of the two bodies differs; the API server's own bookkeeping left out. */
function sorted(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(sorted);
    }
    if (!isRecord(value)) {
        return value;
    }
    const entries = Object.entries(value).filter(([key]) => key !== "managedFields");
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)]));
}

function indent(text: string): string {
    return text.replace(/^(?=.)/gm, "  ");
}
