import { formatBounds, formatBytes, formatSeconds } from "../units";
import type { Appendix } from "./appendix";
import type { Report } from "./collect";
import { html, type Part } from "./html";
import { table } from "./table";

/** How far back each log reaches. */
export function retentionSection(logs: Report["logs"], appendix: Appendix): Part {
    const rows = logs.map(({ name, evidence, events, bytesPerSecond, reach, limit, disk = 0 }): Part[] => {
        const target = appendix.add(`The beginning of ${name}`, events, evidence);
        const link = html`<a href="${target}">${name}</a>`;
        if (bytesPerSecond === undefined || reach === undefined) {
            return [link, "too short to tell", "", "", ""];
        }
        const daily = { min: bytesPerSecond.min * 86_400, max: bytesPerSecond.max * 86_400 };
        return [
            link,
            formatBounds(daily, formatBytes),
            formatBounds(reach, formatSeconds),
            limit === "none" ? "nothing" : (limit ?? ""),
            formatBytes(disk),
        ];
    });
    return logs.length === 0
        ? html`<p>None.</p>`
        : html`<p class="dim">How far back each log reaches when it goes on as in this time.</p>
              ${table(["Log", "Bytes a day", "Reaches back", "Limited by", "Disk"], rows, { caption: "One log for each host", kind: "wide", figures: [1, 2, 4] })}`;
}
