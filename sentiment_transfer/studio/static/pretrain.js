// Which word vectors the model stands on: those that come with the package, or own ones.

import { html, useState } from "./preact.js";
import { LossChart } from "./charts.js";
import { change, jobOf, startJob } from "./store.js";
import { counted, sentence } from "./format.js";
import {
  Button, Empty, isRunning, JobView, Section, Table, Trouble, useAction, Verdict,
} from "./parts.js";

function InUse({ state }) {
  const { vectors, members } = state.project;
  const [name, setName] = useState(members[0] ?? "");
  const use = useAction(() => change("/studio/vectors", { vectors: name }));
  return html`<${Section} title="Word vectors in use">
    <p><b>${vectors || "none yet"}</b></p>
    <p class="fine">Word vectors know which words are alike. The better they fit your texts, the
      fewer labels it takes.</p>
    ${members.length > 0 && html`<div class="row fields">
      <p class="field"><label for="member">Vectors that come with the program</label>
        <select id="member" value=${name} onChange=${({ target }) => setName(target.value)}>
          ${members.map((one) => html`<option value=${one}>${one}</option>`)}</select></p>
      <${Button} action=${use}>Use them<//></div>`}
    <${Trouble}>${use.error}<//>
  <//>`;
}

function Choice({ state }) {
  const job = jobOf(state, "choose"), start = useAction(() => startJob("choose"));
  const { verdict, header = [], rows = [], chosen } = (job?.status === "done" && job.result) || {};
  const used = header.map((_, i) => i).filter((i) => rows.some((row) => row[i].trim()));
  const take = useAction(() => (chosen === "own"
    ? startJob("pretrain") : change("/studio/vectors", { vectors: chosen })));
  return html`<${Section} title="Which vectors are best here?">
    <p>The program tries those that come with it, and some learned from your texts.</p>
    <p><${Button} kind="main" action=${start} disabled=${isRunning(job)}>Compare vectors<//></p>
    <${JobView} job=${job} /><${Trouble}>${start.error}<//>
    <${Verdict} verdict=${verdict} />
    ${rows.length > 0 && html`<${Table} label="Comparison of vectors"
      header=${used.map((i) => header[i])}
      rows=${rows.map((row) => used.map((i) => row[i].replace("* ", "✓ ")))} />`}
    ${chosen && html`<p><${Button} kind="main" action=${take}>${chosen === "own"
      ? "Pretrain on these texts" : `Use ${chosen}`}<//></p>`}
    <${Trouble}>${take.error}<//>
  <//>`;
}

function Own({ state }) {
  const job = jobOf(state, "pretrain"), [epochs, setEpochs] = useState("");
  const start = useAction(() =>
    startJob("pretrain", epochs ? { epochs: Number(epochs) } : {}));
  return html`<${Section} title="Learn them from these texts">
    <p>${counted(state.project.n_texts, "text")}, no labels needed. It pays with some thousand
      texts of a kind that the shipped vectors do not know.</p>
    <div class="row fields">
      <p class="field"><label for="epochs">Epochs</label>
        <input id="epochs" class="number" type="number" min="1" max="1000" value=${epochs}
          placeholder="automatic" onInput=${({ target }) => setEpochs(target.value)} /></p>
      <${Button} action=${start} disabled=${isRunning(job)}>Pretrain on these texts<//>
    </div>
    <${JobView} job=${job} /><${Trouble}>${start.error}<//>
    ${job?.status === "done" && html`<p class="done" role="status">${sentence(job.message ||
      "done")}</p>`}
    ${job?.losses.length > 0 && html`<${LossChart} losses=${job.losses} />`}
  <//>`;
}

export function Pretrain({ state }) {
  if (state.status === "empty") {
    return html`<${Empty} to="data" label="Add texts">
      Word vectors are compared on your texts, and there are none yet.<//>`;
  }
  return html`<div class="columns">
    <div class="stack"><${InUse} state=${state} /><${Choice} state=${state} /></div>
    <div class="stack"><${Own} state=${state} /></div>
  </div>`;
}
