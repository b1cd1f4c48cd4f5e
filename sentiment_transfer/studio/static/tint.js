// A text with the words marked that speak for a side: by colour and by the kind of underline.

import { html } from "./preact.js";
import { side } from "./format.js";

const WEAK = 0.1, STRONG = 0.5; // log odds, as on the exported page

// `pieces` are contributions to `label`; with two classes they are shown as the side they favour.
function markOf(logOdds, label, classes) {
  if (Math.abs(logOdds) < WEAK) return null;
  const isFor = logOdds > 0;
  const isPlus = classes.length === 2 && side(classes, label) === "minus" ? !isFor : isFor;
  return `${isPlus ? "plus" : "minus"}${Math.abs(logOdds) < STRONG ? " weak" : ""}`;
}

export function Tinted({ text, pieces, gaps, label, classes }) {
  if (!pieces?.length) return text;
  const parts = [gaps[0]];
  pieces.forEach(({ piece, log_odds: logOdds }, i) => {
    const mark = markOf(logOdds, label, classes);
    parts.push(mark ? html`<mark class=${mark}>${piece}</mark>` : piece, gaps[i + 1]);
  });
  return parts;
}

export function TintKey({ pieces, label, classes }) {
  const isMarked = pieces?.some(({ log_odds: logOdds }) => Math.abs(logOdds) >= WEAK);
  if (!isMarked) return null;
  const [minus, plus] = classes.length === 2
    ? [`for ${classes[0]}`, `for ${classes[1]}`] : [`against ${label}`, `for ${label}`];
  return html`<p class="fine key">Words: <mark class="plus">${plus}</mark>${" "}
    <mark class="minus">${minus}</mark></p>`;
}
