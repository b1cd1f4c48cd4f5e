// A sentence and its answer while it is typed; or a file in and a table out.

import { html, useEffect, useRef, useState } from "./preact.js";
import { post, predictFile } from "./api.js";
import { percent, side } from "./format.js";
import { FileButton, IntervalBar, NotReady, Section, Trouble, useAction } from "./parts.js";
import { Chip } from "./label.js";
import { Tinted, TintKey } from "./tint.js";

const WAIT_MS = 150, MAX_EXPLAINED = 5000;

const draft = { text: "" };

// A text that is too long to explain has its label all the same.
async function ask(text) {
  if (text.length <= MAX_EXPLAINED) return post("/v1/explain", { text });
  const { predictions: [one] } = await post("/v1/predict", { texts: [text] });
  return { ...one, no_known_word: one.coverage === 0, pieces: [], gaps: [text], isLong: true };
}

function Answer({ answer, text, classes }) {
  const of = { pieces: answer.pieces, label: String(answer.label), classes };
  return html`<div class="answer-shown">
    <p class="big small"><${Chip} label=${of.label} classes=${classes} />
      <b>${percent(answer.probability)}</b></p>
    <${IntervalBar} value=${answer.probability} low=${0} high=${answer.probability}
      kind=${side(classes, of.label)} label=${`Probability of ${of.label}`} />
    ${answer.no_known_word && html`<p class="note">The model knows no word of this text; this is the
      share of the label at large.</p>`}
    ${answer.isLong && html`<p class="fine">Words are marked up to 5,000 characters.</p>`}
    ${!answer.isLong && html`<p class="text" dir="auto"><${Tinted} ...${of} text=${text}
      gaps=${answer.gaps} /></p>`}
    <${TintKey} ...${of} />
  </div>`;
}

function Sentence({ state }) {
  const [text, setText] = useState(draft.text), [shown, setShown] = useState(null);
  const [error, setError] = useState(""), latest = useRef(0);
  draft.text = text;
  // answers may overtake each other; a new model answers again
  useEffect(() => {
    const own = ++latest.current;
    if (!text.trim()) return setShown(null);
    const timer = setTimeout(async () => {
      try {
        const answer = await ask(text);
        if (own === latest.current) setShown({ answer, text });
        setError("");
      } catch (failure) {
        if (own === latest.current) setError(failure.message);
      }
    }, WAIT_MS);
    return () => clearTimeout(timer);
  }, [text, state.model]);
  return html`<${Section} title="A sentence">
    <label for="sentence">Write something; the answer follows as you type</label>
    <textarea id="sentence" rows="4" value=${text} placeholder="It was great, I loved it."
      onInput=${({ target }) => setText(target.value)}></textarea>
    <div aria-live="polite">
      ${shown && html`<${Answer} ...${shown} classes=${state.project.classes} />`}</div>
    <${Trouble}>${error}<//>
  <//>`;
}

function File() {
  const [done, setDone] = useState("");
  const run = useAction(async (file) => {
    setDone("");
    await predictFile(file);
    setDone(`${file.name} is predicted; the table is among your downloads.`);
  });
  return html`<${Section} title="A file">
    <p>A file of texts in, a CSV table with label, probability and coverage out.</p>
    <${FileButton} disabled=${run.isBusy} take=${run.run} label="A file to predict" />
    <p role="status">${run.isBusy ? "Predicting …" : done}</p>
    ${run.isBusy && html`<progress aria-label="Predicting"></progress>`}
    <p class="fine">Coverage is the share of the words that the model knows; at 0 the label is a
      guess.</p>
    <${Trouble}>${run.error}<//>
  <//>`;
}

export function Try({ state }) {
  if (state.status === "preparing") return html`<${NotReady} state=${state} />`;
  return html`<div class="columns"><${Sentence} state=${state} /><${File} /></div>`;
}
