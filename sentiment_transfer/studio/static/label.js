// One text, one key: the text, the model's guess, and what the last labels changed.

import { html, useEffect, useLayoutEffect, useRef, useState } from "./preact.js";
import { change, labelText, relabel, store, shown, undo } from "./store.js";
import { classKeys, classOfKey, counted, percent, shorten, side } from "./format.js";
import { Button, Empty, Section, Trouble, useAction } from "./parts.js";
import { Quality, Brief } from "./quality.js";
import { Tinted, TintKey } from "./tint.js";

const BOUNCE_MS = 100; // nobody reads a text in less: the same key again is a bounce
const HIDE = "studio.hideGuess";

// The text on the screen stays there until it is answered, even if another one would come first
// after a new fit: nobody likes a text that changes while it is read.
let held = null;
const drawn = { id: null, at: 0, key: null };

function currentItem({ queue, recent }) {
  const inQueue = queue.find((item) => item.id === held?.id);
  const isAnswered = recent.some((one) => one.id === held?.id);
  if (inQueue) held = inQueue;
  else if (!held || isAnswered || !queue.length) held = queue[0] ?? null;
  return held;
}

// An answer belongs to the text that was on the screen when it was given.
function answer(label, key, time) {
  const item = currentItem(shown());
  if (!item || item.id !== drawn.id) return;
  if (key === drawn.key && time - drawn.at < BOUNCE_MS) return;
  drawn.key = key;
  labelText(item, label);
}

function takeBack() {
  if (undo() === "answer") held = null;
}

const isWriting = (target) => /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
const isPressed = (target) => /^(BUTTON|A|SUMMARY)$/.test(target.tagName);

function onKey(event, toggleHelp) {
  const { key, target, timeStamp } = event;
  const state = shown(), { classes } = state.project;
  const hasModifier = event.ctrlKey || event.metaKey;
  if (event.repeat || event.altKey || isWriting(target)) return;
  if (hasModifier && (key !== "z" || event.shiftKey)) return;
  if (key === " " && isPressed(target)) return;
  const small = key.toLowerCase(), label = classOfKey(classes, key), { doubt } = state;
  if (label !== undefined && !hasModifier) answer(label, key, timeStamp);
  else if (small === "s" || key === " ") answer(null, "s", timeStamp);
  else if (small === "u" || small === "z") takeBack();
  else if (small === "k" && doubt) relabel(doubt.id, doubt.label);
  else if (small === "c" && doubt) relabel(doubt.id, doubt.expected);
  else if (key === "?") toggleHelp();
  else return;
  event.preventDefault();
}

// A second click of a double click is no second answer.
const onClick = (label) => (event) => {
  if (event.detail > 1 && event.timeStamp - drawn.at < 3 * BOUNCE_MS) return;
  answer(label, null, event.timeStamp);
};

const Key = ({ children }) => html`<kbd>${children.toUpperCase()}</kbd>`;

export const Chip = ({ label, classes }) => (label === null
  ? html`<span class="chip none">skipped</span>`
  : html`<span class=${`chip ${side(classes, label)}`}>${label}</span>`);

function Guess({ item, classes, isHidden, toggle }) {
  const button = html`<button class="link" onClick=${toggle}
    aria-pressed=${isHidden}>${isHidden ? "Show the guess" : "Hide the guess"}</button>`;
  if (item.guess === null) {
    return html`<p class="guess muted">${item.coverage ? "The model knows nothing yet."
      : "The model knows no word of this text."}</p>`;
  }
  if (isHidden) return html`<p class="guess"><span class="muted">Guess hidden</span>${button}</p>`;
  return html`<p class="guess">
    <span>The model’s guess: <${Chip} label=${item.guess} classes=${classes} />${" "}
      <b>${percent(item.probability)}</b>
      ${item.coverage === 0 && html`<span class="muted"> (no known word)</span>`}
    </span>${button}</p>`;
}

function Card({ item, classes }) {
  const [isHidden, setHidden] = useState(localStorage.getItem(HIDE) === "yes");
  const toggle = () => {
    localStorage.setItem(HIDE, isHidden ? "no" : "yes");
    setHidden(!isHidden);
  };
  const card = useRef();
  useLayoutEffect(() => {
    Object.assign(drawn, { id: item.id, at: performance.now() });
    if (card.current.getBoundingClientRect().top < 0) card.current.scrollIntoView();
  }, [item.id]);
  useLayoutEffect(() => () => Object.assign(drawn, { id: null }), []);
  const of = { pieces: isHidden ? [] : item.pieces, label: item.guess, classes };
  return html`<article class="card item" ref=${card} aria-label="The text to label">
    <${Guess} ...${{ item, classes, isHidden, toggle }} />
    <p class="text" aria-live="polite" dir="auto"><${Tinted} ...${of} text=${item.text}
      gaps=${item.gaps} /></p>
    <${TintKey} ...${of} />
  </article>`;
}

function AnswerButtons({ classes, canAnswer, canUndo, children }) {
  const keys = classKeys(classes);
  return html`<div class="answers" role="group" aria-label="Answer">
    ${children}
    <div class=${[2, 4].includes(classes.length) ? "classes" : "classes threes"}>
      ${classes.map((label, i) => html`<button onClick=${onClick(label)}
        disabled=${!canAnswer} class=${`answer ${side(classes, label)}`}>${label} <${Key}>${keys[i]}<//></button>`)}</div>
    <div class="row">
      <button disabled=${!canAnswer} onClick=${onClick(null)}>Skip <${Key}>s<//></button>
      <button disabled=${!canUndo} onClick=${takeBack}>Undo <${Key}>u<//></button>
    </div>
  </div>`;
}

function DoubtBar({ doubt, classes }) {
  return html`<div role="status" class="doubt-place">${doubt && html`<div class="card doubt">
    <p>You said <${Chip} label=${doubt.label} classes=${classes} />. The other labels and words
      say <${Chip} label=${doubt.expected} classes=${classes} />${" "}
      (${percent(doubt.probability)} for yours).</p>
    <p class="fine quote" dir="auto">${doubt.text}</p>
    <p class="row">
      <button onClick=${() => relabel(doubt.id, doubt.label)}>
        Keep <${Key}>k<//></button>
      <button onClick=${() => relabel(doubt.id, doubt.expected)}>
        Change <${Key}>c<//></button>
    </p></div>`}</div>`;
}

const WAYS = {
  measure: "Measuring: a random sample in strata, which gives an honest accuracy.",
  teach: "Teaching: the texts from which the model learns most.",
};

function Phase({ state }) {
  const set = useAction((phase) => {
    held = null;
    return change("/studio/phase", { phase });
  });
  const done = state.n_measured, all = done + state.n_to_measure;
  const choice = (phase, name) => html`<button aria-pressed=${state.phase === phase}
    disabled=${set.isBusy} onClick=${() => set.run(phase)}>${name}</button>`;
  return html`<div class="phase">
    <div class="row">
      <div class="segments" role="group" aria-label="What the next labels are for">
        ${choice("measure", "Measure")}${choice("teach", "Teach")}
      </div>
      <button class="link" disabled=${set.isBusy} onClick=${() => set.run(null)}>
        Automatic</button>
    </div>
    ${state.n_to_measure > 0 && html`<p class="measuring">
      <progress aria-label="Measuring set" max=${all} value=${done}></progress>
      <span class="fine">${done} of ${all} measured</span></p>`}
    <p class="fine way">${WAYS[state.phase]}</p>
    <${Trouble}>${set.error}<//>
  </div>`;
}

function Help({ isOpen, toggle, classes }) {
  const letters = classKeys(classes);
  const row = (keys, what) => html`<dt>${keys.map((key) => html`<${Key}>${key}<//> `)}</dt>
    <dd>${what}</dd>`;
  return html`<details class="help" open=${isOpen}>
    <summary onClick=${(event) => {
      event.preventDefault();
      toggle();
    }}>Keys <${Key}>?<//></summary>
    <dl>${classes.map((label, i) =>
      row(letters[0] > "9" ? [letters[i], String(i + 1)] : [letters[i]], label))}
      ${row(["s", "space"], "skip this text")}
      ${row(["u", "z"], "undo the last answer")}
      ${row(["k"], "keep a label that is in doubt")}
      ${row(["c"], "change it")}
    </dl></details>`;
}

function Recent({ recent, classes }) {
  if (!recent.length) return null;
  return html`<${Section} title="Last answers" kind="recent"><ol class="lines">
    ${recent.map((one, i) => html`<li key=${one.id}>
      <${Chip} label=${one.label} classes=${classes} />
      <span class="quote" dir="auto">${shorten(one.text)}</span>
      ${i === 0 && html`<button onClick=${takeBack}>Undo</button>`}
    </li>`)}</ol><//>`;
}

function Doubtful({ doubtful, classes }) {
  if (!doubtful.length) return null;
  return html`<${Section} title="Labels in doubt">
    <p class="fine">The other labels and the words speak against these.</p>
    <ul class="lines">${doubtful.map((one) => html`<li key=${one.id}>
      <${Chip} label=${one.label} classes=${classes} />
      <span class="quote" dir="auto">${shorten(one.text)}</span>
      <span class="row">
        <button onClick=${() => relabel(one.id, one.label)}
          aria-label=${`Keep ${one.label} for: ${shorten(one.text, 40)}`}>Keep</button>
        <button onClick=${() => relabel(one.id, one.expected)}
          aria-label=${`Change to ${one.expected}: ${shorten(one.text, 40)}`}>
          Change to ${one.expected}</button>
      </span></li>`)}</ul><//>`;
}

function NothingLeft({ state }) {
  if (state.status === "preparing" || state.pending) {
    return html`<div class="card empty" role="status"><p>${state.message ||
      "The next texts are on their way."}</p><progress aria-label="Preparing"></progress></div>`;
  }
  return html`<${Empty} to="use" label="Use the model">
    Every text has its answer: ${counted(state.project.n_labelled, "label")},
    ${" "}${state.project.n_skipped} skipped.<//>`;
}

export function Label({ state }) {
  const [isHelp, setHelp] = useState(false), { classes } = state.project;
  const toggle = () => setHelp((was) => !was);
  useEffect(() => {
    const listen = (event) => onKey(event, toggle);
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, []);
  if (state.status === "empty") {
    return html`<${Empty} to="data" label="Add texts">There is nothing to label yet.<//>`;
  }
  const item = currentItem(state);
  return html`<div class="label-tab">
    <div class="work">
      <${Brief} state=${state} />
      <${Phase} state=${state} />
      ${item ? html`<${Card} item=${item} classes=${classes} />`
        : html`<${NothingLeft} state=${state} />`}
      <${Trouble}>${store.refused && `An answer was not taken: ${store.refused}`}<//>
      <${AnswerButtons} classes=${classes} canAnswer=${item} canUndo=${state.recent.length > 0}>
        <${DoubtBar} doubt=${state.doubt} classes=${classes} /><//>
      <${Help} isOpen=${isHelp} toggle=${toggle} classes=${classes} />
    </div>
    <${Quality} state=${state} />
    <${Doubtful} doubtful=${state.doubtful} classes=${classes} />
    <${Recent} recent=${state.recent} classes=${classes} />
  </div>`;
}
