// The model leaves: as a file, as a page, or asked over HTTP.

import { html, useState } from "./preact.js";
import { download } from "./api.js";
import { Button, NotReady, Section, Trouble, useAction } from "./parts.js";

const SENTENCE = "It was great, I loved it.";

const curl = (at) => `curl ${at}/v1/predict \\
  -H "content-type: application/json" \\
  -d '{"texts": ["${SENTENCE}"]}'`;

const python = (at) => `import json, urllib.request

request = urllib.request.Request(
    "${at}/v1/predict",
    json.dumps({"texts": ["${SENTENCE}"]}).encode(),
    {"content-type": "application/json"},
)
print(json.load(urllib.request.urlopen(request)))`;

const javascript = (at) => `const response = await fetch("${at}/v1/predict", {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ texts: ["${SENTENCE}"] }),
});
console.log(await response.json());`;

const FROM_FILE = `from sentiment_transfer import load

model = load("model.safetensors")
print(model.predict(["${SENTENCE}"]))`;

const SERVE = "sentiment-transfer serve model.safetensors";

function Code({ name, children }) {
  const [isCopied, setCopied] = useState(false);
  const copy = useAction(async () => {
    await navigator.clipboard.writeText(children);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  });
  return html`<div class="code">
    <div class="row spread"><h3>${name}</h3>
      <button onClick=${() => copy.run()} aria-label=${`Copy: ${name}`}>
        ${isCopied ? "Copied" : "Copy"}</button></div>
    <pre tabindex="0" role="region" aria-label=${name}><code>${children}</code></pre>
    <span role="status" class="unseen">${isCopied ? "Copied" : ""}</span>
    <${Trouble}>${copy.error}<//>
  </div>`;
}

function Take() {
  const take = useAction((name) => download(`/studio/${name}`, name));
  return html`<${Section} title="Take the model with you">
    <p class="row">
      <${Button} kind="main" action=${take} given=${["model.safetensors"]}>Download the model<//>
      <${Button} action=${take} given=${["model.html"]}>Download as a page<//></p>
    <p class="fine">The model is a file for Python and for the server. The page is a file that works
      by double click, without a network.</p>
    <${Trouble}>${take.error}<//>
    <${Code} name="Python, from the file">${FROM_FILE}<//>
    <${Code} name="Serve the file by itself">${SERVE}<//>
  <//>`;
}

const Ask = ({ at }) => html`<${Section} title="Ask it over HTTP">
  <p>As long as the studio runs, it answers at <code>${at}/v1/predict</code>, on this machine.</p>
  <${Code} name="curl">${curl(at)}<//>
  <${Code} name="Python">${python(at)}<//>
  <${Code} name="JavaScript, in Node">${javascript(at)}<//>
<//>`;

export function Use({ state }) {
  if (state.status === "preparing") return html`<${NotReady} state=${state} />`;
  return html`<div class="columns even"><${Take} /><${Ask} at=${location.origin} /></div>`;
}
