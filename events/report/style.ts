/** The report's style sheet: for a screen of any width, light or dark, and for paper. */
export const style = `
:root { color-scheme: light dark; --ink: #1c2430; --dim: #525d6b; --paper: #fff; --soft: #f3f5f8; --line: #d5dae1;
  --bar: #2f6db5; --bad: #b3261e; --link: #1b5aa3; --warn: #fff3d6; --warn-ink: #5c4300; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6eaf0; --dim: #a9b4c2; --paper: #12161c; --soft: #1b212a; --line: #343d4a;
    --bar: #6ea8ea; --bad: #ff8a80; --link: #8ebdf5; --warn: #3a2f12; --warn-ink: #ffe2a3; }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; }
body { margin: 0; color: var(--ink); background: var(--paper); font: 16px/1.5 system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; }
header, nav, main, footer { max-width: 72rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 1.5rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; padding-top: .75rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
p { margin: .25rem 0 .75rem; max-width: 46rem; }
.dim { color: var(--dim); }
a { color: var(--link); }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 1rem 0 0; padding: 0; }
nav a { display: inline-block; padding: .25rem 0; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin: 1.25rem 0 0; padding: 0; }
.cards div { background: var(--soft); border-radius: .5rem; padding: .75rem 1rem; }
.cards dt { color: var(--dim); font-size: .875rem; }
.cards dd { margin: 0; font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.chart { list-style: none; display: flex; align-items: stretch; gap: 2px; height: 11rem; margin: .75rem 0 0; padding: 0; border-bottom: 1px solid var(--dim); }
.chart li { flex: 1 1 0; min-width: 0; display: flex; }
.chart a, .chart .none { flex: 1; display: flex; flex-direction: column; justify-content: flex-end; text-decoration: none; }
.chart a:hover, .chart a:focus-visible { background: var(--soft); }
.chart .ok { background: var(--bar); } .chart .failed { background: var(--bad); }
.chart .ok, .chart .failed { display: block; min-height: 0; }
.axis { display: flex; justify-content: space-between; gap: 1rem; color: var(--dim); font-size: .875rem; margin: .25rem 0; }
.key { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; font-size: .875rem; margin: .5rem 0 0; padding: 0; list-style: none; }
.key span { display: inline-block; width: .8rem; height: .8rem; margin-right: .4rem; border-radius: 2px; vertical-align: -1px; }
.lists { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 0 2rem; }
.bars { list-style: none; margin: .5rem 0; padding: 0; }
.bars a { display: grid; grid-template-columns: 1fr auto; gap: 0 1rem; padding: .3rem 0; color: inherit; text-decoration: none; }
.bars a:hover .label, .bars a:focus-visible .label { text-decoration: underline; }
.label { overflow-wrap: anywhere; } .number { font-variant-numeric: tabular-nums; }
.bar { grid-column: 1 / -1; height: .375rem; border-radius: 3px; background: var(--soft); }
.bar span { display: block; height: 100%; border-radius: 3px; background: var(--bar); min-width: 2px; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; font-size: .9375rem; }
caption { text-align: left; color: var(--dim); font-size: .875rem; padding: .25rem 0; }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { font-weight: 600; font-size: .875rem; color: var(--dim); overflow-wrap: normal; }
tbody th { color: inherit; font-size: inherit; font-weight: inherit; overflow-wrap: anywhere; }
.figure { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.note { background: var(--warn); color: var(--warn-ink); border-radius: .5rem; padding: .6rem 1rem; max-width: none; }
.evidence { font-size: .8125rem; } .evidence td { font-variant-numeric: tabular-nums; }
.evidence :target, section:target { outline: 2px solid var(--bar); outline-offset: .4rem; }
footer { color: var(--dim); font-size: .875rem; padding-top: 2rem; padding-bottom: 2rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 46rem) {
  table.wide, table.wide tbody, table.wide tr, table.wide td, table.wide tbody th { display: block; width: 100%; }
  table.wide caption { display: block; }
  table.wide thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table.wide tr { padding: .4rem 0; border-bottom: 1px solid var(--line); }
  table.wide td, table.wide tbody th { border: 0; padding: .1rem 0; display: grid; grid-template-columns: 6.5rem 1fr; gap: .5rem; text-align: left; white-space: normal; }
  table.wide td::before, table.wide tbody th::before { content: attr(data-title); color: var(--dim); font-weight: 400; font-size: .8125rem; }
  .chart { gap: 1px; height: 9rem; }
}
@media print {
  :root { --ink: #000; --dim: #444; --paper: #fff; --soft: #eee; --line: #bbb; --bar: #2f6db5; --bad: #b3261e; --link: #000; }
  body { font-size: 10pt; } nav { display: none; }
  .chart .ok, .chart .failed, .bar span { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  h2, h3, caption { break-after: avoid; } tr, .cards div, .bars li { break-inside: avoid; }
}
`;
