"""Stages one and two: vectors that ship with the package, and models adapted to other texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import cross_val_score

from sentiment_transfer import HiddenLayerClassifier, SentimentClassifier, SkipGram, load
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.polarity.seeds import seed_tokens

if TYPE_CHECKING:
    from pathlib import Path

OWN = [
    "The soup was delicious and the staff were friendly.",
    "Cold food, rude waiter, never again.",
    "Lovely terrace, tasty cake.",
    "We waited an hour and the meal was terrible.",
    "Great value and quick service.",
    "The worst pizza in town, a waste of money.",
] * 5


def shipped() -> SentimentClassifier:
    model = load("reviews-en")
    assert isinstance(model, SentimentClassifier)
    return model


def test_adapting_keeps_the_vectors_and_moves_the_centre() -> None:
    before, after = shipped(), shipped().adapt(OWN)
    assert after.vectors_.matrix.tobytes() == before.vectors_.matrix.tobytes()
    assert not np.array_equal(after.encoder_.mean_, before.encoder_.mean_)
    assert after.predict(OWN[:2]).tolist() == ["positive", "negative"]


def test_adapting_starts_the_pivot_classifier_from_the_background() -> None:
    background, adapted = shipped().encoder_.polarity_.pivot, shipped().adapt(OWN)
    alone = SentimentClassifier(vectors=adapted.vectors_).pretrain(OWN)

    def angle(a: np.ndarray, b: np.ndarray) -> float:
        return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))

    near = angle(adapted.encoder_.polarity_.pivot, background)
    far = angle(alone.encoder_.polarity_.pivot, background)
    assert near > 0.9 > far


def test_adapting_forgets_the_labels() -> None:
    model = SentimentClassifier(vectors="reviews-en").fit(["good", "bad"], ["yes", "no"])
    assert model.classes_.tolist() == ["no", "yes"]
    assert model.adapt(OWN).classes_.tolist() == ["negative", "positive"]


def test_shipped_vectors_by_name_need_no_unlabelled_text() -> None:
    model = SentimentClassifier(vectors="reviews-en")
    model.fit(["It was great.", "It was stupid."], ["positive", "negative"])
    assert model.predict(["A lovely film.", "Awful acting."]).tolist() == ["positive", "negative"]


def test_shipped_vectors_and_own_texts_are_the_shipped_model_adapted() -> None:
    own = SentimentClassifier(vectors="reviews-en").pretrain(OWN)
    texts = ["A friendly place.", "An awful meal."]
    expected = shipped().adapt(OWN).predict_proba(texts)
    np.testing.assert_array_equal(own.predict_proba(texts), expected)


def test_a_model_given_as_vectors_keeps_what_it_learnt_from_unlabelled_texts() -> None:
    labelled = ["great soup", "rude waiter"], ["positive", "negative"]
    texts = ["A friendly place.", "An awful meal."]
    adapted = shipped().adapt(OWN)
    given = SentimentClassifier(vectors=adapted).fit(*labelled)
    again = clone(given).fit(*labelled)
    expected = adapted.fit(*labelled).predict_proba(texts)
    np.testing.assert_array_equal(given.predict_proba(texts), expected)
    np.testing.assert_array_equal(again.predict_proba(texts), expected)
    assert given.training_summary_.n_adaptation_texts == len(OWN)
    assert given.explain(texts[0]).origins == adapted.explain(texts[0]).origins


def test_a_model_of_another_language_given_as_vectors_is_refused() -> None:
    model = SentimentClassifier("zh", vectors=shipped())
    with pytest.raises(SettingError, match="language='zh', but the vectors are for 'en'"):
        model.fit(["great soup", "rude waiter"], ["positive", "negative"])


def test_a_model_with_other_seed_words_gives_its_vectors_alone() -> None:
    own = SentimentClassifier(vectors=shipped(), seeds=(["friendly"], ["awful"])).pretrain(OWN)
    expected = SentimentClassifier(
        vectors=shipped().vectors_, seeds=(["friendly"], ["awful"])
    ).pretrain(OWN)
    np.testing.assert_array_equal(own.predict_proba(OWN), expected.predict_proba(OWN))


def test_shipped_vectors_take_another_head() -> None:
    model = SentimentClassifier(vectors="reviews-en", head=HiddenLayerClassifier(4))
    labels = ["positive", "negative"] * 15
    model.fit(["great soup", "rude waiter"] * 15, labels)
    assert model.predict(["great", "rude"]).tolist() == ["positive", "negative"]


def test_shipped_vectors_serve_a_task_without_seed_words_and_without_unlabelled_texts(
    tmp_path: Path,
) -> None:
    texts = [f"{what} for {n} days" for n in range(8) for what in ("a novel to read", "an actor")]
    model = SentimentClassifier(vectors="reviews-en", seeds=None).fit(texts, ["book", "film"] * 8)
    assert model.predict(["the author of the novel", "the actor on screen"]).tolist() == [
        "book",
        "film",
    ]
    encoder, known = model.encoder_, shipped().encoder_
    assert encoder.polarity_ is None
    assert encoder.taught_ is None
    np.testing.assert_array_equal(encoder.mean_, known.mean_)
    np.testing.assert_array_equal(encoder.frequencies_.counts, known.frequencies_.counts)
    model.save(tmp_path / "task.safetensors")
    again = load(tmp_path / "task.safetensors")
    assert isinstance(again, SentimentClassifier)
    np.testing.assert_allclose(again.predict_proba(OWN), model.predict_proba(OWN), atol=1e-6)
    refitted = again.fit(texts, ["book", "film"] * 8)
    np.testing.assert_allclose(refitted.predict_proba(OWN), model.predict_proba(OWN), atol=1e-6)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"vectors": "reviews-fr"}, "reviews-fr.*reviews-en, films-en.*reviews-zh.*load"),
        ({"vectors": "reviews-zh"}, "is for 'zh', not language='en'"),
        ({"vectors": "reviews-en", "seeds": (["up"], ["down"])}, "call pretrain"),
    ],
)
def test_what_cannot_go_together_is_refused(parameters: dict[str, object], message: str) -> None:
    model = SentimentClassifier(**parameters)  # type: ignore[arg-type]
    with pytest.raises(SettingError, match=message):
        model.fit(["good", "bad"], ["positive", "negative"])


def test_a_phrase_stands_for_its_negated_word_or_its_rarest() -> None:
    vectors = shipped().vectors_
    seeds = (["not disappointed", "good"], ["waste of time", "bad"])
    encoder = SentimentClassifier(vectors=vectors, seeds=seeds).pretrain(OWN).encoder_
    positive, negative = seed_tokens(encoder.seeds, encoder.vectors)
    assert positive == ["not_disappointed", "good"]
    rarest = max(("waste", "time"), key=lambda word: vectors.vocabulary.index[word])
    assert negative == [rarest, "bad"]


def test_a_prevalence_holds_for_the_texts_it_was_given_with() -> None:
    model = shipped().adapt(OWN, prevalence=0.9)
    assert model.encoder_.prevalence_ == 0.9
    assert np.mean(model.predict(OWN) == "positive") > 0.6
    assert model.adapt(OWN).encoder_.prevalence_ is None


def test_shipped_vectors_take_labels_of_another_prevalence() -> None:
    labelled = (
        ["great soup", "lovely room", "rude waiter"] * 4,
        ["positive", "positive", "negative"] * 4,
    )
    plain = SentimentClassifier(vectors="reviews-en").fit(*labelled)
    rare = SentimentClassifier(vectors="reviews-en", prevalence=0.1).fit(*labelled)
    asked = rare.predict_proba(["the waiter", "zxqv"])
    assert asked[0, 1] < plain.predict_proba(["the waiter"])[0, 1]
    assert asked[1].tolist() == [0.9, 0.1]
    same = shipped().fit(*labelled, prevalence=0.1)
    np.testing.assert_array_equal(same.predict_proba(["the waiter", "zxqv"]), asked)


def test_a_second_fit_on_shipped_vectors_starts_afresh() -> None:
    first, second = (["great soup", "rude waiter"] * 4, ["lovely film", "dull plot"] * 4)
    labels = ["positive", "negative"] * 4
    twice = SentimentClassifier(vectors="reviews-en", head=HiddenLayerClassifier(4))
    twice.fit(first, labels).fit(second, labels)
    once = SentimentClassifier(vectors="reviews-en", head=HiddenLayerClassifier(4))
    once.fit(second, labels)
    np.testing.assert_array_equal(twice.predict_proba(second), once.predict_proba(second))


def test_texts_that_cannot_serve_leave_the_model_as_it_was() -> None:
    model = shipped()
    before = model.predict_proba(OWN)
    with pytest.raises(InputError, match="none of 2"):
        model.adapt(["qwx", "qwy"])
    np.testing.assert_array_equal(model.predict_proba(OWN), before)


# ---- copies by scikit-learn


def test_a_clone_of_an_adapted_model_warns_and_names_the_parameter() -> None:
    model = shipped().adapt(OWN)
    remedy = r"SentimentClassifier\(vectors='reviews-en', unlabelled=texts\)"
    with pytest.warns(UserWarning, match=remedy):
        copy = clone(model)
    assert not copy.__sklearn_is_fitted__()
    with pytest.warns(UserWarning, match=remedy):
        cross_val_score(model, OWN[:2] * 6, ["positive", "negative"] * 6, cv=2)


def test_a_clone_of_a_pretrained_model_warns() -> None:
    model = SentimentClassifier(skipgram=SkipGram(8, epochs=1, min_count=1)).pretrain(OWN)
    with pytest.warns(UserWarning, match=r"SentimentClassifier\(unlabelled=texts\)"):
        clone(model)


@pytest.mark.filterwarnings("error")
def test_a_clone_that_learns_the_same_again_does_not_warn() -> None:
    labelled = ["great soup", "rude waiter"], ["positive", "negative"]
    clone(SentimentClassifier(vectors="reviews-en"))
    clone(SentimentClassifier(vectors="reviews-en").fit(*labelled))
    clone(SentimentClassifier(vectors=shipped().vectors_).fit(*labelled))
    texts = SentimentClassifier(vectors="reviews-en", unlabelled=OWN).fit(*labelled)
    same = clone(texts).fit(*labelled)
    np.testing.assert_array_equal(same.predict_proba(OWN), texts.predict_proba(OWN))


def test_a_clone_keeps_the_vectors_of_a_model_that_was_given() -> None:
    model = SentimentClassifier(vectors=shipped(), prevalence=0.3)
    copy = clone(model)
    assert copy.vectors is model.vectors
    assert copy.fit(["great soup", "rude waiter"], ["positive", "negative"]).prevalence == 0.3
