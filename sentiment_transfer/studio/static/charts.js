// Curves by uPlot, which is loaded as a script of its own. Each has its content in words too.

import { html, useEffect, useRef, useState } from "./preact.js";
import { percent, count } from "./format.js";

// Of lines that are compared.
const STYLES = [{ colour: "plus" }, { colour: "minus", isDashed: true }, { colour: "muted" }];
const theme = matchMedia("(prefers-color-scheme: dark)");

function colours(element) {
  const style = getComputedStyle(element);
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: of("ink"), muted: of("muted"), line: of("line"), plus: of("plus"), minus: of("minus"),
    plusBand: of("plus-band"), minusBand: of("minus-band"), mutedBand: of("muted-band"),
  };
}

const BOUNDS = [{ isBound: true }, { isBound: true }]; // of a band
const FONT = "12px system-ui, sans-serif";

function axis(colour, more) {
  return {
    stroke: colour.muted, font: FONT, gap: 4, grid: { stroke: colour.line, width: 1 },
    ticks: { show: false }, ...more,
  };
}

// uPlot has no series before the first of `lines`: that place is the x axis.
function series(line, colour) {
  if (line.isBound) return { stroke: "transparent", width: 0, points: { show: false } };
  const stroke = colour[line.colour ?? "plus"];
  return {
    label: line.name, stroke, width: 2, dash: line.isDashed ? [5, 4] : undefined, spanGaps: true,
    points: { show: line.hasPoints ?? false, size: 6, width: 2, stroke, fill: stroke },
  };
}

function options({ lines, bands = [], range, xRange, size, format, xFormat }, colour, hover) {
  return {
    ...size, legend: { show: false }, padding: [8, 18, 0, 0],
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: { x: { time: false, range: xRange }, y: { range } },
    axes: [
      axis(colour, {
        size: 28, space: 60, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000],
        ...(xFormat && { values: (_, ticks) => ticks.map(xFormat) }),
      }),
      axis(colour, { size: 46, space: 26, values: (_, ticks) => ticks.map(format) }),
    ],
    series: [{}, ...lines.map((line) => series(line, colour))],
    bands: bands.map((band, i) => ({
      series: band, fill: colour[`${STYLES[i % STYLES.length].colour}Band`],
    })),
    hooks: { setCursor: [(plot) => hover(plot.cursor.idx)] },
  };
}

// `data` is [x, ...one list a line]; `summary` is what the curve says, in a sentence.
export function Chart({ data, summary, describe, height = 130, ...shape }) {
  const place = useRef(), plot = useRef(), [at, setAt] = useState(null);
  const [isDark, setDark] = useState(theme.matches);
  const structure = JSON.stringify([shape.lines, shape.bands, isDark, height]);

  useEffect(() => {
    const change = () => setDark(theme.matches);
    theme.addEventListener("change", change);
    return () => theme.removeEventListener("change", change);
  }, []);

  useEffect(() => {
    const size = { width: place.current.clientWidth, height };
    const made = options({ ...shape, size }, colours(place.current), setAt);
    plot.current = new window.uPlot(made, data, place.current);
    const fit = new ResizeObserver(() =>
      plot.current.setSize({ width: place.current.clientWidth, height }));
    fit.observe(place.current);
    return () => {
      fit.disconnect();
      plot.current.destroy();
    };
  }, [structure]);

  useEffect(() => plot.current.setData(data), [JSON.stringify(data)]);

  const isAt = at !== null && at !== undefined && data[0][at] !== undefined;
  return html`<figure class="chart">
    <div class="plot" ref=${place} role="img" aria-label=${summary}></div>
    <figcaption class="fine">${isAt ? describe(at) : summary}</figcaption>
  </figure>`;
}

const accuracyRange = (_, low) => [Math.max(0, Math.floor(10 * Math.min(low ?? 0.5, 0.5)) / 10), 1];
const fromZero = (least) => (_, low, high) => [0, Math.max(high ?? 0, least)];
const span = ({ accuracy, low, high }) =>
  `${percent(accuracy)} (${Math.round(100 * low)} to ${Math.round(100 * high)})`;

export const budgets = (points) =>
  [...new Set(points.map((one) => one.n_labels))].sort((a, b) => a - b);

// The estimate of the accuracy after each label that measures.
export function HistoryChart({ history }) {
  const last = history.at(-1);
  return html`<${Chart}
    data=${["n_labels", "high", "low", "accuracy"].map((key) => history.map((one) => one[key]))}
    lines=${[...BOUNDS, { name: "accuracy", hasPoints: true }]}
    bands=${[[1, 2]]} range=${accuracyRange} xRange=${fromZero(10)} format=${percent}
    describe=${(i) => `After ${history[i].n_labels} labels: ${span(history[i])}.`}
    summary=${`Accuracy after ${last.n_labels} measured labels: ${span(last)}. ` +
      "The band is the 95 % interval."}
  />`;
}

// Accuracy by number of labels, and what more of them would bring.
export function LearningChart({ curve: { points, forecasts } }) {
  const end = points.at(-1);
  const ahead = end ? [{ ...end, low: end.accuracy, high: end.accuracy }, ...forecasts] : forecasts;
  const xs = budgets([...points, ...ahead]);
  const at = (list, key) => xs.map((x) => list.find((one) => one.n_labels === x)?.[key] ?? null);
  const last = forecasts.at(-1);
  const describe = (i) => {
    const next = forecasts.find((one) => one.n_labels === xs[i]);
    if (next) return `With ${count(xs[i])} labels, expected: ${span(next)}.`;
    return `With ${count(xs[i])} labels: ${percent(at(points, "accuracy")[i])}.`;
  };
  return html`<${Chart}
    data=${[xs, at(ahead, "high"), at(ahead, "low"), at(points, "accuracy"), at(ahead, "accuracy")]}
    lines=${[
      ...BOUNDS, { name: "measured", hasPoints: true },
      { name: "expected", isDashed: true, colour: "ink" },
    ]}
    bands=${[[1, 2]]} range=${accuracyRange} xRange=${fromZero(10)} format=${percent}
    describe=${describe}
    summary=${last
      ? `Solid: so far. Dashed: expected, ${span(last)} with ${count(last.n_labels)} labels.`
      : "Accuracy by number of labels so far."}
  />`;
}

// Shares over time, one point a period.
export function GroupsChart({ groups }) {
  const at = (key) => groups.map((one) => one[key]);
  return html`<${Chart} height=${180}
    data=${[groups.map((_, i) => i), at("high"), at("low"), at("share")]}
    lines=${[...BOUNDS, { name: "share", hasPoints: true }]}
    bands=${[[1, 2]]} range=${[0, 1]} xRange=${(_, low, high) => [low - 0.3, high + 0.3]}
    format=${percent} xFormat=${(i) => groups[i]?.name ?? ""}
    describe=${(i) => `${groups[i].name}: ${span({ ...groups[i], accuracy: groups[i].share })}.`}
    summary=${`From ${groups[0].name} to ${groups.at(-1).name}; the band is the 95 % interval.`}
  />`;
}

export function LossChart({ losses }) {
  return html`<${Chart}
    data=${[losses.map((_, i) => i + 1), losses]} lines=${[{ name: "loss" }]}
    range=${(_, low, high) => [low - 0.05 * (high - low || 1), high + 0.05 * (high - low || 1)]}
    xRange=${(_, low, high) => [1, Math.max(high ?? 0, 2)]} format=${(v) => v.toFixed(2)}
    describe=${(i) => `Loss ${losses[i].toFixed(4)}.`}
    summary=${`Loss: ${losses.at(-1).toFixed(4)}; lower is better.`}
  />`;
}

// One line an arm: [{ name, points: [{ n_labels, accuracy, low, high }] }].
export function ArmsChart({ arms }) {
  const xs = budgets(arms.flatMap((arm) => arm.points));
  const at = (arm, key) =>
    xs.map((x) => arm.points.find((one) => one.n_labels === x)?.[key] ?? null);
  const bounds = arms.flatMap((arm) => [at(arm, "high"), at(arm, "low")]);
  return html`<${Chart} height=${260}
    data=${[xs, ...bounds, ...arms.map((arm) => at(arm, "accuracy"))]}
    lines=${[
      ...bounds.map(() => ({ isBound: true })),
      ...arms.map((arm, i) => ({ name: arm.name, hasPoints: true, ...STYLES[i % STYLES.length] })),
    ]}
    bands=${arms.map((_, i) => [2 * i + 1, 2 * i + 2])}
    range=${accuracyRange} xRange=${fromZero(10)} format=${percent}
    describe=${(i) => `${count(xs[i])} labels: ` +
      arms.map((arm) => `${arm.name} ${percent(at(arm, "accuracy")[i] ?? 0)}`).join(", ") + "."}
    summary="Accuracy by number of labels; the bands are what most draws reach."
  />`;
}
