// What the texts say at large: the share of each side, by which words, and where it is unsure.

import { html, useState } from "./preact.js";
import { download } from "./api.js";
import { GroupsChart } from "./charts.js";
import { jobOf, startJob } from "./store.js";
import { bare, count, counted, percent, sentence } from "./format.js";
import { Chip } from "./label.js";
import {
  Button, IntervalBar, isRunning, JobView, NotReady, Section, Table, Trouble, useAction,
} from "./parts.js";
import { markOf } from "./tint.js";

const WEAK = 0.12, STRONG = 0.5; // of a weight between -1 and 1

const spread = ({ low, high }) => `${bare(low)} to ${percent(high)}`;

function Headline({ result }) {
  const { share, share_missing: missing, n_texts: n, n_blank, n_unknown, n_repeated } = result;
  const left = [
    n_blank && `${count(n_blank)} blank`, n_unknown && `${count(n_unknown)} without a known word`,
    n_repeated && `${count(n_repeated)} there before`,
  ].filter(Boolean);
  const facts = `${counted(n, "text")}${left.length ? `; ${left.join(", ")}` : ""}.`;
  if (!share) return html`<div><p>${sentence(missing)}</p><p class="fine">${facts}</p></div>`;
  return html`<div>
    <p class="big"><b>${percent(share.share)}</b>
      <span>${share.label}<br />${spread(share)}</span></p>
    <${IntervalBar} value=${share.share} low=${share.low} high=${share.high}
      label=${`${percent(share.share)} ${share.label}, 95 % interval ${spread(share)}`} />
    <p class="fine">${facts}</p>
  </div>`;
}

const DIFFERENCES = { above: "▲ above the rest", below: "▼ below the rest" };

function Groups({ groups: { column, kind, groups }, label }) {
  const rows = groups.map((one) => [
    one.name, ...(one.share === null ? ["", "too few"] : [percent(one.share), html`
      <${IntervalBar} value=${one.share} low=${one.low} high=${one.high}
        label=${`${one.name}: ${percent(one.share)}`} />
      <span class="fine">${spread(one)} ${DIFFERENCES[one.difference]}</span>`]), count(one.n),
  ]);
  const known = groups.filter((one) => one.share !== null);
  return html`<${Section} title=${`By ${column}`}>
    ${kind === "time" && known.length > 2 && html`<${GroupsChart} groups=${known} />`}
    <details open=${kind !== "time"}><summary>As a table</summary>
      <${Table} label=${`Share of ${label} by ${column}`}
        header=${[column, label, "95 % interval", "Texts"]} rows=${rows} /></details><//>`;
}

const Passage = ({ quote: { parts } }) => parts.map(([piece, weight]) => {
  const mark = markOf(weight, true, WEAK, STRONG);
  return mark ? html`<mark class=${mark}>${piece}</mark>` : piece;
});

const Lines = ({ quotes, classes }) => html`<ul class="lines">${quotes.map((one) => html`<li>
  <${Chip} label=${String(one.label)} classes=${classes} />
  <span class="quote passage" dir="auto"><${Passage} quote=${one} /></span>
  <span class="fine">${percent(one.probability)}</span></li>`)}</ul>`;

const Side = ({ side: { label, phrases, surest }, classes }) => html`
  <${Section} title=${html`What speaks for <${Chip} label=${String(label)} classes=${classes} />`}>
    <ul class="phrases">${phrases.map((one) => html`<li><details>
      <summary><b>${one.text}</b> <span class="fine">${counted(one.n, "text")}</span></summary>
      ${one.examples.map((quote) => html`<p class="fine" dir="auto">
        <${Passage} quote=${quote} /></p>`)}</details></li>`)}</ul>
    ${!phrases.length && html`<p class="muted">No phrase stands out.</p>`}
    ${surest.length > 0 && html`<h3>The surest texts</h3>
      <${Lines} quotes=${surest} classes=${classes} />`}<//>`;

function Result({ result, classes }) {
  const { groups, groups_missing: missing, sides, doubtful, notes, share } = result;
  const keep = useAction(() => download("/studio/overview.html", "overview.html"));
  return html`<div class="stack">
    <${Section} title=${share ? `How many are ${share.label}?` : "How many are positive?"}>
      <${Headline} result=${result} />
      ${notes.map((one) => html`<p class="note">${one}</p>`)}
      <p><${Button} kind="main" action=${keep}>Save as a page<//></p>
      <${Trouble}>${keep.error}<//><//>
    ${groups && html`<${Groups} groups=${groups} label=${share?.label ?? ""} />`}
    ${!groups && missing && html`<p class="note">${sentence(missing)}</p>`}
    <div class="columns even">${sides.map((side) =>
      html`<${Side} side=${side} classes=${classes} />`)}</div>
    ${doubtful.length > 0 && html`<${Section} title="The most doubtful texts">
      <${Lines} quotes=${doubtful} classes=${classes} /><//>`}
  </div>`;
}

export function Overview({ state }) {
  const { columns, classes } = state.project, job = jobOf(state, "overview");
  const [by, setBy] = useState("");
  const start = useAction(() => startJob("overview", by ? { by } : {}));
  if (state.status !== "ready") return html`<${NotReady} state=${state} />`;
  return html`<div class="stack">
    <${Section} title="Overview of the opinions">
      <div class="row fields">
        ${columns.length > 0 && html`<p class="field"><label for="by">Grouped by</label>
          <select id="by" value=${by} onChange=${({ target }) => setBy(target.value)}>
            <option value="">automatic: time, if a column has it</option>
            <option value="none">nothing</option>
            ${columns.map((name) => html`<option value=${name}>${name}</option>`)}</select></p>`}
        <${Button} action=${start} kind=${job?.result ? "" : "main"} disabled=${isRunning(job)}>
          ${job?.result ? "Describe them again" : "Describe them"}<//>
      </div>
      <p class="fine">All ${counted(state.project.n_texts, "text")}, by the model as it is
        (${counted(state.project.n_labelled, "label")}).</p>
      <${JobView} job=${job} /><${Trouble}>${start.error}<//>
    <//>
    ${job?.status === "done" && job.result &&
      html`<${Result} result=${job.result} classes=${classes} />`}
  </div>`;
}
