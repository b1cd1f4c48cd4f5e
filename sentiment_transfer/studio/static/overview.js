// What the texts say at large: the share of each side, by which words, and where it is unsure.

import { html, useState } from "./preact.js";
import { download } from "./api.js";
import { jobOf, startJob } from "./store.js";
import { bare, count, counted, percent, shorten } from "./format.js";
import { Chip } from "./label.js";
import {
  Button, Empty, IntervalBar, isRunning, JobView, Section, Table, Trouble, useAction,
} from "./parts.js";

const spread = ({ low, high }) => `${bare(low)} to ${percent(high)}`;

function Share({ label, share }) {
  return html`<${Section} title=${`How many are ${label}?`}>
    <p class="big"><b>${percent(share.share)}</b><span>${label}<br />${spread(share)}</span></p>
    <${IntervalBar} value=${share.share} low=${share.low} high=${share.high}
      label=${`${percent(share.share)} ${label}, 95 % interval ${spread(share)}`} />
    <p class="fine">${[
      share.n && `of ${counted(share.n, "text")}`,
      share.n_blank && `${counted(share.n_blank, "text")} blank`,
      share.n_unknown && `${counted(share.n_unknown, "text")} without a known word`,
    ].filter(Boolean).join("; ")}</p>
  <//>`;
}

function Groups({ groups, label }) {
  const rows = groups.rows.map((row) => [
    row.name, percent(row.share), html`<${IntervalBar} value=${row.share} low=${row.low}
      high=${row.high} label=${`${row.name}: ${percent(row.share)}`} />
      <span class="fine">${spread(row)}</span>`, count(row.n),
  ]);
  return html`<${Section} title=${`By ${groups.by}`}>
    <${Table} label=${`Share of ${label} by ${groups.by}`} figures=${[1, 3]}
      header=${[groups.by, label, "95 % interval", "Texts"]} rows=${rows} /><//>`;
}

const Phrases = ({ phrases, classes }) => html`<${Section} title="What speaks for either side">
  <div class="sides">${Object.entries(phrases).map(([label, list]) => html`<div>
    <h3><${Chip} label=${label} classes=${classes} /></h3>
    <ul class="phrases">${list.map((one) => html`<li><details>
      <summary><b>${one.phrase}</b> <span class="fine">${counted(one.n_texts, "text")}</span></summary>
      ${(one.examples ?? []).map((text) =>
        html`<p class="fine quote" dir="auto">${shorten(String(text.text ?? text), 240)}</p>`)}
    </details></li>`)}</ul></div>`)}</div><//>`;

const Lines = ({ lines, classes, label }) => html`<ul class="lines">${lines.map((one) => html`<li>
  <${Chip} label=${label ?? one.label} classes=${classes} />
  <span class="quote" dir="auto">${shorten(one.text, 200)}</span>
  <span class="fine">${percent(one.probability)}</span></li>`)}</ul>`;

function Result({ result, classes }) {
  const { label, share, groups, phrases, surest, doubtful, said } = result;
  const keep = useAction(() => download("/studio/overview.html", "overview.html"));
  return html`<div class="stack">
    <p><${Button} kind="main" action=${keep}>Save as a page<//></p>
    <${Trouble}>${keep.error}<//>
    ${(said ?? []).map((one) => html`<p class="note">${one}</p>`)}
    ${share && html`<${Share} label=${label} share=${share} />`}
    ${groups?.rows?.length > 0 && html`<${Groups} groups=${groups} label=${label} />`}
    ${phrases && html`<${Phrases} phrases=${phrases} classes=${classes} />`}
    ${surest && html`<${Section} title="Surest">${Object.entries(surest).map(([name, lines]) =>
      html`<${Lines} lines=${lines} classes=${classes} label=${name} />`)}<//>`}
    ${doubtful?.length > 0 && html`<${Section} title="Most doubtful">
      <${Lines} lines=${doubtful} classes=${classes} /><//>`}
  </div>`;
}

export function Overview({ state }) {
  const { columns, classes } = state.project, job = jobOf(state, "overview");
  const [by, setBy] = useState(job?.result?.groups?.by ?? "");
  const start = useAction(() => startJob("overview", by ? { by } : {}));
  if (state.status !== "ready") {
    return html`<${Empty} to="data" label="Add texts">
      ${state.message || "The overview needs texts and a model."}<//>`;
  }
  return html`<div class="stack">
    <${Section} title="Overview of the opinions">
      <div class="row fields">
        ${columns.length > 0 && html`<p class="field"><label for="by">By</label>
          <select id="by" value=${by} onChange=${({ target }) => setBy(target.value)}>
            <option value="">all texts together</option>
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
