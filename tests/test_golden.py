"""Files that earlier code wrote still load, and the answers are those of the day they were written.

The files of ``golden`` were written once by ``scripts/write_golden.py`` and are never changed. Some
hold kinds of models that the script, and the package, no longer make. Where what a fit learns is
changed on purpose, the tests of what is learnt get new answers in a new folder; files keep theirs.
Since 2026-11-29 the share of positive texts is estimated, where 2-means cut the scores before, and
labels are weighted by a given share.

They were written before the grammar, so the models answer without it here but in the tests of the
shipped models, whose answers are written again when they are built again.
Answers that changed on purpose are in ``golden/amended.json``: those to texts with tags or
character references, whose names were read as words then. It lists places in ``answers.json`` and
the answers that hold there now.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sentiment_transfer import SentimentClassifier, SkipGram, WordVectors, load
from sentiment_transfer.errors import ModelFileError
from sentiment_transfer.polarity import PolarityEncoder
from sentiment_transfer.text import Vocabulary

GOLDEN = Path(__file__).parent / "golden"
OTHER_LABELS = "other-labels/answers.json"
LEARNT = "2026-11-29"
"""Folder of the answers of models that are fitted now."""
FUSED_CHARACTERS = 100_000
"""With at least this many characters, models that have a fast path use it."""
SHARE_SHOWN = 1e-5
"""Contributions of less were not written: how a text without weight is cut up may change."""

_NAMES = """
default-0 default-8 default-many default-topics default-stars default-balanced default-seeds
default-taught default-prevalence default-adapted default-only-labels default-zh
default-8-float16 default-8-int8
averaging averaging-idf averaging-sif averaging-only-labels logistic-2 logistic-3 svm-2 svm-3
tuned-averaging lstm-max lstm-mean lstm-last lstm-language-model
"""
MODELS = str.split(_NAMES)
REFUSED = "default-hidden"
DEFAULT = [name for name in MODELS if name.startswith("default")]
LESSONS = ("eight", "sixty", "many", "topics", "stars", "skewed")
SHIPPED = ("reviews-en", "reviews-zh")
SEEDS = (["good", "great", "lovely"], ["bad", "awful", "dull"])
TRAINED: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("default-8", "eight", {}),
    ("default-seeds", "eight", {"seeds": SEEDS}),
    ("default-taught", "sixty", {"seeds": None}),
    ("default-prevalence", "eight", {"prevalence": 0.3}),
    ("default-only-labels", "sixty", {}),
)
LEARN_AS_EVER = ("default-taught",)
"""Models without seed words, of whose texts no share is estimated."""
PRECISIONS = ("float32", "float16", "int8")


@cache
def read(name: str) -> Any:  # noqa: ANN401  (JSON)
    content = json.loads((GOLDEN / name).read_text(encoding="utf-8"))
    for (*path, last), value in amendments().get(name, ()):
        part = content
        for step in path:
            part = part[step]
        part[last] = value
    return content


@cache
def amendments() -> dict[str, list[tuple[list[Any], Any]]]:
    """Places in golden files, and the answers that hold there now."""
    found: dict[str, list[tuple[list[Any], Any]]] = json.loads(
        (GOLDEN / "amended.json").read_text(encoding="utf-8")
    )
    return found


@pytest.fixture(autouse=True)
def without_grammar(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer as of the day the files were written, before languages had a grammar."""
    monkeypatch.setattr(PolarityEncoder, "grammar", None)


@pytest.fixture
def with_grammar(without_grammar: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer as today."""
    monkeypatch.undo()


def fresh_model(path: str | Path) -> SentimentClassifier:
    if Path(path).stem.endswith("zh"):
        pytest.importorskip("jieba", reason="the extra zh is not installed")
    found = load(path)
    assert isinstance(found, SentimentClassifier)
    return found


model = cache(fresh_model)


def golden(name: str) -> tuple[SentimentClassifier, dict[str, Any], list[str]]:
    """A model from its file, what it said, and the texts that it was asked."""
    written = read("answers.json")
    said = written["models"][name]
    return model(GOLDEN / f"{name}.safetensors"), said, written["asked"][said["language"]]


def assert_equal(found: object, written: object) -> None:
    np.testing.assert_allclose(np.asarray(found), np.asarray(written), rtol=0, atol=1e-6)


def assert_same_on_both_paths(
    found: SentimentClassifier, texts: list[str], probabilities: list[list[float]]
) -> None:
    """Compare a few texts, then enough of them for the fast path."""
    characters = sum(map(len, texts))
    times = 1 + FUSED_CHARACTERS // characters
    half = len(texts) // 2
    for part in (slice(half), slice(half, None)):
        assert sum(map(len, texts[part])) < FUSED_CHARACTERS
        assert_equal(found.predict_proba(texts[part]), probabilities[part])
    assert_equal(found.predict_proba(texts * times), probabilities * times)


def assert_explains(found: SentimentClassifier, explanations: list[dict[str, Any]]) -> None:
    assert len(explanations) == 2
    for written in explanations:
        explanation = found.explain(written["text"])
        shares = [share for _, share in explanation.pieces if abs(share) > SHARE_SHOWN]
        assert explanation.label == written["label"]
        assert_equal(explanation.probability, written["probability"])
        assert_equal(shares, written["contributions"])
        assert_equal(explanation.bias, written["bias"])


def assert_learns(path: str | Path, written: dict[str, Any], texts: list[str]) -> None:
    """Fit a model from a file to labels, and compare its answers.

    Stars were not ordered then, unless the order was given.
    """
    found = fresh_model(path).set_params(ordered=False)
    found.fit(written["texts"], written["labels"])
    assert_equal(found.predict_proba(texts), written["predict_proba"])


@cache
def review_texts() -> list[str]:
    lines = (GOLDEN / "texts.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]


def test_every_golden_file_is_asked_for() -> None:
    expected = {f"{name}.safetensors" for name in MODELS}
    expected |= {f"words-{precision}.safetensors" for precision in PRECISIONS}
    expected |= {"golden_example-1.0.safetensors"}  # of test_storage
    expected |= {f"{REFUSED}.safetensors"}
    expected |= {"answers.json", "shipped.json", "texts.jsonl", "words.npz"}
    expected |= {"amended.json", "phrases.json", LEARNT, "other-labels"}
    expected |= {"sentence-encoder"}  # of test_sentence_encoder
    assert {path.name for path in GOLDEN.iterdir()} == expected
    assert set(read("answers.json")["models"]) == {*MODELS, REFUSED}
    assert set(read("answers.json")["refitted"]) == set(LESSONS)


def has_markup(text: str) -> bool:
    return re.search(r"<(p|div)>|&(quot|nbsp);", text) is not None


def test_only_answers_to_texts_with_markup_are_amended() -> None:
    asked, models = read("answers.json")["asked"], read("answers.json")["models"]
    for (part, name, *_, row), _ in amendments()["answers.json"]:
        language = models[name]["language"] if part == "models" else "en"
        assert has_markup(asked[language][row])


@pytest.mark.filterwarnings("ignore:the model knows")  # half of the texts are Chinese
@pytest.mark.parametrize("name", SHIPPED)
def test_a_text_with_markup_is_answered_as_without_it(name: str) -> None:
    texts = [text for text in review_texts() if has_markup(text)]
    without = [re.sub(r"</?b>", "", text) for text in texts]
    without = [re.sub(r"<[^>]+>|&(quot|mdash|nbsp);", " . ", text) for text in without]
    assert_equal(model(name).predict_proba(texts), model(name).predict_proba(without))


@pytest.mark.parametrize("name", MODELS)
def test_a_model_of_each_kind_answers_as_when_it_was_written(name: str) -> None:
    found, said, texts = golden(name)
    assert found.classes_.tolist() == said["classes"]
    assert_same_on_both_paths(found, texts, said["predict_proba"])
    assert_equal(found.coverage(texts), said["coverage"])


@pytest.mark.parametrize("name", MODELS)
def test_a_model_of_each_kind_explains_as_when_it_was_written(name: str) -> None:
    found, said, _ = golden(name)
    assert_explains(found, said["explain"])


@pytest.mark.parametrize("name", DEFAULT)
def test_the_polarity_of_words_is_that_of_the_day_a_model_was_written(name: str) -> None:
    found, said, _ = golden(name)
    assert len(said["polarity"]) >= 4
    for word, polarity in said["polarity"].items():
        assert_equal(found.polarity(word), polarity)


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_model_from_a_file_learns_what_it_learnt_when_it_was_written(lesson: str) -> None:
    _, _, texts = golden("default-0")
    written = read("answers.json")["refitted"][lesson]
    assert_learns(GOLDEN / "default-0.safetensors", written, texts)


def as_of_much_text(vectors: WordVectors) -> WordVectors:
    """The same vectors with larger counts: seed words weigh as they did in these files."""
    vocabulary = Vocabulary(vectors.words, vectors.counts * 1_000)
    return WordVectors(vocabulary, vectors.matrix, vectors.tokenizer)


@pytest.mark.parametrize(("name", "lesson", "settings"), TRAINED)
def test_a_model_made_now_answers_as_one_that_was_made_then(
    name: str, lesson: str, settings: dict[str, Any]
) -> None:
    _, said, texts = golden(name)
    written = read("answers.json")
    vectors = as_of_much_text(WordVectors.load(GOLDEN / "words-float32.safetensors"))
    found = SentimentClassifier(vectors=vectors, **settings)
    if name != "default-only-labels":
        found.pretrain(written["unlabelled"])
    found.fit(*written["lessons"][lesson])
    answers = found.predict_proba(texts)
    assert_equal(answers, read(f"{LEARNT}/answers.json")["models"][name]["predict_proba"])
    if name in LEARN_AS_EVER:
        assert_equal(answers, said["predict_proba"])


def test_pretraining_gives_the_word_vectors_that_it_gave_then() -> None:
    unlabelled = read("answers.json")["unlabelled"]
    found = SkipGram(vector_size=12, epochs=20, min_count=2).fit(unlabelled).vectors_
    written = WordVectors.load(GOLDEN / "words-float32.safetensors")
    assert found.words == written.words
    # one machine gives the same bytes; another one adds in another order, by the width of the
    # registers of its processor, and twenty epochs carry that on: 1.25e-6 without AVX-512
    np.testing.assert_allclose(found.matrix, written.matrix, rtol=0, atol=1e-5)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_word_vectors_come_back_as_they_were(precision: str) -> None:
    path = GOLDEN / f"words-{precision}.safetensors"
    written = read("answers.json")["words"]
    with np.load(GOLDEN / "words.npz") as matrices:
        expected = matrices[precision]
    for vectors in (load(path), WordVectors.load(path)):
        assert isinstance(vectors, WordVectors)
        assert list(vectors.words) == written["words"]
        assert vectors.counts.tolist() == written["counts"]
        np.testing.assert_array_equal(vectors.matrix, expected, strict=True)


@pytest.mark.filterwarnings("ignore:the model knows")  # half of the texts are Chinese
@pytest.mark.usefixtures("with_grammar")
@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_model_answers_as_before(name: str) -> None:
    texts, said, found = review_texts(), read("shipped.json")[name], fresh_model(name)
    assert len(texts) == 500
    assert found.classes_.tolist() == said["classes"]
    assert_same_on_both_paths(found, texts, said["predict_proba"])
    assert_equal(found.coverage(texts), said["coverage"])
    assert_explains(found, said["explain"])


@pytest.mark.filterwarnings("ignore:the model knows")  # half of the texts are Chinese
@pytest.mark.usefixtures("with_grammar")
@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_model_learns_from_eight_labels_what_it_did_before(name: str) -> None:
    written = read("shipped.json")[name]["refitted"]
    assert len(written["labels"]) == 8
    assert_learns(name, written, review_texts())


def test_a_model_that_labels_of_other_texts_taught_answers_as_when_it_was_written() -> None:
    found, said = model(GOLDEN / "other-labels/other-labels.safetensors"), read(OTHER_LABELS)
    assert found.encoder_.polarity_.taught_weight > 0
    texts = read("answers.json")["asked"]["en"]
    assert_same_on_both_paths(found, texts, said["predict_proba"])
    assert_explains(found, said["explain"])


def test_a_hidden_layer_on_the_mixture_which_no_release_had_is_refused_by_name() -> None:
    with pytest.raises(ModelFileError, match="hidden layer on its mixture"):
        load(GOLDEN / f"{REFUSED}.safetensors")


@pytest.mark.filterwarnings("ignore:the model knows")  # half of the texts are Chinese
@pytest.mark.parametrize("name", SHIPPED)
def test_the_grammar_leaves_answers_to_texts_without_a_phrase_as_they_were(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts, found = review_texts(), fresh_model(name)
    before = found.predict_proba(texts)
    monkeypatch.undo()  # with the grammar
    plain = found.vectors_.read_texts(texts, words=False)
    read_now = found.encoder_.read(texts)
    rows = np.arange(len(texts))
    untouched = [
        row
        for row in rows
        if np.array_equal(plain.rows[row], read_now.rows[row])
        and np.all(read_now[rows[row : row + 1]].weights == 1)
    ]
    assert 200 < len(untouched) < 500
    after = fresh_model(name).predict_proba(texts)
    assert_equal(after[untouched], before[untouched])
    assert np.abs(after - before).max() > 0.3


@pytest.mark.usefixtures("with_grammar")
@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_model_answers_phrases_as_before(name: str) -> None:
    said, found = read("phrases.json")[name], fresh_model(name)
    assert len(said["texts"]) >= 40
    assert_same_on_both_paths(found, said["texts"], said["predict_proba"])
    assert_explains(found, said["explain"])
