"""The cases of `export --conformance`: the port to JavaScript passes, and a broken one does not."""

from __future__ import annotations

import json
import shutil
import subprocess
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from sentiment_transfer import LSTMEncoder, SentimentClassifier, load
from sentiment_transfer.export import conformance_of, script_of, tables_of
from sentiment_transfer.export.conformance import TOLERANCE, cases_of
from sentiment_transfer.export.conformance_texts import KINDS, conformance_texts
from sentiment_transfer.languages import load_language

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from conftest import Run, World
    from numpy.typing import NDArray

Case = dict[str, Any]
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed: no JavaScript is run")

BROKEN = {
    "negators": ("if (own.role === ROLE.NEGATOR || own.role", "if (false && own.role"),
    "signs of emotion": ("if (!MAY_BE_SIGN.test(text))", "if (true)"),
    "wide letters": ('normalize("NFKC")', 'normalize("NFC")'),
    "combining marks": ("\\p{M}{31,}", "\\p{M}{61,}"),
    "elongation": ('"$1$1"', '"$1"'),
    "lower case": ("if (quick) return text.toLowerCase()", "if (quick) return text"),
    "format characters": ("[\\p{Cf}", "[\\p{Co}"),
    "apostrophes": ("(c) => replaced.get(c) ?? c", "(c) => c"),
    "phrases": ("read.some((own) => own.grammar.begins)", "false"),
    "long words": ("word.length > data.max_word", "false"),
    "empty texts": ("Math.max(1, n)", "n"),
    "word pairs": ("if (grams) grams.add", "if (false) grams.add"),
    "the prior": ("nKnown ? data.order", "true ? data.order"),
}
"""A part of the script, and what breaks it."""


@pytest.fixture(scope="module")
def shipped() -> SentimentClassifier:
    return load("reviews-en")


@pytest.fixture(scope="module")
def cases(shipped: SentimentClassifier) -> list[Case]:
    return cases_of(shipped.stages_)


def in_node(scripts: Sequence[str], texts: Sequence[str], folder: Path) -> list[list[Case]]:
    """What each script reads and answers."""
    assert NODE is not None
    for i, script in enumerate(scripts):
        (folder / f"{i}.cjs").write_text(script, encoding="utf-8")
    (folder / "texts.json").write_text(json.dumps(texts))
    program = f"""
        const texts = JSON.parse(require("fs").readFileSync("texts.json")), found = [];
        for (let i = 0; i < {len(scripts)}; i++) {{
          const model = require(`./${{i}}.cjs`), answers = model.predict(texts);
          found.push(model.read(texts).map((own, j) => ({{ ...own, ...answers[j] }})));
        }}
        process.stdout.write(JSON.stringify(found));
    """
    done = subprocess.run(  # noqa: S603  (this program)
        [NODE, "-e", program], cwd=folder, capture_output=True, check=True, encoding="utf-8"
    )
    answers: list[list[Case]] = json.loads(done.stdout)
    return answers


def passes(case: Case, answer: Case) -> bool:
    """Whether a port read a case as the package does."""
    exact = all(case[part] == answer[part] for part in ("normalised", "tokens", "words", "ids"))
    numbers = [
        np.array([*found["weights"], found["coverage"], *found["probabilities"]], float)
        for found in (case, answer)
    ]
    return exact and bool(np.allclose(*numbers, rtol=0, atol=TOLERANCE))


@needs_node
def test_the_port_to_javascript_passes_every_case(
    shipped: SentimentClassifier, cases: list[Case], tmp_path: Path
) -> None:
    texts = [case["text"] for case in cases]
    (answers,) = in_node([script_of(tables_of(shipped.stages_))], texts, tmp_path)
    pairs = zip(cases, answers, strict=True)
    assert [case["text"] for case, answer in pairs if not passes(case, answer)] == []


@needs_node
@pytest.mark.filterwarnings("ignore")  # random labels contradict the seed words
def test_the_port_of_a_model_with_three_classes_passes(world: World, tmp_path: Path) -> None:
    labels = ["positive", "negative", "neutral", "negative"] * 10
    model = SentimentClassifier(vectors="goods-en", seed=0).fit(world.few(40)[0], labels)
    cases = cases_of(model.stages_)[::3]
    texts = [case["text"] for case in cases]
    (answers,) = in_node([script_of(tables_of(model.stages_))], texts, tmp_path)
    pairs = zip(cases, answers, strict=True)
    assert [case["text"] for case, answer in pairs if not passes(case, answer)] == []


@needs_node
def test_a_port_that_is_broken_in_any_place_fails(tmp_path: Path) -> None:
    model = load("goods-en")  # the smallest: a script for each place is read
    some = [case for case in cases_of(model.stages_)[::3] if case["kind"] != "long"]
    script = script_of(tables_of(model.stages_))
    assert [old for old, _ in BROKEN.values() if old not in script] == []
    broken = [script.replace(old, new) for old, new in BROKEN.values()]
    answers = in_node(broken, [case["text"] for case in some], tmp_path)
    failures = {
        name: sum(not passes(case, answer) for case, answer in zip(some, own, strict=True))
        for name, own in zip(BROKEN, answers, strict=True)
    }
    assert [name for name, n in failures.items() if n == 0] == []


def test_there_are_a_thousand_cases_of_all_kinds(cases: list[Case]) -> None:
    counts = Counter(case["kind"] for case in cases)
    assert len(cases) >= 1_000
    assert counts.keys() == KINDS.keys()
    assert len({case["text"] for case in cases}) > 0.97 * len(cases)
    assert sum(case["coverage"] == 0 for case in cases) >= 40
    assert max(len(case["text"]) for case in cases) > 10_000


def test_a_case_agrees_with_itself(shipped: SentimentClassifier, cases: list[Case]) -> None:
    index = shipped.vectors_.vocabulary.index
    for case in cases:
        assert case["ids"] == [index.get(token, -1) for token in case["tokens"]]
        assert len(case["weights"]) == len(case["ids"])
        known = sum(i >= 0 for i in case["ids"])
        assert case["coverage"] == known / max(1, len(case["ids"]))
        assert sum(case["probabilities"]) == pytest.approx(1)
    empty = next(case for case in cases if not case["text"])
    assert (empty["tokens"], empty["words"], empty["coverage"]) == ([], [], 0)
    assert empty["probabilities"] == shipped.prior_.tolist()


def test_the_cases_hold_what_they_are_named_for(cases: list[Case]) -> None:
    def share(kind: str, part: str, *wanted: str) -> float:
        own = [case[part] for case in cases if case["kind"] == kind]
        return sum(any(each in found for each in wanted) for found in own) / len(own)

    assert share("negation", "words", "not", "no", "never") > 0.5
    assert share("wide", "normalised", "!") == 1
    assert share("markup", "text", "<", "[", "&") == 1
    assert share("markup", "normalised", "href", "script") == 0
    by_rule = [case for case in cases if case["kind"] == "grammar"]
    assert sum(case["tokens"] != case["words"] for case in by_rule) > 0.9 * len(by_rule)


def test_characters_are_those_of_unicode_14_without_surrogates(cases: list[Case]) -> None:
    characters = set("".join(case["text"] for case in cases))
    assert len(characters) > 200
    assert not [c for c in characters if unicodedata.category(c) in ("Cn", "Cs")]
    newest = max(characters - {"\U0001fae0"})  # of Unicode 14, as the shared list of emoji is
    assert newest <= "\U0001faf6"


def test_the_same_seed_gives_the_same_texts() -> None:
    language, words = load_language("en"), ["film", "plot", "dull"]
    first, second, other = (conformance_texts(language, words, seed) for seed in (0, 0, 1))
    assert first == second
    assert first != other
    assert len(conformance_texts(language, [])) == len(first)


def test_the_first_line_describes_the_others(world: World) -> None:
    model = SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled)
    first, *others = map(json.loads, conformance_of(model.stages_, "small"))
    assert (first["conformance"], first["model"], first["n_cases"]) == (1, "small", len(others))
    assert first["labels"] == ["negative", "positive"]
    assert first["tolerance"] < min(first["rounded"].values())
    assert all(case.keys() == first["fields"].keys() for case in others)


@pytest.mark.needs_extra("zh")
def test_a_model_of_chinese_has_cases_too(monkeypatch: pytest.MonkeyPatch) -> None:
    few = {kind: KINDS[kind] for kind in ("negation", "grammar", "emoji")}
    monkeypatch.setattr("sentiment_transfer.export.conformance_texts.KINDS", few)
    made = cases_of(load("reviews-zh").stages_)[1:]
    assert np.mean([case["coverage"] for case in made]) > 0.5
    assert any(
        "not_" in token or token.startswith("不_") for case in made for token in case["tokens"]
    )


def test_other_stages_have_cases_without_weights(world: World) -> None:
    encoder = LSTMEncoder(world.vectors, units=2).fit([])
    stages = SentimentClassifier(vectors=world.vectors).fit(*world.few(8)).stages_
    cases = cases_of(type(stages)(encoder, Constant(), np.array([0.25, 0.75])))
    assert {weight for case in cases for weight in case["weights"]} == {1.0}
    assert {tuple(case["probabilities"]) for case in cases} == {(0.25, 0.75), (0.5, 0.5)}


class Constant:
    """A head that cannot decide."""

    classes_ = np.array(["negative", "positive"])

    def predict_proba(self, X: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.full((len(X), 2), 0.5)


def test_the_command_writes_the_cases(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    code, out, err = run("export", "reviews-en", "--conformance", path)
    assert (code, out) == (0, "")
    assert "cases.jsonl: 1." in err
    lines = path.read_text("ascii").splitlines()
    assert json.loads(lines[0])["n_cases"] == len(lines) - 1
