"""A model as a page and as a script: the same answers as in Python, and nothing else in the page.

JavaScript's Unicode tables are those of its engine, Python's those of ``unicodedata`` and
``regex``: the characters here are in Unicode 14, which Python 3.11 and Node 20 know.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from sentiment_transfer import (
    SentimentClassifier,
    WordVectors,
    load,
    read_labelled,
    read_texts,
)
from sentiment_transfer.errors import SettingError
from sentiment_transfer.export import arrays, page_of, script_of, tables_of
from sentiment_transfer.text import Tokenizer, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conftest import Run

    from sentiment_transfer.corpus import Labelled

CORPORA = Path(__file__).parent.parent / "corpora"
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed: no JavaScript is run")

NASTY = [
    *("", " ", "\0", "a\0b", "zzzq qqxx", "!!!", "...", "\ufffd", "\u200f\u200e", "x" * 3000),
    "It&#39;s not good &amp; didn&rsquo;t work&#0;&#128;&#99999999;&bogus; &copy &notin;",
    "don\u2019t I\u00b4m didn\ufffdt can\\'t won\\u2019t caf\\xc3\\xa9 isn%27t %E2%80%99 #39;",
    "\\nnot \\not \\\\n good \\ud83d\\ude00 %20 &amp;#39; &#xD800; &#x1F600; &AMP; &Eacute;",
    "caf\u00c3\u00a9 donâ€™t â€œgood\ufffd \u00c2\u00a3 don\u00d5t n\u00e3o",
    "<p>Not <b>good</b></p><br/>bad<br /><i class='x>y'>it</i> <a href=\"http://x.y\">great</a>",
    "<script>bad()</script> <style>awful{}</style> <!-- bad --> <!-- great <![CDATA[ good ]]>",
    "<hate> it <love>this</love> <not good> <3 </3 <33 AT&T a<b",
    "see http://a.b/c...not good, www.bad.com,great WWW.X.ORG/a)b ftp://q mail me@x.co.ukGood",
    "[b]not[/b] good [url=http://a.b]bad[/url] [nice](http://a.com/b) [great] example.com Bad.Com",
    ":-) :( =D xD ^_^ :'( D: (: )) (( #NotGood #badMovie2020Yes #fail ;-)",
    "good\r\n\r\nbad\r\rgreat\n \nawful\u2028fine\u2029\x85nice\x93hi\x94",
    "sooo gooood, terrrrible, AWWWWFUL, notttt baaad!!! ?! !?",
    "dont't don't's did'nt rock'n'roll 'tis a''b didn ? t did nt",
    "ＧＯＯＤ \ufb01ne \u212b e\u0301 \u0130stanbul ΣΟΦΟΣ straße J\u030c ½ Ⅷ ŉot ẚ ﷺ"
    + "\u0301" * 40,
    "😀 😍😍 👍🏽 👨‍👩‍👧 ❤️ 💔 ☹ ★★ © ™ €5 10/10 3.5",
    "很好 что хорошо πολύ καλό שלום \u202eمرحبا\u202c ไทย 한국어 great",
    "not only bad but awful, however never boring, hardly worth it, anything but good at all",
]
"""Texts that break readers, and the marks, codes and signs that the tokenizer knows."""


class Elements(HTMLParser):
    """The elements of a page with their attributes, and the content of its scripts and style."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.content: dict[str, str] = {}
        self._open = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        kind = dict(attrs).get("type") or ""
        self._open = tag + kind if tag in ("script", "style", "title") else ""

    def handle_data(self, data: str) -> None:
        if self._open:
            self.content[self._open] = self.content.get(self._open, "") + data

    def handle_endtag(self, tag: str) -> None:
        self._open = ""


def texts() -> list[str]:
    """Several hundred texts: the shipped corpora, nasty ones, and parts of them mixed."""
    shipped = [text for name in ("test", "held_out") for text in corpus(f"movies72/{name}").texts]
    shipped += read_texts(CORPORA / "movies72" / "unlabelled.txt")
    shipped += corpus("phrases/en-test").texts
    words = " ".join([*NASTY, *shipped[:60]]).split(" ")
    rng = random.Random(0)
    mixed = [" ".join(rng.choices(words, k=rng.randint(1, 20))) for _ in range(400)]
    return [*NASTY, *shipped, *mixed]


def corpus(name: str) -> Labelled:
    return read_labelled(CORPORA / f"{name}.csv")


def node(program: str, folder: Path) -> str:
    """What a program prints."""
    assert NODE is not None
    done = subprocess.run(  # noqa: S603  (the programs of this file)
        [NODE, "-e", program],
        cwd=folder,
        capture_output=True,
        check=True,
        encoding="utf-8",
        timeout=60,
    )
    return done.stdout


def in_node(model: SentimentClassifier, asked: Sequence[str], folder: Path) -> list[dict[str, Any]]:
    """Answers of the exported script to texts."""
    (folder / "model.cjs").write_text(script_of(tables_of(model.stages_)), encoding="utf-8")
    (folder / "texts.json").write_text(json.dumps(asked))
    program = (
        'const texts = JSON.parse(require("fs").readFileSync("texts.json"));'
        'process.stdout.write(JSON.stringify(require("./model.cjs").predict(texts)));'
    )
    answers: list[dict[str, Any]] = json.loads(node(program, folder))
    return answers


@pytest.fixture(scope="module")
def shipped() -> SentimentClassifier:
    return load("reviews-en")


def fitted(kind: str) -> SentimentClassifier:
    """A model with labels of several kinds, on shipped vectors or on its own."""
    phrases = corpus("phrases/en-development")
    rng = random.Random(0)
    sides = [label == "positive" for label in phrases.labels]
    labels: dict[str, Any] = {
        "few labels": phrases.labels[:40],
        "many labels": phrases.labels,
        "stars": [rng.choice([1, 2, 3]) + 2 * side for side in sides],
        "a neutral class": [rng.choice([label, "neutral"]) for label in phrases.labels],
        "kinds without order": [rng.choice("abc") for _ in sides],
        "own vectors": phrases.labels,
    }
    if kind == "own vectors":
        unlabelled = [*read_texts(CORPORA / "movies72" / "unlabelled.txt")]
        model = SentimentClassifier("en", seed=0).pretrain(unlabelled)
    else:
        model = SentimentClassifier(vectors="reviews-en", seed=0)
    return model.fit(phrases.texts[: len(labels[kind])], labels[kind])


KINDS = [
    *("few labels", "many labels", "stars", "a neutral class", "kinds without order"),
    "own vectors",
]


def assert_same(model: SentimentClassifier, folder: Path) -> None:
    asked = texts()
    answers = in_node(model, asked, folder)
    expected = model.stages_.answer(asked)
    probabilities = np.array([answer["probabilities"] for answer in answers])
    coverage = np.array([answer["coverage"] for answer in answers])
    np.testing.assert_allclose(coverage, expected.coverage, rtol=0, atol=1e-12)
    np.testing.assert_allclose(probabilities, expected.probabilities, rtol=0, atol=1e-5)
    np.testing.assert_allclose(
        [answer["probability"] for answer in answers], probabilities.max(axis=1)
    )
    assert len(asked) > 500
    sure = np.ptp(expected.probabilities, axis=1) > 1e-5  # the others may fall to either side
    labels = [answer["label"] for answer in answers]
    predicted = model.predict(asked).tolist()
    assert sure.sum() > 500
    assert [labels[i] for i in np.flatnonzero(sure)] == [predicted[i] for i in np.flatnonzero(sure)]


@needs_node
def test_a_model_without_labels_answers_as_in_python(
    shipped: SentimentClassifier, tmp_path: Path
) -> None:
    assert_same(shipped, tmp_path)


@needs_node
@pytest.mark.filterwarnings("ignore")  # contradicted seed words, repeats with two labels
@pytest.mark.parametrize("kind", KINDS)
def test_a_model_with_labels_answers_as_in_python(kind: str, tmp_path: Path) -> None:
    assert_same(fitted(kind), tmp_path)


@needs_node
def test_a_text_without_a_known_word_gets_the_prior_and_no_texts_no_answers(
    shipped: SentimentClassifier, tmp_path: Path
) -> None:
    first, second = in_node(shipped, ["", "zzzq qqxx"], tmp_path)
    assert first == second
    assert (first["coverage"], first["probabilities"]) == (0, shipped.prior_.tolist())
    assert in_node(shipped, [], tmp_path) == []


@needs_node
def test_a_million_characters_take_no_longer_than_a_moment(
    shipped: SentimentClassifier, tmp_path: Path
) -> None:
    parts = ["x", "<a b='", "\\", "<!--", "a.", "\u0301", "[", "'a", "\n "]
    texts = [(part * 1_000_000)[:1_000_000] for part in parts]
    answers = in_node(shipped, texts, tmp_path)
    assert [answer["coverage"] for answer in answers] == shipped.coverage(texts).tolist()


@needs_node
def test_a_longer_text_and_what_is_no_list_are_refused_by_name(
    shipped: SentimentClassifier, tmp_path: Path
) -> None:
    with pytest.raises(subprocess.CalledProcessError) as caught:
        in_node(shipped, ["x" * 1_000_001], tmp_path)
    assert "a text has 1000001 characters; at most 1000000" in caught.value.stderr
    with pytest.raises(subprocess.CalledProcessError) as caught:
        in_node(shipped, "no list", tmp_path)
    assert "predict needs an array of strings" in caught.value.stderr


@needs_node
def test_the_script_of_the_page_answers_as_the_script_alone(
    shipped: SentimentClassifier, tmp_path: Path
) -> None:
    tables = tables_of(shipped.stages_)
    content = Elements(page_of(tables)).content
    assert json.loads(content["scriptapplication/json"]) == json.loads(json.dumps(tables.data))
    (tmp_path / "page.js").write_text(content["script"], encoding="utf-8")
    (tmp_path / "data.json").write_text(content["scriptapplication/json"], encoding="utf-8")
    program = """
        const fs = require("fs"), shown = {};
        const element = (id) => shown[id] ??= {
          value: "", textContent: id === "model" ? fs.readFileSync("data.json", "utf8") : "",
          addEventListener() {}, setAttribute() {}, append() {},
          replaceChildren(...own) { this.own = own; },
        };
        globalThis.window = globalThis;
        globalThis.document = { getElementById: element, createElement: () => element(Symbol()),
          createTextNode: (text) => text };
        (0, eval)(fs.readFileSync("page.js", "utf8"));
        const [given] = SentimentModel.predict(["It was great, loved it."]);
        process.stdout.write(`${given.label} ${shown.card.own.length}`);
    """
    label, n_lines = node(program, tmp_path).split()
    assert label == "positive"
    assert int(n_lines) > 3


def test_a_page_asks_no_other_host_and_stays_small(shipped: SentimentClassifier) -> None:
    page = page_of(tables_of(shipped.stages_))
    assert len(page.encode()) <= 5_500_000
    elements = Elements(page).elements
    assert not [tag for tag, own in elements if {"src", "href", "action"} & own.keys()]
    assert not {"link", "iframe", "img", "object", "embed"} & {tag for tag, _ in elements}
    content = Elements(page).content
    assert not re.search(r"url\(|@import", content["style"])
    foreign = r"\bfetch\(|XMLHttpRequest|WebSocket|sendBeacon|import\(|EventSource|\.src\b"
    assert not re.search(foreign, content["script"])


def test_a_page_shows_texts_as_text_only(shipped: SentimentClassifier) -> None:
    script = Elements(page_of(tables_of(shipped.stages_))).content["script"]
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b", script)


def test_the_policy_of_a_page_allows_its_own_script_and_style_only(
    shipped: SentimentClassifier,
) -> None:
    parsed = Elements(page_of(tables_of(shipped.stages_)))
    policy = next(
        own["content"] or ""
        for _, own in parsed.elements
        if own.get("http-equiv") == "Content-Security-Policy"
    )
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for part in ("script", "style"):
        digest = hashlib.sha256(parsed.content[part].encode()).digest()
        assert f"{part}-src 'sha256-{base64.b64encode(digest).decode()}'" in policy


def test_a_browser_runs_the_page_from_disk(shipped: SentimentClassifier, tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed: the page is not opened")
    page = tmp_path / "page.html"
    page.write_text(page_of(tables_of(shipped.stages_)), encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/own"]
    done = subprocess.run(  # noqa: S603  (found on the path)
        [chromium, *options, "--dump-dom", page.as_uri()],
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    card = done.stdout.partition('<footer id="card">')[2]
    assert "pretrained on 117,874 texts" in card.partition("</footer>")[0]


HOSTILE = "</script><script>alert(1)</script><!--<script>"


def test_hostile_words_labels_and_names_stay_text() -> None:
    phrases = corpus("movies72/labelled")
    sides = [HOSTILE if label == "positive" else "<b>" for label in phrases.labels]
    known = load("reviews-en").vectors_
    vocabulary = Vocabulary((HOSTILE, *known.words[1:300]), known.counts[:300])
    vectors = WordVectors(vocabulary, known.matrix[:300], Tokenizer("en"))
    model = SentimentClassifier(vectors=vectors, seed=0).fit(phrases.texts, sides)
    page = page_of(tables_of(model.stages_, HOSTILE))
    parsed = Elements(page)
    assert [tag for tag, _ in parsed.elements].count("script") == 2
    data = json.loads(parsed.content["scriptapplication/json"])
    assert data["words"][0] == data["card"]["name"] == HOSTILE
    assert set(data["labels"]) == {HOSTILE, "<b>"}
    assert page.count("<!--") == 0
    assert parsed.content["title"] == f"Sentiment: {HOSTILE}"


@pytest.mark.parametrize(
    ("model", "named"),
    [
        (lambda: load("reviews-zh"), "jieba"),
        (lambda: other_stages(head=LogisticRegression()), "AveragingEncoder and LogisticReg"),
        (lambda: other_stages(stemmer="nltk:porter"), "nltk:porter"),
    ],
    ids=["Chinese", "other stages", "a stemmer"],
)
def test_what_is_not_ported_is_refused_with_what_can_be_exported(
    model: Callable[[], SentimentClassifier], named: str
) -> None:
    with pytest.raises(SettingError, match="cannot be exported as a page") as caught:
        tables_of(model().stages_)
    assert named in str(caught.value)


def other_stages(stemmer: str | None = None, head: object = None) -> SentimentClassifier:
    phrases = corpus("movies72/labelled")
    known = load("reviews-en").vectors_
    vectors = WordVectors(known.vocabulary, known.matrix, Tokenizer("en", stemmer=stemmer))
    model = SentimentClassifier(vectors=vectors, seed=0, head=head)
    return model.fit(phrases.texts, phrases.labels)


def test_vectors_have_the_best_precision_that_a_page_can_afford(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(10, 4)).astype(np.float32)
    steps = (rng.integers(-127, 128, (10, 4)) * np.float32(0.5)).astype(np.float32)
    steps[:, 0] = 63.5  # 127 steps
    assert arrays.smallest(steps).dtype == "int8"
    assert arrays.smallest(np.zeros((0, 4), np.float32)).dtype == "int8"
    for most, expected, error in ((160, "float32", 0), (80, "int16", 2e-5), (79, "int8", 4e-3)):
        monkeypatch.setattr(arrays, "MAX_BYTES", most)
        rounded = arrays.smallest(matrix)
        assert rounded.dtype == expected
        assert np.abs(rounded.matrix - matrix).max() <= error * np.abs(matrix).max()


@needs_node
@pytest.mark.parametrize("most", [1_000_000, 0])
def test_rounded_vectors_change_probabilities_little(
    most: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    model = fitted_small()
    monkeypatch.setattr(arrays, "MAX_BYTES", most and model.vectors_.matrix.nbytes // 2)
    tables = tables_of(model.stages_)
    assert (tables.precision, tables.exact) == ("int16" if most else "int8", False)
    asked = texts()
    answers = in_node(model, asked, tmp_path)
    expected = model.stages_.answer(asked).probabilities
    found = np.array([answer["probabilities"] for answer in answers])
    errors = np.abs(found - expected).max(axis=1)
    assert errors.max() < (5e-5 if most else 5e-3)
    assert np.median(errors) < 5e-5  # 1.4e-4 in int8 without its corrections


def fitted_small() -> SentimentClassifier:
    return SentimentClassifier("en", seed=0).pretrain(
        [*read_texts(CORPORA / "movies72" / "unlabelled.txt")]
    )


def test_the_command_writes_a_page_and_a_script(run: Run, tmp_path: Path) -> None:
    page, script = tmp_path / "page.html", tmp_path / "model.js"
    code, out, err = run("export", "reviews-en", "--html", page, "--js", script)
    assert (code, out) == (0, "")
    assert re.search(r"page\.html: [45]\.\d MB", err)
    assert "precision" not in err
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert "SentimentModel" in script.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((), "--html FILE"),
        (("--onnx", "model.ort"), "must end in .onnx"),
        (("--conformance", "cases.json"), "must end in .jsonl"),
        (("--html", "page.txt"), "must end in .html"),
        (("--js", "model.py"), "must end in .js"),
        (("--html", "zh.html"), "jieba"),
    ],
)
def test_the_command_names_what_is_wrong(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str], named: str
) -> None:
    monkeypatch.chdir(tmp_path)
    model = "reviews-zh" if "zh.html" in arguments else "reviews-en"
    code, out, err = run("export", model, *arguments)
    assert (code, out) == (2, "")
    assert named in err
    assert not [*tmp_path.iterdir()]
