// What pretraining is worth here: the same labels, with and without it.

import { html } from "./preact.js";
import { ArmsChart, budgets } from "./charts.js";
import { jobOf, startJob } from "./store.js";
import { bare, count, percent, sentence } from "./format.js";
import {
  Button, Empty, isRunning, JobView, Section, Table, Trouble, useAction, Verdict,
} from "./parts.js";

const MARKS = ["solid", "dashed", "grey"];

const NAMES = {
  model: "with pretraining", random: "without: random vectors", tfidf: "without: TF-IDF",
};

function Result({ result: { verdict, said, arms: found } }) {
  const arms = found.map((arm) => ({ ...arm, name: NAMES[arm.name] ?? arm.name }));
  const cell = (arm, n) => {
    const one = arm.points.find((point) => point.n_labels === n);
    return one ? `${percent(one.accuracy)} (${bare(one.low)} to ${bare(one.high)})` : "";
  };
  return html`<div>
    <${Verdict} verdict=${verdict} />
    ${said && html`<p class="fine">${sentence(said)}</p>`}
    <ul class="legend">${arms.map((arm, i) => html`<li>
      <span class=${`line ${MARKS[i % 3]}`}></span>${arm.name}</li>`)}</ul>
    <${ArmsChart} arms=${arms} />
    <${Table} label="Accuracy by number of labels"
      header=${["Labels", ...arms.map((arm) => arm.name)]}
      rows=${budgets(arms.flatMap((arm) => arm.points)).map((n) =>
        [count(n), ...arms.map((arm) => cell(arm, n))])} />
  </div>`;
}

export function Compare({ state }) {
  const job = jobOf(state, "compare"), start = useAction(() => startJob("compare"));
  if (!state.project.n_labelled) {
    return html`<${Empty} to="label" label="Label some texts">There are no labels to compare by.<//>`;
  }
  return html`<${Section} title="With and without pretraining">
    <p>The same labels go to a model with pretrained word vectors and to others without. All
      are measured on labels that they did not see.</p>
    <p><${Button} kind="main" action=${start} disabled=${isRunning(job)}>
      ${job?.result ? "Compare again" : "Compare"}<//></p>
    <${JobView} job=${job} /><${Trouble}>${start.error}<//>
    ${job?.status === "done" && job.result?.arms && html`<${Result} result=${job.result} />`}
  <//>`;
}
