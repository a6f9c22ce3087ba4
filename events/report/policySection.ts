import { perDay } from "../perDay";
import { formatBounds, formatBytes, formatCount } from "../units";
import type { Bounds } from "../bounds";
import type { Appendix } from "./appendix";
import type { Report } from "./collect";
import { html, type Part } from "./html";
import { table } from "./table";

/** What a policy does with the requests of the report, rule by rule. */
export function policySection({ policy, window }: Report, file: string, appendix: Appendix): Part {
    if (policy === undefined || window === undefined) {
        return html`<p>None.</p>`;
    }
    const { rules, unusedRules, total } = policy.simulation.policy;
    const rate = (bounds: Bounds, format: (value: number) => string) =>
        bounds.max === 0 ? "" : window.seconds > 0 ? formatBounds(perDay(bounds, window.seconds), format) : "?";
    const rows = rules.map(({ rule, description, requests, events, bytes }): Part[] => {
        const name = rule === null ? "none" : `rules[${rule}]`;
        const evidence = policy.evidence.get(rule) ?? [];
        const target = requests > 0 ? appendix.add(`Decided by ${name}`, requests, evidence) : undefined;
        const count = target === undefined ? "0" : html`<a href="${target}">${formatCount(requests)}</a>`;
        return [name, description, count, rate(events, formatCount), rate(bytes, formatBytes)];
    });
    const unknown =
        total.eventsOfUnknownSize > 0
            ? html`<p class="note">
                  Of ${formatCount(total.eventsOfUnknownSize)} events the log does not have everything that the policy
                  would record; their bytes are counted without it.
              </p>`
            : "";
    const unused =
        unusedRules.length > 0
            ? html`<p>No request came to ${unusedRules.map((rule) => `rules[${rule}]`).join(", ")}.</p>`
            : "";
    return html`<p class="dim">What ${file} does with these requests; a day is as the log's time goes on.</p>
        ${unknown}${unused}
        ${table(["Rule", "In words", "Requests", "Events a day", "Bytes a day"], rows, { caption: "Rules, in the policy's order", kind: "wide", figures: [2, 3, 4] })}`;
}
