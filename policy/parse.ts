import { decode, type Decoded } from "./decode";
import { error, type Remark } from "./finding";
import { apiVersion, checkHeader } from "./header";
import { looksLikeJson, readJson } from "./readJson";
import { readYaml, type Reading } from "./readYaml";
import { policyShape } from "./shape";
import type { Policy } from "./types";
import type { UnvalidatedPolicy } from "./validate";
import { valueOf, type Value } from "./value";

/** A policy as it was read, before its content is validated. */
export interface ParsedPolicy {
    /** What the API server would have made of it; absent when it could make nothing of it. */
    content?: UnvalidatedPolicy;
    /** What is wrong with the text: its syntax, types, header, and what the API server would silently ignore. */
    remarks: Remark[];
    /** Where each field and list item is in the text, by its path. */
    offsets: ReadonlyMap<string, number>;
}

/** Reads a policy's text, YAML or JSON, strictly. Offsets count without a byte order mark. */
export function parsePolicy(text: string): ParsedPolicy {
    const { value, remarks } = readText(text);
    return value ? withHeader(decode(value, policyShape), value, remarks) : { remarks, offsets: new Map() };
}

/** Reads a policy that is a plain object, in which `apiVersion` and `kind` may be left out. */
export function parsePolicyObject(policy: Policy): ParsedPolicy {
    const value = valueOf({ ...policy, apiVersion: policy.apiVersion ?? apiVersion });
    return withHeader(decode(value, policyShape), value, []);
}

/** A text as an editor shows it. */
export function withoutByteOrderMark(text: string): string {
    return text.replace(/^\ufeff/, "");
}

function readText(text: string): Reading {
    const nul = text.indexOf("\0");
    if (nul !== -1) {
        return { remarks: [error("encoding", "", "the text contains a NUL character", { offset: nul })] };
    }
    const half = /[\u{d800}-\u{dfff}]/u.exec(text);
    if (half) {
        return { remarks: [error("encoding", "", "the text contains half a character", { offset: half.index })] };
    }
    return looksLikeJson(text) ? readJson(text) : readYaml(withoutByteOrderMark(text));
}

const fatal = ["wrong-type", "api-version", "kind"];

function withHeader(
    { data, remarks: ofShape, offsets }: Decoded,
    value: Value,
    ofText: readonly Remark[],
): ParsedPolicy {
    const content: UnvalidatedPolicy = { rules: [], ...(data as object) };
    const unreadable = ofShape.some(
        ({ code, path }) => code === "wrong-type" && ["", "apiVersion", "kind"].includes(path),
    );
    const header = { apiVersion: findHeader(value, "apiVersion"), kind: findHeader(value, "kind") };
    const remarks = [...ofText, ...(unreadable ? [] : checkHeader(header, offsets)), ...ofShape];
    return remarks.some(({ code }) => fatal.includes(code)) ? { remarks, offsets } : { content, remarks, offsets };
}

/** The API server looks for the version and the kind in any letter case, though for no other field. */
function findHeader(document: Value, name: string): string | undefined {
    const entries = document.kind === "map" ? document.entries : [];
    const entry =
        entries.find(({ key }) => key === name) ??
        entries.findLast(({ key }) => key.toLowerCase() === name.toLowerCase());
    return entry?.value.kind === "string" ? String(entry.value.value) : undefined;
}
