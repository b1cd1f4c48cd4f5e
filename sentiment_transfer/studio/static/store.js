// What the page knows: the last state of the server, and whether the server is there.

import { Answers, expected } from "./answers.js";
import { get, isLocked, post, ServerGone } from "./api.js";

const RETRY_MS = 1000;

export const store = {
  state: null,
  gone: false, // the server does not answer
  trouble: "", // another answer than a state
  refused: "", // an answer that the server did not take
};

const listeners = new Set();
const draw = () => listeners.forEach((listener) => listener());

export function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const seen = new Map();

// An older state may arrive after a newer one; after a new start, versions begin at 0.
function accept(state, anyVersion = false) {
  const known = store.state;
  if (known && !anyVersion && state.version < known.version) return;
  store.state = state;
  if (state.project.id !== known?.project.id) answers.restore(state.project.id);
  state.queue.forEach((item) => seen.set(item.id, item));
  draw();
}

async function refresh() {
  const state = await get("/studio/state?since=-1");
  accept(state, true);
  return state;
}

export const answers = new Answers({
  post,
  refresh,
  accept,
  changed: draw,
  refused(message) {
    store.refused = message;
    draw();
  },
});

export const shown = () => expected(store.state, answers.waiting, seen);

const relabelled = new Map(); // how often, by text

export const labelText = ({ id, guess, probability }, label) => {
  store.refused = "";
  answers.add({ kind: "answer", id, label, guess, probability });
};

export const relabel = (id, label) => {
  relabelled.set(id, (relabelled.get(id) ?? 0) + 1);
  answers.add({ kind: "relabel", id, label });
};

// Says what was taken back: an answer, or a new label of an older one.
export const undo = () => {
  const [last] = shown().recent;
  if (!last) return null;
  const times = relabelled.get(last.id) ?? 0, of = times ? "relabel" : "answer";
  if (times) relabelled.set(last.id, times - 1);
  answers.undo(last, of);
  return of;
};

// Any other change; errors go to the caller.
export async function change(path, body = {}) {
  try {
    accept(await post(path, body));
  } finally {
    draw(); // the token may have turned out to be old
  }
}

export const startJob = (kind, more = {}) => change("/studio/jobs", { kind, ...more });
export const cancelJob = (kind) => change("/studio/cancel", { kind });
export const jobOf = (state, kind) => state.jobs.findLast((job) => job.kind === kind);

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function noteFailure(error) {
  store.gone = error instanceof ServerGone;
  store.trouble = store.gone || isLocked() ? "" : error.message;
}

// One request at a time; the server answers when something changes, within 20 seconds.
export async function follow() {
  let isFresh = false;
  for (;;) {
    try {
      const state = await get(`/studio/state?since=${isFresh ? store.state.version : -1}`);
      Object.assign(store, { gone: false, trouble: "" });
      accept(state, !isFresh);
      isFresh = true;
    } catch (error) {
      isFresh = false;
      noteFailure(error);
      draw();
      await pause(RETRY_MS);
    }
  }
}

addEventListener("pagehide", () => answers.leave());
addEventListener("pageshow", (event) => event.persisted && location.reload());
