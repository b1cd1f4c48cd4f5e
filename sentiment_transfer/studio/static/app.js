// The frame: tabs, and what is said about the server as a whole.

import { html, render, useEffect, useErrorBoundary, useReducer, useState } from "./preact.js";
import { isLocked, takeToken } from "./api.js";
import { answers, follow, shown, store, subscribe } from "./store.js";
import { counted, sentence } from "./format.js";
import { Compare } from "./compare.js";
import { Data } from "./data.js";
import { Label } from "./label.js";
import { Trouble } from "./parts.js";
import { Overview } from "./overview.js";
import { Pretrain } from "./pretrain.js";
import { Try } from "./try.js";
import { Use } from "./use.js";

const TABS = {
  data: ["Data", Data], pretrain: ["Pretrain", Pretrain], label: ["Label", Label],
  try: ["Try", Try], compare: ["Compare", Compare], overview: ["Overview", Overview],
  use: ["Use", Use],
};

// The tab is in the address, so that a reload keeps it; a pasted link may bring a new token.
function useTab(state) {
  const [name, setName] = useState(location.hash.slice(1));
  useEffect(() => {
    const change = () => {
      takeToken();
      setName(location.hash.slice(1));
      scrollTo(0, 0);
    };
    addEventListener("hashchange", change);
    return () => removeEventListener("hashchange", change);
  }, []);
  // the first one is chosen once, by what the project holds then
  const isKnown = name in TABS, first = state && (state.status === "empty" ? "data" : "label");
  useEffect(() => {
    if (isKnown || !first || location.hash.slice(1) in TABS) return; // chosen since
    history.replaceState(null, "", `#${first}`);
    setName(first);
  }, [isKnown, first]);
  return isKnown ? name : first ?? "label";
}

const Locked = () => html`<main class="card lone">
  <h1>sentiment-transfer studio</h1>
  <p>This page needs the link that the command printed: it holds a key, so that no other page can
    change your labels.</p>
  <p>Open it from the window where the studio runs, or start it again:</p>
  <pre><code>sentiment-transfer studio</code></pre>
</main>`;

const Gone = ({ waiting }) => html`<div class="banner" role="alert">
  <b>The server does not answer.</b> Start the command again:${" "}
  <code>sentiment-transfer studio …</code>.
  ${waiting > 0 && ` ${counted(waiting, "answer")} kept here until then.`}
  ${" "}This page goes on by itself.</div>`;

function Header({ tab, state }) {
  useEffect(() => {
    const link = document.querySelector("nav [aria-current]");
    link?.scrollIntoView({ inline: "center", block: "nearest" });
  }, [tab]);
  const { n_texts: texts, n_labelled: labels } = state.project;
  return html`<header>
    <a class="skip" href="#content" onClick=${(event) => {
      event.preventDefault();
      document.getElementById("content").focus();
    }}>To the content</a>
    <p class="name"><b>studio</b><span class="fine">
      ${texts ? `${counted(texts, "text")}, ${counted(labels, "label")}` : "sentiment-transfer"}
    </span></p>
    <nav aria-label="Tabs"><ul>${Object.entries(TABS).map(([name, [title]]) => html`<li>
      <a href=${`#${name}`} aria-current=${name === tab ? "page" : undefined}>${title}</a></li>`)}
    </ul></nav>
  </header>`;
}

// A tab that cannot be drawn does not take the others with it.
function Held({ Tab, state }) {
  const [error] = useErrorBoundary();
  return error ? html`<${Trouble}>This tab cannot be shown: ${error.message}<//>`
    : html`<${Tab} state=${state} />`;
}

function App() {
  const [, redraw] = useReducer((n) => n + 1, 0);
  useEffect(() => subscribe(redraw), []);
  const { gone, trouble } = store;
  const state = store.state && shown(), tab = useTab(state);
  const [title, Tab] = TABS[tab];
  useEffect(() => {
    document.title = `${title} – studio`;
  }, [title]);
  if (isLocked()) return html`<${Locked} />`;
  if (!state) {
    return html`<main class="lone">${gone ? html`<${Gone} waiting=${0} />`
      : html`<p>${trouble || "Loading …"}</p>`}</main>`;
  }
  return html`<${Header} tab=${tab} state=${state} />
    ${gone && html`<${Gone} waiting=${answers.waiting.length} />`}
    ${trouble && html`<p class="banner" role="alert">${trouble}</p>`}
    <main id="content" tabindex="-1"><h1 class="unseen">${title}</h1>
      ${state.status !== "ready" && state.message &&
        html`<p class="note said" role="status">${sentence(state.message)}</p>`}
      <${Held} key=${tab} Tab=${Tab} state=${state} /></main>`;
}

takeToken();
follow();
render(html`<${App} />`, document.getElementById("app"));
