"""The page of the studio: small, self-contained, strict about markup, and lossless with answers."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from sentiment_transfer.advice.labels.forecast import NO_GAIN

STUDIO = Path(str(files("sentiment_transfer.studio")))
STATIC = STUDIO / "static"
OTHERS = {"preact.js", "uplot.js"}
FILES = sorted(path for path in STATIC.iterdir() if path.is_file())
MODULES = [path for path in FILES if path.suffix == ".js" and path.name not in OTHERS]
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed: no JavaScript is run")


def without_comments(source: str) -> str:
    return re.sub(r"/\*.*?\*/|(?m:^\s*//.*$|\s//\s.*$)", "", source, flags=re.DOTALL)


def test_the_whole_page_has_at_most_150_kilobytes_as_it_is() -> None:
    assert len(FILES) > 15
    assert sum(path.stat().st_size for path in FILES) <= 150_000


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_file_names_another_host(path: Path) -> None:
    found = re.findall(r"(?:https?|wss?):?//[\w.:-]*", without_comments(path.read_text("utf-8")))
    assert set(found) <= {"http://www.w3.org"}  # the name of SVG, which nobody fetches


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_no_module_makes_markup_or_code_out_of_text(path: Path) -> None:
    source = without_comments(path.read_text("utf-8"))
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|dangerously|document\.write"
    assert not re.search(rf"{forbidden}|\beval\b|\bFunction\s*\(|import\s*\(", source)
    # a style that is written as text is an inline style, which the policy refuses
    assert not re.search(
        r"\sstyle=(?!\$\{\{)|cssText|setAttribute\(\s*.style|\son\w+=[\"']", source
    )


def test_the_document_has_no_script_and_no_style_of_its_own() -> None:
    document = (STATIC / "index.html").read_text("utf-8")
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", document, flags=re.DOTALL)
    assert scripts
    assert all("src=" in attributes and not body for attributes, body in scripts)
    assert "<style" not in document
    assert not re.search(r"\s(style|on\w+)=", document)
    assert 'lang="en"' in document


def test_whatever_is_loaded_is_there_and_whatever_is_there_is_loaded() -> None:
    document = (STATIC / "index.html").read_text("utf-8")
    loaded = set(re.findall(r'(?:src|href)="/([\w.]+)"', document))
    for path in MODULES:
        loaded |= set(re.findall(r'from "\./([\w.]+)"', path.read_text("utf-8")))
    assert loaded | {"index.html"} == {path.name for path in FILES}


def test_the_notices_hold_the_licence_of_each_library() -> None:
    notices = (STUDIO / "NOTICES.txt").read_text("utf-8")
    assert all(name in notices for name in OTHERS)
    assert "Copyright (c) 2015-present Jason Miller" in notices
    assert "Leon Sorokin" in notices
    assert "Apache License" in notices
    (version,) = re.findall(r"uPlot \(v([\d.]+)\)", (STATIC / "uplot.js").read_text("utf-8")[:80])
    assert f"uPlot {version}" in notices


def test_the_page_knows_the_verdict_of_no_gain_by_its_first_words() -> None:
    (pattern,) = re.findall(r"/\^(.*?)/i\.test", (STATIC / "quality.js").read_text("utf-8"))
    assert NO_GAIN.startswith(pattern)


FAKES = """
const { Answers, expected } = await import(process.argv[1]);
const { Refused, ServerGone } = await import(process.argv[2]);
const storage = () => ({
  kept: {},
  getItem(key) { return this.kept[key] ?? null; },
  setItem(key, value) { this.kept[key] = value; },
  removeItem(key) { delete this.kept[key]; },
});
globalThis.sessionStorage = storage();
globalThis.localStorage = storage();
const pause = globalThis.setTimeout;
globalThis.setTimeout = (work) => pause(work, 0);

let seed = 7;
const chance = () => (seed = (seed * 48271) % 2147483647) / 2147483647;

// applies what it gets as the real one does; requests and responses may be lost on the way
function makeServer(lost) {
  const server = { answers: [], undos: 0, undone: 0, requests: 0 };
  let n = 0;
  const state = () => ({ recent: server.answers.toReversed() });
  const way = () => { if (chance() < lost) throw new ServerGone(); };
  server.refresh = async () => { way(); return state(); };
  server.post = async (path, { id, label, answer }) => {
    way();
    server.requests += 1;
    if (id === 13) throw new Refused(422, "no such text");
    const old = server.answers.find((one) => one.id === id);
    if (path === "/studio/undo") {
      if (server.answers.at(-1)?.answer === answer) { server.undone += 1; server.answers.pop(); }
    } else if (path === "/studio/relabel") old.label = label;
    else if (!old) server.answers.push({ answer: n += 1, id, label });
    way();
    return state();
  };
  return server;
}

function makeAnswers(server, said = []) {
  const answers = new Answers({
    post: server.post, refresh: server.refresh, accept() {}, changed() {},
    refused: (message) => said.push(message),
  });
  answers.restore("project");
  return answers;
}

const settled = async (answers) => {
  while (answers.waiting.length || answers.running) await new Promise((done) => pause(done, 1));
};
"""


def run(script: str) -> Any:  # noqa: ANN401
    """What a script that uses the queue prints, as JSON."""
    names = [(STATIC / name).as_uri() for name in ("answers.js", "api.js")]
    command = [str(NODE), "--input-type=module", "--eval", FAKES + script, *names]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@needs_node
def test_no_answer_is_lost_or_counted_twice_on_a_connection_that_loses_half_of_all() -> None:
    # the reference takes the same keys without any connection in between
    got, wanted, n_undone = run("""
    const server = makeServer(0.5), answers = makeAnswers(server), wanted = [];
    for (let id = 101; id < 401; id += 1) {
      if (chance() < 0.3 && wanted.length) {
        answers.undo(wanted.pop());
      } else {
        const label = ["positive", "negative", null][Math.floor(3 * chance())];
        wanted.push({ id, label });
        answers.add({ kind: "answer", id, label });
      }
      if (chance() < 0.5) await new Promise((done) => pause(done, 1));
    }
    await settled(answers);
    const got = server.answers.map(({ id, label }) => ({ id, label }));
    console.log(JSON.stringify([got, wanted, server.undone]));
    """)
    assert got == wanted
    assert len(wanted) > 50
    assert n_undone > 10


@needs_node
def test_an_answer_that_is_refused_is_said_and_does_not_block_the_next() -> None:
    assert run("""
    const said = [], server = makeServer(0), answers = makeAnswers(server, said);
    answers.add({ kind: "answer", id: 13, label: "positive" });
    answers.add({ kind: "answer", id: 14, label: "positive" });
    await settled(answers);
    console.log(JSON.stringify([said, server.answers]));
    """) == [["no such text"], [{"answer": 1, "id": 14, "label": "positive"}]]


@needs_node
def test_answers_outlive_the_page_and_its_tab_but_not_their_project() -> None:
    assert run("""
    const gone = makeServer(1), first = makeAnswers(gone);
    first.add({ kind: "answer", id: 1, label: "positive" });
    first.run = async () => {};
    const afterReload = JSON.parse(sessionStorage.getItem("studio.answers")).length;
    first.leave(); // the tab is closed
    globalThis.sessionStorage = storage();
    const server = makeServer(0), other = makeAnswers(server);
    other.restore("another project");
    await settled(other);
    const inOther = server.answers.length;
    const third = makeAnswers(server);
    await settled(third);
    console.log(JSON.stringify([afterReload, inOther, server.answers]));
    process.exit(0);
    """) == [1, 0, [{"answer": 1, "id": 1, "label": "positive"}]]


@needs_node
def test_an_answer_that_was_not_sent_is_taken_back_without_a_request() -> None:
    assert run("""
    const server = makeServer(0), answers = makeAnswers(server);
    answers.running = true; // an earlier one is under way
    answers.add({ kind: "answer", id: 1, label: "positive" });
    answers.undo({ id: 1, label: "positive" });
    console.log(JSON.stringify([answers.waiting, server.requests]));
    """) == [[], 0]


@needs_node
def test_the_page_shows_the_state_as_it_will_be_when_waiting_answers_have_arrived() -> None:
    assert run("""
    const item = (id) => ({ id, text: `text ${id}` });
    const seen = new Map([1, 2, 3].map((id) => [id, item(id)]));
    const state = {
      queue: [item(2), item(3)], recent: [{ id: 1, text: "text 1", label: "positive" }],
      doubt: { id: 1 }, doubtful: [{ id: 1 }, { id: 9 }],
    };
    const ids = (shown) => [shown.queue, shown.recent, shown.doubtful].map(
      (list) => list.map((one) => one.id)).concat([shown.doubt?.id ?? null]);
    console.log(JSON.stringify([
      ids(expected(state, [{ kind: "answer", id: 2, label: null }], seen)),
      ids(expected(state, [{ kind: "undo", id: 1, of: "answer" }], seen)),
      ids(expected(state, [{ kind: "undo", id: 1, of: "relabel" }], seen)),
      ids(expected(state, [{ kind: "relabel", id: 1, label: "negative" }], seen)),
      ids(expected(state, [], seen)),
    ]));
    """) == [
        [[3], [2, 1], [1, 9], 1],
        [[1, 2, 3], [], [1, 9], None],
        [[2, 3], [1], [1, 9], 1],
        [[2, 3], [1], [9], None],
        [[2, 3], [1], [1, 9], 1],
    ]
