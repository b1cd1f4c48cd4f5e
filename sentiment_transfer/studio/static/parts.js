// Pieces that several tabs share.

import { html, useRef, useState } from "./preact.js";
import { cancelJob } from "./store.js";
import { count, duration, sentence } from "./format.js";

// Work that a button starts: whether it runs, and what went wrong.
export function useAction(work) {
  const [isBusy, setBusy] = useState(false), [error, setError] = useState("");
  const run = async (...given) => {
    setBusy(true);
    setError("");
    try {
      return await work(...given);
    } catch (failure) {
      setError(failure.message);
    } finally {
      setBusy(false);
    }
  };
  return { run, isBusy, error };
}

export const Trouble = ({ children }) =>
  children ? html`<p class="trouble" role="alert">
    ${typeof children === "string" ? sentence(children) : children}</p>` : null;

export function Button({ action, given = [], kind = "", children, disabled }) {
  return html`<button class=${kind} disabled=${disabled || action.isBusy}
    onClick=${() => action.run(...given)}>${children}</button>`;
}

export const Section = ({ title, children, kind = "" }) =>
  html`<section class=${`card ${kind}`}><h2>${title}</h2>${children}</section>`;

// What to do when there is nothing to show yet.
export const Empty = ({ children, to, label }) => html`<div class="card empty">
  <p>${children}</p>${to && html`<p><a class="button" href=${`#${to}`}>${label}</a></p>`}
</div>`;

export const NotReady = ({ state }) => html`<${Empty} to="data" label="Add texts">
  ${sentence(state.message) || "There is no model yet; it needs texts first."}<//>`;

export function FileButton({ take, kind = "", disabled, accept, label }) {
  const input = useRef();
  const choose = ({ target }) => {
    const [file] = target.files;
    if (file) take(file);
    target.value = ""; // the same file may come again, mended
  };
  return html`<p><button class=${kind} disabled=${disabled}
    onClick=${() => input.current.click()}>Choose a file</button>
    <input ref=${input} type="file" hidden accept=${accept} aria-label=${label}
      onChange=${choose} /></p>`;
}

export const Verdict = ({ verdict, isShort }) => verdict && html`<div class="verdict">
  ${!isShort && html`<p class="found">${sentence(verdict.found)}</p>`}
  <p>${sentence(verdict.next_step)}</p>
  ${verdict.evidence && !isShort && html`<details class="why"><summary>Why</summary>
    <p class="fine">${sentence(verdict.evidence)}</p></details>`}
</div>`;


export function JobView({ job }) {
  const cancel = useAction(() => cancelJob(job.kind));
  if (!job) return null;
  if (job.status !== "running") {
    if (job.status === "failed") return html`<${Trouble}>It failed: ${sentence(job.message)}<//>`;
    return job.status === "cancelled" ? html`<p class="note" role="status">Cancelled.</p>` : null;
  }
  const isKnown = job.total > 0;
  return html`<div class="job">
    <p role="status">${sentence(job.message) || "Working"}</p>
    <progress aria-label="Progress" max=${isKnown ? job.total : undefined}
      value=${isKnown ? job.done : undefined}></progress>
    <p class="fine">
      ${isKnown && `${count(Math.floor(job.done))} of ${count(job.total)} ${job.unit}; `}
      ${duration(job.seconds)} so far${left(job)}
    </p>
    <${Button} action=${cancel}>Cancel<//>
    <${Trouble}>${cancel.error}<//>
  </div>`;
}

const left = ({ seconds_left: seconds }) =>
  (seconds === null ? "" : `, ${seconds < 1 ? "" : "about "}${duration(seconds)} left`);

export const isRunning = (job) => job?.status === "running";

// A table that scrolls by itself on a narrow screen, by keys too.
export function Table({ label, header, rows }) {
  return html`<div class="scroll" role="region" tabindex="0" aria-label=${label}><table>
    <thead><tr>${header.map((name) =>
      (name ? html`<th scope="col">${name}</th>` : html`<td></td>`))}</tr></thead>
    <tbody>${rows.map((row) => html`<tr>${row.map((cell) =>
      html`<td class=${String(cell).length < 13 ? "short" : ""}>${cell}</td>`)}</tr>`)}</tbody>
  </table></div>`;
}

// A share of 100 %, with its interval as a band.
export function IntervalBar({ value, low, high, label, kind = "" }) {
  const place = (p) => `${100 * p}%`;
  return html`<div class=${`interval ${kind}`} role="img" aria-label=${label}>
    <div class="band" style=${{ left: place(low), width: place(high - low) }}></div>
    <div class="point" style=${{ left: place(value) }}></div>
  </div>`;
}
