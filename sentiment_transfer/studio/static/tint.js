// A text with the words marked that speak for a side: by colour and by the kind of underline.

import { html } from "./preact.js";
import { side } from "./format.js";

const WEAK = 0.1, STRONG = 0.5; // log odds, as on the exported page

export function markOf(weight, isForPlus, weak = WEAK, strong = STRONG) {
  if (Math.abs(weight) < weak) return null;
  const isPlus = weight > 0 === isForPlus;
  return `${isPlus ? "plus" : "minus"}${Math.abs(weight) < strong ? " weak" : ""}`;
}

// `pieces` are contributions to `label`; with two classes they are shown as the side they favour.
export function Tinted({ text, pieces, gaps, label, classes }) {
  if (!pieces?.length) return text;
  const isForPlus = classes.length > 2 || side(classes, label) === "plus";
  const parts = [gaps[0]];
  pieces.forEach(({ piece, log_odds: logOdds }, i) => {
    const mark = markOf(logOdds, isForPlus);
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
