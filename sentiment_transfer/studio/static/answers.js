// Answers on their way to the server. None is lost, and none counts twice:
// - an answer is written to sessionStorage before anything else, and leaves it when the server
//   has confirmed it, so it survives a reload and a server that is gone;
// - they are sent one after the other, in their order, and again until the server has answered;
// - to send a label twice changes nothing. To undo twice would: an undo that may have arrived is
//   sent again only if the server still has what it takes back as the last answer.

import { Refused } from "./api.js";

const KEPT = "studio.answers";
const LEFT = "studio.answers.left"; // by a closed tab, for the next one
const RETRY_MS = 1000;

const PATHS = {
  answer: ({ id, label, guess, probability }) =>
    ["/studio/answer", { id, label, guess, probability }],
  relabel: ({ id, label }) => ["/studio/relabel", { id, label }],
  undo: ({ answer }) => ["/studio/undo", { answer }],
};

// The server understood and said no: to send it again would not help.
const isFinal = (error) =>
  error instanceof Refused && error.status < 500 && ![401, 408, 429].includes(error.status);

const isLast = ([last], { id, label }) => last?.id === id && last.label === label;

const read = (storage, key) => JSON.parse(storage.getItem(key) ?? "[]");

export class Answers {
  // `post` sends and returns a state, `refresh` fetches one, `accept` takes it, `refused` says
  // that an answer was not taken, `changed` draws.
  constructor({ post, refresh, accept, refused, changed }) {
    Object.assign(this, { post, refresh, accept, refused, changed });
    this.waiting = [];
    this.running = false;
  }

  // What an earlier page of the same project left; answers of other projects wait for theirs.
  restore(project) {
    this.project = project;
    const all = [...read(localStorage, LEFT), ...read(sessionStorage, KEPT)];
    this.waiting = all.filter((step) => step.project === project);
    const others = all.filter((step) => step.project !== project);
    localStorage.setItem(LEFT, JSON.stringify(others));
    this.keep();
    this.run();
  }

  // sessionStorage ends with its tab.
  leave() {
    if (!this.waiting.length) return;
    localStorage.setItem(LEFT, JSON.stringify([...read(localStorage, LEFT), ...this.waiting]));
    sessionStorage.removeItem(KEPT);
  }

  keep() {
    sessionStorage.setItem(KEPT, JSON.stringify(this.waiting));
  }

  add(step) {
    this.waiting.push({ ...step, project: this.project });
    this.keep();
    this.changed();
    this.run();
  }

  // What was not sent yet is simply taken back. `of` says what the last answer was: a new label of
  // a text that had one is undone to the old label.
  undo({ id, label }, of = "answer") {
    const last = this.waiting.at(-1);
    if (last?.id !== id || last.kind === "undo" || last.sent) {
      return this.add({ kind: "undo", id, label, of });
    }
    this.waiting.pop();
    this.keep();
    this.changed();
  }

  async run() {
    if (this.running) return;
    this.running = true;
    while (this.waiting.length && await this.sendFirst());
    this.running = false;
    if (this.waiting.length) setTimeout(() => this.run(), RETRY_MS);
  }

  async sendFirst() {
    const step = this.waiting[0];
    try {
      const isOpen = step.kind === "undo" && !step.answer; // which one is not known yet
      if (step.sent || isOpen) {
        const { recent } = await this.refresh();
        if (step !== this.waiting[0]) return true; // the server has another project now
        if (isOpen && !isLast(recent, step)) return this.done();
        if (isOpen) step.answer = recent[0].answer;
      }
      step.sent = true;
      this.keep();
      const state = await this.post(...PATHS[step.kind](step));
      this.done();
      this.accept(state);
    } catch (error) {
      if (!isFinal(error)) {
        this.changed();
        return false;
      }
      this.done();
      this.refused(error.message);
    }
    return true;
  }

  done() {
    this.waiting.shift();
    this.keep();
    this.changed();
    return true;
  }
}

// The state as it will be when the waiting answers have arrived. `seen` holds the texts that were
// shown, by number: an undo brings one back.
export function expected(state, waiting, seen) {
  let { queue, recent, doubtful, doubt } = state;
  const without = (list, id) => list.filter((one) => one.id !== id);
  for (const step of waiting) {
    if (step.kind === "answer") {
      const text = seen.get(step.id)?.text ?? "";
      queue = without(queue, step.id);
      recent = [{ id: step.id, text, label: step.label }, ...without(recent, step.id)];
    } else if (step.kind === "undo" && step.of === "answer" && recent[0]?.id === step.id) {
      const item = seen.get(step.id) ?? asItem(recent[0]);
      recent = recent.slice(1);
      queue = [item, ...without(queue, step.id)];
      if (doubt?.id === step.id) doubt = null;
    } else if (step.kind === "relabel") {
      const { text } = [...recent, ...doubtful].find((one) => one.id === step.id) ?? { text: "" };
      recent = [{ id: step.id, text, label: step.label }, ...without(recent, step.id)];
      doubtful = without(doubtful, step.id);
      if (doubt?.id === step.id) doubt = null;
    }
  }
  return { ...state, queue, recent, doubtful, doubt };
}

const asItem = ({ id, text }) => ({
  id, text, way: "teach", guess: null, probability: null, coverage: 1, pieces: [], gaps: [text],
});
