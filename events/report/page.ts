import { countOf, formatBytes, formatCount, formatSeconds } from "../units";
import { Appendix } from "./appendix";
import type { Activity, ActivityBucket } from "./activity";
import type { Report } from "./collect";
import type { Figure } from "./evidence";
import { Html, html, type Part } from "./html";
import { policySection } from "./policySection";
import { retentionSection } from "./retentionSection";
import { style } from "./style";
import { table } from "./table";

/** What a page says of where it is from. */
export interface PageOrigin {
    /** The logs, as they were given. */
    readonly sources: readonly string[];
    /** The policy of the section about it. */
    readonly policy?: string | undefined;
    /** Places in the logs that could not be read. */
    readonly damaged: number;
}

/** A report as one HTML page that needs nothing else: no script, no network. */
export function renderReport(report: Report, origin: PageOrigin): string {
    const appendix = new Appendix();
    const sections: [id: string, title: string, content: Part][] = [
        ["activity", "Activity", renderActivity(report.activity, appendix)],
        ["top", "Who does what", renderTop(report, appendix)],
        ["denials", "Denials", renderDenials(report, appendix)],
        ["sensitive", "Sensitive actions", renderSensitive(report, appendix)],
        ...(report.policy
            ? [
                  ["policy", "Policy coverage", policySection(report, origin.policy ?? "", appendix)] as [
                      string,
                      string,
                      Part,
                  ],
              ]
            : []),
        ["retention", "Retention", retentionSection(report.logs, appendix)],
    ];
    const all: typeof sections = [...sections, ["events", "Requests behind the figures", renderAppendix(appendix)]];
    const page = html`<!doctype html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <title>Audit report</title>
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
                <style>
                    ${new Html(style)}
                </style>
            </head>
            <body>
                <header>
                    <h1>Audit report</h1>
                    ${renderOrigin(report, origin)}
                </header>
                <nav aria-label="Sections">
                    <ul>
                        ${all.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}
                    </ul>
                </nav>
                <main>
                    ${renderCards(report)}
                    ${all.map(
                        ([id, title, content]) =>
                            html`<section id="${id}" aria-labelledby="${id}-title">
                                <h2 id="${id}-title">${title}</h2>
                                ${content}
                            </section> `,
                    )}
                </main>
                <footer>
                    Made by kube-audit. All times are in UTC. A request counts once, by the last of its stages in the
                    log.
                </footer>
            </body>
        </html> `;
    // Texts of the log have no line breaks: they are written as escapes.
    return `${page.text.trim().replace(/\n\s*/g, "\n")}\n`;
}

function renderOrigin({ window }: Report, { sources, damaged }: PageOrigin): Part {
    const when = window
        ? html`<p>${shortTime(window.from)} to ${shortTime(window.to)} UTC (${formatSeconds(window.seconds)})</p>`
        : html`<p class="note">There is no event in the logs.</p>`;
    return html`${when}
        <p class="dim">${sources.join(", ")}</p>
        ${damaged > 0 ? html`<p class="note">${countOf(damaged, "place")} in the logs could not be read.</p>` : ""}`;
}

function renderCards({ requests, failed, events, denials, sensitive, window, logs }: Report): Html {
    const bytes = logs.reduce((sum, { bytesPerSecond }) => sum + (bytesPerSecond?.min ?? 0), 0);
    const daily = window && bytes > 0 ? formatBytes(bytes * 86_400) : "–";
    const share = requests === 0 ? "0 %" : `${Number(((100 * failed) / requests).toPrecision(2))} %`;
    const cards: [string, string][] = [
        ["Requests", formatCount(requests)],
        ["Events", formatCount(events)],
        ["Failed", share],
        ["Denied", formatCount(denials.total)],
        ["Sensitive actions", formatCount(sensitive.reduce((sum, { total }) => sum + total, 0))],
        ["Log a day", daily],
    ];
    return html`<dl class="cards">
        ${cards.map(
            ([name, value]) =>
                html`<div>
                    <dt>${name}</dt>
                    <dd>${value}</dd>
                </div>`,
        )}
    </dl>`;
}

function renderActivity({ seconds, buckets }: Activity, appendix: Appendix): Part {
    if (buckets.length === 0) {
        return html`<p>None.</p>`;
    }
    const highest = Math.max(...buckets.map(({ count }) => count));
    const first = bucketTime(buckets[0]!.start, seconds);
    const last = bucketTime(buckets.at(-1)!.start, seconds);
    return html`<p class="dim">Requests in each ${formatSeconds(seconds)}; at most ${formatCount(highest)}.</p>
        <ol class="chart">
            ${buckets.map((bucket) => renderBucket(bucket, seconds, highest, appendix))}
        </ol>
        <div class="axis"><span>${first}</span><span>${last}</span></div>
        <ul class="key">
            <li><span style="background: var(--bar)"></span>succeeded</li>
            <li><span style="background: var(--bad)"></span>failed (status from 400 on)</li>
        </ul>`;
}

function renderBucket(bucket: ActivityBucket, seconds: number, highest: number, appendix: Appendix): Html {
    const { start, count, failed, evidence } = bucket;
    const time = bucketTime(start, seconds);
    if (count === 0) {
        return html`<li>
            <span class="none"><span class="hidden">${time}: none</span></span>
        </li>`;
    }
    const words = `${time}: ${countOf(count, "request")}, ${formatCount(failed)} failed`;
    const height = (part: number) => ((100 * part) / highest).toFixed(2);
    const target = appendix.add(`Requests from ${time} on, failed ones first`, count, evidence);
    return html`<li>
        <a href="${target}" title="${words}"
            ><span class="hidden">${words}</span>${
                failed > 0 ? html`<span class="failed" style="height: ${height(failed)}%"></span>` : ""
            }<span class="ok" style="height: ${height(count - failed)}%"></span
        ></a>
    </li>`;
}

function bucketTime(start: number, seconds: number): string {
    const time = new Date(start / 1000).toISOString().replace("T", " ");
    return seconds >= 86_400 ? time.slice(0, 10) : time.slice(0, seconds >= 60 ? 16 : 19);
}

function shortTime(time: string): string {
    return time.slice(0, 19).replace("T", " ");
}

function renderTop({ users, verbs, resources }: Report, appendix: Appendix): Html {
    const lists: [string, readonly Figure[]][] = [
        ["Users", users],
        ["Verbs", verbs],
        ["Resources", resources],
    ];
    return html`<div class="lists">
        ${lists.map(
            ([title, figures]) =>
                html`<div>
                    <h3>${title}</h3>
                    ${renderBars(title, figures, appendix)}
                </div>`,
        )}
    </div>`;
}

function renderBars(title: string, figures: readonly Figure[], appendix: Appendix): Html {
    const highest = Math.max(1, ...figures.map(({ count }) => count));
    return html`<ol class="bars">
        ${figures.map(({ labels, count, surplus, evidence }) => {
            const label = labels.join(" ");
            const target = appendix.add(`${title}, ${label}`, count, evidence);
            const width = ((100 * count) / highest).toFixed(1);
            return html`<li>
                <a href="${target}"
                    ><span class="label">${label}</span> <span class="number">${countWithin(count, surplus)}</span
                    ><span class="bar"><span style="width: ${width}%"></span></span
                ></a>
            </li>`;
        })}
    </ol>`;
}

/** A number that may be too high says by how much. */
function countWithin(count: number, surplus: number): string {
    return surplus === 0 ? formatCount(count) : `${formatCount(count - surplus)} to ${formatCount(count)}`;
}

function renderDenials({ denials: { total, figures } }: Report, appendix: Appendix): Part {
    if (total === 0) {
        return html`<p>Nobody was refused.</p>`;
    }
    const columns = ["User", "Verb", "Resource", "Status", "Requests"];
    return html`<p class="dim">Who was not let in (401), or let in and refused (403).</p>
        ${renderFigures(columns, figures, total, "Denials", appendix)}`;
}

function renderSensitive({ sensitive }: Report, appendix: Appendix): Part {
    return sensitive.map(
        ({ title, reason, columns, total, figures }) =>
            html`<h3>${title}</h3>
                <p class="dim">${reason}</p>
                ${total === 0 ? html`<p>None.</p>` : renderFigures([...columns, "Requests"], figures, total, title, appendix)}`,
    );
}

function renderFigures(
    columns: readonly string[],
    figures: readonly Figure[],
    total: number,
    title: string,
    appendix: Appendix,
): Html {
    const shown = figures.reduce((sum, { count }) => sum + count, 0);
    const caption =
        shown < total
            ? `The ${figures.length} most frequent, with ${formatCount(shown)} of ${formatCount(total)} requests`
            : `${formatCount(total)} ${total === 1 ? "request" : "requests"}`;
    const rows = figures.map(({ labels, count, surplus, evidence }) => {
        const target = appendix.add(`${title}, ${labels.filter(Boolean).join(" ")}`, count, evidence);
        return [...labels, html`<a href="${target}">${countWithin(count, surplus)}</a>`];
    });
    return table(columns, rows, { caption, kind: "wide", figures: [columns.length - 1] });
}

function renderAppendix(appendix: Appendix): Part {
    const tables = appendix.render();
    return html`<p class="dim">
            Some of the requests behind each figure above, by the place of their last stage in the log.
        </p>
        ${tables}`;
}
