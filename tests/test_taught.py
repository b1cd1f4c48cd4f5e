"""What labels of other texts teach: its score, its weight, and that every path agrees on it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from conftest import NEGATIVE, POSITIVE, TOPICS

from sentiment_transfer import SentimentClassifier, load
from sentiment_transfer.encoding.encoder import PretrainingTexts
from sentiment_transfer.errors import ModelFileError, SettingError
from sentiment_transfer.model.fast_path import FastPath
from sentiment_transfer.polarity import PolarityEncoder
from sentiment_transfer.polarity.polarity import Polarity
from sentiment_transfer.polarity.taught import MIN_TEXTS, TRUST, TaughtPolarity, TaughtSource
from sentiment_transfer.storage import load_file, save_file
from sentiment_transfer.text import Tokenizer
from sentiment_transfer.text.grams import gram_number
from sentiment_transfer.text.reading import grams_of_texts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from conftest import Run, World

SOURCES = (TaughtSource("films", 12, 13), TaughtSource("tweets", 4, 0))


def taught_by(weights: Mapping[str, float]) -> TaughtPolarity:
    """Weights of words and of pairs, which have a space."""
    pairs = sorted((gram_number(*gram.split()), weight) for gram, weight in weights.items())
    numbers, values = zip(*pairs, strict=True) if pairs else ((), ())
    return TaughtPolarity(np.array(numbers, np.uint64), np.array(values, np.float16), SOURCES)


def scores(taught: TaughtPolarity, *texts: str) -> list[float]:
    return taught.score(grams_of_texts(texts, Tokenizer())).tolist()


def right() -> TaughtPolarity:
    """Teach what holds for the texts of this world, and that their topics mean nothing."""
    of_side = [(POSITIVE, 1.0), (NEGATIVE, -1.0), (TOPICS, 0.0)]
    return taught_by({word: weight for words, weight in of_side for word in words})


def reversed_(taught: TaughtPolarity) -> TaughtPolarity:
    return replace(taught, weights=-taught.weights)


def model_with(world: World, taught: TaughtPolarity, n_labels: int = 0) -> SentimentClassifier:
    model = SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled)
    encoder = model.encoder_.with_taught(taught, world.unlabelled)
    model = SentimentClassifier.from_stages(replace(model.stages_, encoder=encoder))
    return model.fit(*world.few(n_labels)) if n_labels else model


def polarity_of(model: SentimentClassifier) -> Polarity:
    found = model.encoder_.polarity_
    assert isinstance(found, Polarity)
    return found


def test_distinct_known_words_and_pairs_are_summed() -> None:
    taught = taught_by({"good": 3.0, "very": 0.0, "very good": 1.0, "bad": -2.0})
    found = scores(taught, "good", "very good", "good, good good", "good bad", "", "unknown")
    expected = [3 / 1, (0 + 1 + 3) / 3**0.5, 3 / 1, (3 - 2) / 2**0.5, 0.0, 0.0]
    assert found == pytest.approx(expected)


def test_a_pair_without_its_words_is_unknown() -> None:
    assert scores(taught_by({"very good": 1.0, "good": 2.0}), "very good") == pytest.approx([2.0])


def test_without_a_known_word_every_score_is_zero() -> None:
    assert scores(taught_by({}), "good", "") == [0.0, 0.0]


def test_the_weight_is_half_the_correlation_with_the_seed_words(world: World) -> None:
    plain = SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled).encoder_
    taught = right()
    found = plain.with_taught(taught, world.unlabelled).polarity_
    t = taught.score(grams_of_texts(world.unlabelled, world.vectors.tokenizer))
    x = plain.polarity_.encode(world.vectors.encode(world.unlabelled), world.vectors.matrix)
    raw = x @ plain.polarity_.along
    correlation = np.corrcoef(raw, t)[0, 1]
    assert found.taught_correlation == pytest.approx(correlation)
    assert correlation > 0.5
    assert found.taught_weight == pytest.approx(TRUST * correlation * raw.std() / t.std())
    # the score is the sum less its cut, over its spread
    both = raw + found.taught_weight * (t - t.mean())
    np.testing.assert_allclose(found.score(x, t), (both - found.cut) / both.std())
    # texts of which it is not known count as average
    np.testing.assert_allclose(found.score(x), (raw - found.cut) / both.std())


def test_what_contradicts_the_seed_words_is_ignored(world: World) -> None:
    plain = SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled)
    model = model_with(world, reversed_(right()))
    found = polarity_of(model)
    assert found.taught_weight == 0
    assert found.taught_correlation is not None
    assert found.taught_correlation < -0.5
    texts, _ = world.test
    np.testing.assert_array_equal(model.predict_proba(texts), plain.predict_proba(texts))


def test_what_contradicts_replaces_what_taught_before_with_its_cut(world: World) -> None:
    plain = SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled).encoder_
    skewed = [text for text in world.unlabelled if POSITIVE[0] not in text]
    once = plain.with_taught(right(), skewed)
    assert once.polarity_.taught_weight > 0
    found = once.with_taught(reversed_(right()), world.unlabelled).polarity_
    assert (found.taught_weight, found.taught_mean) == (0.0, 0.0)
    x = plain.polarity_.encode(world.vectors.encode(world.unlabelled), world.vectors.matrix)
    assert found.score(x).std() == pytest.approx(1)  # the spread and the cut of the seed words
    assert found.spread == pytest.approx(plain.polarity_.spread)
    assert found.cut == pytest.approx(plain.polarity_.cut, abs=0.1)


@pytest.mark.parametrize("n_texts", [0, MIN_TEXTS - 1])
def test_few_texts_do_not_show_that_it_agrees(world: World, n_texts: int) -> None:
    plain = SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled).encoder_
    found = plain.with_taught(right(), world.unlabelled[:n_texts]).polarity_
    assert (found.taught_weight, found.taught_correlation) == (0.0, 0.0)


def test_what_says_the_same_of_every_text_is_ignored(world: World) -> None:
    found = polarity_of(model_with(world, taught_by({"nowhere": 1.0})))
    assert (found.taught_weight, found.taught_correlation) == (0.0, 0.0)


def test_it_is_kept_and_weighted_anew_in_adaptation(world: World) -> None:
    model = model_with(world, right())
    other = [text for text in world.unlabelled if POSITIVE[0] in text][:40]
    adapted = model.adapt([*other, *world.unlabelled[:60]])
    assert adapted.encoder_.taught_ is not None
    assert polarity_of(adapted).taught_weight > 0
    again = adapted.encoder_.with_taught(right(), [*other, *world.unlabelled[:60]])
    assert polarity_of(adapted).taught_correlation == again.polarity_.taught_correlation


def test_seed_words_of_ones_own_are_not_mixed_with_it(world: World) -> None:
    encoder = model_with(world, right()).encoder_
    seeds = ([POSITIVE[0]], [NEGATIVE[0]])
    ids = world.vectors.encode(world.unlabelled)
    other = PolarityEncoder(world.vectors, seeds=seeds)
    other.fit_unlabelled(PretrainingTexts(ids, world.unlabelled), before=encoder)
    assert other.taught_ is None


def test_without_seed_words_there_is_nothing_to_weight_it_by(world: World) -> None:
    model = SentimentClassifier(vectors=world.vectors, seeds=None).pretrain(world.unlabelled)
    with pytest.raises(SettingError, match="weighted by seed words"):
        model.encoder_.with_taught(right(), world.unlabelled)


@pytest.mark.parametrize("n_labels", [0, 2, 8, 40])
def test_the_compiled_path_answers_the_same(world: World, n_labels: int) -> None:
    pairs = {f"{TOPICS[0]} {POSITIVE[0]}": 2.0, TOPICS[0]: -0.5}
    weights = {**dict.fromkeys(POSITIVE, 1.0), **dict.fromkeys(NEGATIVE, -1.5), **pairs}
    # the last pair has a word that nothing taught: only an altered file has such
    model = model_with(world, taught_by({**weights, f"{TOPICS[1]} unheard": 9.0}), n_labels)
    assert polarity_of(model).taught_weight > 0
    texts = ["", "zzz", f"{TOPICS[0]} {POSITIVE[0]}", f"{TOPICS[1]} unheard"]
    texts += world.test[0][:200]
    found, coverage = FastPath(model.encoder_, model.head_).answer(texts)
    found[coverage == 0] = model.prior_
    expected = model.predict_proba_encoded(model.encode(texts))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("n_labels", [0, 40])
def test_an_explanation_tells_what_shares_come_from(world: World, n_labels: int) -> None:
    model = model_with(world, right(), n_labels)
    text = world.test[0][0]
    found = model.explain(text, model.classes_[1])
    assert set(found.origins) == {"seed words", "labels of other texts", "your labels"}
    shares = sum(share for _, share in found.pieces)
    assert sum(found.origins.values()) == pytest.approx(shares)
    slope = sum(m.share * m.weights.get("score", np.zeros(1))[0] for m in model.head_.members)
    t = right().score(grams_of_texts([text], world.vectors.tokenizer))[0]
    by_others = found.origins["labels of other texts"]
    assert by_others == pytest.approx(slope * polarity_of(model).taught_slope * t)
    assert abs(by_others) > 0.01
    assert (found.origins["your labels"] == 0) == (n_labels == 0)
    other = model.explain(text, model.classes_[0])
    assert other.origins["labels of other texts"] == pytest.approx(-by_others)


def test_polarity_learnt_from_labels_is_explained_as_theirs(world: World) -> None:
    model = SentimentClassifier(vectors=world.vectors, seeds=None).pretrain(world.unlabelled)
    explanation = model.fit(*world.few(20)).explain(world.texts[0])
    assert list(explanation.origins) == ["your labels"]
    total = sum(share for _, share in explanation.pieces)
    assert explanation.origins["your labels"] == pytest.approx(total)


def test_a_file_keeps_it(world: World, tmp_path: Path) -> None:
    model = model_with(world, right(), 8)
    path = tmp_path / "taught.safetensors"
    model.save(path)
    again: Any = load(path)
    assert again.encoder_.taught_.sources == SOURCES
    assert polarity_of(again) is not None
    texts, _ = world.test
    np.testing.assert_array_equal(again.predict_proba(texts), model.predict_proba(texts))


def test_a_file_with_a_weight_and_nothing_that_taught_is_refused(
    world: World, tmp_path: Path
) -> None:
    path = tmp_path / "taught.safetensors"
    model_with(world, right()).save(path)
    stored = load_file(path)
    del stored.manifest["encoder"]["taught"]
    tensors = {k: v for k, v in stored.tensors.items() if "taught" not in k}
    save_file(path, stored.kind, stored.manifest, tensors)
    with pytest.raises(ModelFileError, match="no labels of other texts taught"):
        load(path)


def test_inspect_tells_what_taught_and_whether_it_is_used(
    world: World, run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "taught.safetensors"
    model_with(world, right()).save(path)
    card = json.loads(run("inspect", path, "--format", "json")[1])
    assert card["labels of other texts"] == {
        "films": "12 negative, 13 positive",
        "tweets": "4 negative, 0 positive",
    }
    assert card["their part of the score"].startswith("used, weight 0.")
    model_with(world, reversed_(right())).save(path)
    card = json.loads(run("inspect", path, "--format", "json")[1])
    assert card["their part of the score"].startswith("ignored: correlation with the seed words")
    model_with(world, taught_by({"nowhere": 1.0})).save(path)
    card = json.loads(run("inspect", path, "--format", "json")[1])
    assert card["their part of the score"].startswith("ignored: fewer than 30 unlabelled")


def test_inspect_says_that_seed_words_of_ones_own_leave_it_out(run: Run, tmp_path: Path) -> None:
    shipped = load("reviews-en")
    assert isinstance(shipped, SentimentClassifier)
    texts = ["A lovely room.", "A dreadful room.", "Lovely food.", "Dreadful food."] * 5
    own = SentimentClassifier(vectors=shipped, seeds=(["lovely"], ["dreadful"])).pretrain(texts)
    own.save(tmp_path / "own.safetensors")
    card = json.loads(run("inspect", tmp_path / "own.safetensors", "--format", "json")[1])
    assert card["labels of other texts"].startswith("not used")
