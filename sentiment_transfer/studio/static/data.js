// Texts and labels come in and go out.

import { html, useEffect, useRef, useState } from "./preact.js";
import { download, post, upload } from "./api.js";
import { change } from "./store.js";
import { count, counted, shorten } from "./format.js";
import { Button, FileButton, Section, Table, Trouble, useAction } from "./parts.js";

const ACCEPT = ".txt,.csv,.tsv,.json,.jsonl,.ndjson,.parquet,.xlsx,.xlsm,.ft,.gz,.zst";

// Kept here, so that a look at another tab does not lose it.
const draft = { preview: null, added: "" };

const isTable = (text) => {
  const [first = "", second = ""] = text.split("\n");
  return /[,;\t]/.test(first) && /\b(text|label|review|sentence|comment)\b/i.test(first) && second;
};

function Drop({ take, isBusy }) {
  const [isOver, setOver] = useState(false);
  const stop = (over) => (event) => {
    event.preventDefault();
    setOver(over);
  };
  const drop = (event) => {
    stop(false)(event);
    const [file] = event.dataTransfer.files;
    if (file) take(file);
  };
  return html`<div class=${`drop ${isOver ? "over" : ""}`} onDragOver=${stop(true)}
    onDragLeave=${stop(false)} onDrop=${drop}>
    <p><b>Drop a file here</b>, or</p>
    <${FileButton} kind="main" disabled=${isBusy} accept=${ACCEPT} take=${take}
      label="A file of texts" />
    <p class="fine">One text a line (.txt), or a table with a column of texts (.csv, .jsonl,
      .parquet, .xlsx), with labels or without; exports of Label Studio, Prodigy, Argilla and
      doccano too. Up to 64 MiB. Nothing leaves this machine.</p>
  </div>`;
}

function Paste({ take, isBusy }) {
  const [text, setText] = useState("");
  const send = () => take(new Blob([text]), isTable(text) ? "pasted.csv" : "pasted.txt");
  return html`<div class="paste">
    <label for="pasted">Or paste texts, one a line</label>
    <textarea id="pasted" rows="4" value=${text} onInput=${({ target }) => setText(target.value)}
      placeholder="It was great, I loved it."></textarea>
    <p><button disabled=${isBusy || !text.trim()} onClick=${send}>
      Look at them</button></p>
  </div>`;
}

function Column({ id, name, value, columns, none, pick }) {
  return html`<p class="field"><label for=${id}>${name}</label>
    <select id=${id} value=${value ?? ""} onChange=${({ target }) => pick(target.value || null)}>
      ${(none || value === null) && html`<option value="">${none ?? "choose"}</option>`}
      ${columns.map((column) => html`<option value=${column}>${column}</option>`)}
    </select></p>`;
}

const perName = (counts) =>
  Object.entries(counts).map(([name, n]) => `${name}: ${count(n)}`).join(", ");

function Counts({ preview: { n_texts: texts, n_labels: labels, labels: byName } }) {
  return html`<p role="status"><b>${counted(texts, "text")}</b>, ${labels
    ? html`<b>${counted(labels, "label")}</b> (${perName(byName)})` : "no labels"}</p>`;
}

const Notes = ({ title, notes }) => (notes.length
  ? html`<div class="note"><b>${title}</b>
    <ul>${notes.map((one) => html`<li>${one}</li>`)}</ul></div>`
  : null);

function Preview({ preview, show, add, forget }) {
  // the server guesses a column of labels where none is named
  const other = useAction(async (columns) => {
    const { upload: id, text_column, label_column } = { ...preview, ...columns };
    const found = await post("/studio/preview", { upload: id, text_column, label_column });
    show(label_column ? found : { ...found, label_column, n_labels: 0, labels: {} });
  });
  const rows = preview.rows.map((row) => row.map((cell) => shorten(cell, 90)));
  return html`<${Section} title=${preview.name}>
    <${Counts} preview=${preview} />
    ${preview.columns.length > 1 && html`<div class="row fields">
      <${Column} id="text-column" name="Texts are in" value=${preview.text_column}
        columns=${preview.columns} pick=${(name) => other.run({ text_column: name })} />
      <${Column} id="label-column" name="Labels are in" value=${preview.label_column}
        columns=${preview.columns} none="no column: texts only"
        pick=${(name) => other.run({ label_column: name })} /></div>`}
    <${Table} label="The first rows" header=${preview.columns} rows=${rows} />
    <${Notes} title="Left out" notes=${preview.skipped} />
    <${Notes} title="Guessed" notes=${preview.notices} />
    <${Trouble}>${other.error || add.error}<//>
    <p class="row">
      <${Button} kind="main" action=${add} given=${[preview]}
        disabled=${other.isBusy || !(preview.n_texts || preview.n_labels)}>
        Add ${counted(preview.n_texts, "text")}<//>
      <button onClick=${forget}>Forget this file</button></p>
  <//>`;
}

function Classes({ project }) {
  const [names, setNames] = useState(project.classes);
  const save = useAction(() => change("/studio/classes", {
    classes: names.map((name) => name.trim()).filter(Boolean),
  }));
  const isSame = JSON.stringify(names) === JSON.stringify(project.classes);
  const set = (i, name) => setNames(names.map((old, at) => (at === i ? name : old)));
  return html`<${Section} title="Classes">
    <p class="fine">The most negative first. They are fixed with the first label.</p>
    <ol class="names">${names.map((name, i) => html`<li>
      <input aria-label=${`Class ${i + 1}`} maxlength="100" value=${name}
        onInput=${({ target }) => set(i, target.value)} />
      <button disabled=${names.length <= 2} aria-label=${`Remove ${name}`}
        onClick=${() => setNames(names.filter((_, at) => at !== i))}>Remove</button></li>`)}</ol>
    <p class="row"><button disabled=${names.length >= 9}
      onClick=${() => setNames([...names, ""])}>One more class</button>
      <${Button} action=${save} kind="main" disabled=${isSame}>Save the classes<//></p>
    <${Trouble}>${save.error}<//>
  <//>`;
}

function Holds({ project }) {
  const fetchLabels = useAction((kind) => download(`/studio/labels.${kind}`, `labels.${kind}`));
  return html`<${Section} title="In this project">
    <dl class="facts">
      <dt>Texts</dt><dd>${count(project.n_texts)}</dd>
      <dt>Labels</dt><dd>${count(project.n_labelled)}
        ${project.n_labelled > 0 && ` (${perName(project.labels)})`}</dd>
      <dt>Skipped</dt><dd>${count(project.n_skipped)}</dd>
      <dt>Language</dt><dd>${project.language}</dd>
      <dt>File</dt><dd><code>${project.file}</code></dd>
    </dl>
    ${project.n_labelled > 0 && html`<p class="row">
      <${Button} action=${fetchLabels} given=${["csv"]}>Labels as CSV<//>
      <${Button} action=${fetchLabels} given=${["jsonl"]}>Labels as JSON lines<//></p>`}
    <${Trouble}>${fetchLabels.error}<//>
  <//>`;
}

// It takes the focus, since the button that had it is gone.
function Added() {
  const link = useRef();
  useEffect(() => link.current.focus(), []);
  return html`<p class="card done" role="status">${draft.added}${" "}
    <a href="#label" ref=${link}>Start to label</a></p>`;
}

export function Data({ state }) {
  const { project } = state, [, redraw] = useState(0);
  const show = (preview, added = "") => {
    Object.assign(draft, { preview, added });
    redraw((n) => n + 1);
  };
  const read = useAction(async (blob, name = blob.name) => show(await upload(blob, name)));
  const add = useAction(async ({ upload: id, text_column, label_column, n_texts }) => {
    await change("/studio/import", { upload: id, text_column, label_column });
    show(null, `Added ${counted(n_texts, "text")}.`);
  });
  const example = useAction(async () => {
    await change("/studio/example");
    show(null, "Added the movie reviews.");
  });
  return html`<div class="columns">
    <div class="stack">
      ${draft.added && html`<${Added} />`}
      ${draft.preview
        ? html`<${Preview} preview=${draft.preview} show=${show} add=${add}
            forget=${() => show(null)} />`
        : html`<${Section} title=${project.n_texts ? "Add more" : "Add your texts"}>
          <${Drop} take=${read.run} isBusy=${read.isBusy} />
          ${read.isBusy && html`<p role="status">Reading …</p>`}
          <${Trouble}>${read.error}<//>
          <${Paste} take=${read.run} isBusy=${read.isBusy} />
          ${project.n_texts === 0 && html`<p class="row">Nothing at hand?
            <${Button} action=${example}>Use the movie reviews that come with it<//></p>`}
          <${Trouble}>${example.error}<//>
        <//>`}
    </div>
    <div class="stack">
      <${Holds} project=${project} />
      ${project.n_labelled === 0 && html`<${Classes} key=${project.classes.join("\n")}
        project=${project} />`}
    </div>
  </div>`;
}
