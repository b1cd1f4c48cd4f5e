// The page: one text while it is typed, or a file of them. Texts are set as text, never as HTML.
const at = (id) => document.getElementById(id);
const model = makeModel(JSON.parse(at("model").textContent));
window.SentimentModel = model;

const MOST_TINTED = 200, STRONG = 0.5, WEAK = 0.1, BATCH = 500;
const percent = (p) => `${(100 * p).toFixed(1)} %`;

function make(tag, text, name) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (name) made.className = name;
  return made;
}

const logOdds = (p) => {
  const held = Math.min(Math.max(p, 1e-9), 1 - 1e-9);
  return Math.log(held / (1 - held));
};

// marks the words without which the log odds of the label change
function tint(text, answer) {
  const parts = text.split(/(\s+)/), words = parts.filter((part) => part.trim());
  at("key").hidden = true;
  if (!answer.coverage || words.length > MOST_TINTED) return at("tinted").replaceChildren();
  const best = model.labels.indexOf(answer.label);
  const shown = parts.map((part, i) => {
    if (!part.trim()) return document.createTextNode(part);
    const rest = [...parts.slice(0, i), ...parts.slice(i + 1)].join("");
    const [without] = model.predict([rest]);
    const share = logOdds(answer.probability) - logOdds(without.probabilities[best]);
    if (Math.abs(share) < WEAK) return document.createTextNode(part);
    at("key").hidden = false;
    const side = share > 0 ? "for" : "against";
    return make("mark", part, Math.abs(share) < STRONG ? `${side} weak` : side);
  });
  at("tinted").replaceChildren(...shown);
}

function answer() {
  const text = at("text").value, [given] = model.predict([text]);
  const isEmpty = !text.trim();
  at("label").textContent = isEmpty ? "" : String(given.label);
  at("probability").textContent = isEmpty ? "" : percent(given.probability);
  at("coverage").textContent = isEmpty ? ""
    : given.coverage ? `${percent(given.coverage)} of the words known`
    : "no word is known: this is the share of the label at large";
  const rows = model.labels.map((label, i) => {
    const row = make("div", ""), meter = make("meter", "");
    meter.value = given.probabilities[i];
    meter.setAttribute("aria-label", String(label));
    row.append(make("span", `${label} ${percent(given.probabilities[i])}`), meter);
    return row;
  });
  at("shares").replaceChildren(...(isEmpty ? [] : rows));
  tint(text, given);
}

// as corpus/formulas.py: an apostrophe keeps a spreadsheet from running a text as a formula
const FORMULA =
  /^'*\s*(?:[=＝]|[-+@－＋＠](?=[^]*?(?:[\p{L}\p{N}_]\s?\(|\||!\$?[A-Za-z])))/u;
function cell(value) {
  const text = typeof value === "string" && FORMULA.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

let run = 0;
async function predictFile(file) {
  const own = ++run;
  at("save").hidden = true;
  const texts = (await file.text()).replace(/^\ufeff/, "").split(/\r\n|\r|\n/);
  if (texts[texts.length - 1] === "") texts.pop();
  const rows = ["text,label,probability,coverage\r\n"];
  for (let i = 0; i < texts.length && own === run; i += BATCH) {
    const batch = texts.slice(i, i + BATCH);
    model.predict(batch).forEach((given, j) => {
      const figures = [given.probability.toFixed(6), given.coverage.toFixed(6)];
      rows.push(`${[cell(batch[j]), cell(given.label), ...figures].join(",")}\r\n`);
    });
    at("progress").textContent = `${rows.length - 1} of ${texts.length} texts`;
    await new Promise((done) => setTimeout(done));
  }
  if (own !== run) return;
  const link = at("save");
  if (link.href) URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(new Blob(["\ufeff", ...rows], { type: "text/csv" }));
  link.hidden = false;
  at("progress").textContent = `${texts.length} texts predicted`;
}

function showCard() {
  const { card } = model, lines = [
    `${card.name}: ${card.language}; labels ${card.labels.join(", ")}`,
    ...card.training,
    `${card.words} words, vectors of ${card.dimensions} numbers (${card.precision})`,
    ...(card.sources.length ? ["Texts that it learned from, and their terms:"] : []),
    ...card.sources,
    "Made by sentiment_transfer (MIT licence; its list of stop words: BSD licence). " +
      "For code: SentimentModel.predict([\"It was great.\"])",
  ];
  at("card").replaceChildren(...lines.map((line) => make("p", line)));
}

at("text").addEventListener("input", answer);
at("file").addEventListener("change", ({ target }) => {
  if (target.files.length) predictFile(target.files[0]).catch((error) => {
    at("progress").textContent = String(error.message);
  });
});
showCard();
answer();
