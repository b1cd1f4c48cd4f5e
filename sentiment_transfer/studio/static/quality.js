// How good the model is, within what margin, and whether more labels pay.

import { html } from "./preact.js";
import { HistoryChart, LearningChart } from "./charts.js";
import { bare, counted, percent, sentence } from "./format.js";
import { IntervalBar, Verdict } from "./parts.js";

const interval = ({ low, high }) => `${bare(low)} to ${percent(high)}`;

// On a phone, where the card itself is below.
export const Brief = ({ state: { estimate } }) => estimate && html`<p class="brief">
  Accuracy <b>${percent(estimate.accuracy)}</b> (${interval(estimate)})</p>`;

// What limits the figure: evidence is a number of labels, then notes.
const note = ({ evidence }) => sentence(evidence.split("; ").slice(1).join("; "));

function Figure({ estimate }) {
  if (!estimate) {
    return html`<p class="muted">The accuracy appears here, with its margin, after eight labels or
      so.</p>`;
  }
  const { accuracy, n_labels: n } = estimate;
  return html`<div>
    <p class="big" role="status"><b>${percent(accuracy)}</b>
      <span>right, ${interval(estimate)}<br />from ${counted(n, "label")}</span></p>
    <${IntervalBar} value=${accuracy} low=${estimate.low} high=${estimate.high}
      label=${`Accuracy ${percent(accuracy)}, 95 % interval ${interval(estimate)}`} />
    <${Verdict} verdict=${estimate.verdict} isShort />
    <p class="fine">${note(estimate.verdict)}</p>
  </div>`;
}

function advice({ forecasts, verdict, says_stop: saysStop }) {
  if (saysStop) return "■ Stop here";
  if (!forecasts.length) return "▶ Go on: too early to say";
  return /^no gain/i.test(verdict.found) ? "▷ Little to gain from as many again" : "▶ Go on";
}

const Advice = ({ curve }) => html`<div>
  <h3>More labels?</h3>
  <p class="advice" role="status">${advice(curve)}</p>
  ${curve.points.length + curve.forecasts.length > 1 && html`<${LearningChart} curve=${curve} />`}
  <${Verdict} verdict=${curve.verdict} />
</div>`;

const Fit = ({ state: { pending, milliseconds } }) => html`<p class="fine fit">
  ${pending ? "The next model is being fitted …"
    : milliseconds !== null && `Fitted ${Math.round(milliseconds)} ms after the answer.`}
</p>`;

export function Quality({ state }) {
  return html`<section class="card quality" aria-labelledby="quality">
    <h2 id="quality">How good is the model?</h2>
    <${Figure} estimate=${state.estimate} />
    ${state.message && html`<p class="note" role="status">${sentence(state.message)}</p>`}
    ${state.history.length > 1 && html`<${HistoryChart} history=${state.history} />`}
    ${state.estimate && state.curve && html`<${Advice} curve=${state.curve} />`}
    <${Fit} state=${state} />
  </section>`;
}
